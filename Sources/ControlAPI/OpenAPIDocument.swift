/// The API in OpenAPI 3.1. A test holds it against the routes and the reports.
package enum OpenAPIDocument {
    /// The document.
    package static let json = """
        {
          "openapi": "3.1.0",
          "info": {
            "title": "Sluice control API",
            "version": "1",
            "summary": "What a Sluice server is doing.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" }
          },
          "paths": {
        \(paths)
          },
          "components": {
            "schemas": {
        \(schemas),
        \(xraySchemas)
            }
          }
        }

        """

    private static let paths = #"""
            "/healthz": {
              "get": {
                "summary": "Whether the process is alive.",
                "responses": { "200": { "description": "It is.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/HealthReport" } } } } }
              }
            },
            "/readyz": {
              "get": {
                "summary": "Whether the server takes publishers and viewers.",
                "responses": {
                  "200": { "description": "It does.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/HealthReport" } } } },
                  "503": { "description": "It is starting or shutting down.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/HealthReport" } } } }
                }
              }
            },
            "/api/v1/server": {
              "get": {
                "summary": "The server itself.",
                "responses": { "200": { "description": "The server.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/ServerReport" } } } } }
              }
            },
            "/api/v1/streams": {
              "get": {
                "summary": "Every stream, live or awaited, by name.",
                "responses": { "200": { "description": "The streams.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/StreamList" } } } } }
              }
            },
            "/api/v1/streams/{app}/{stream}": {
              "get": {
                "summary": "One stream.",
                "parameters": [
                  { "name": "app", "in": "path", "required": true, "schema": { "type": "string" } },
                  { "name": "stream", "in": "path", "required": true, "schema": { "type": "string" } }
                ],
                "responses": {
                  "200": { "description": "The stream.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/StreamReport" } } } },
                  "404": { "description": "There is no such stream.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Failure" } } } }
                }
              }
            },
            "/api/v1/events": {
              "get": {
                "summary": "The list of streams as server-sent events.",
                "description": "Events named streams, each with a StreamList: at once, then every second while something changes.",
                "responses": {
                  "200": { "description": "Events, without end.", "content": { "text/event-stream": { "schema": { "type": "string" } } } },
                  "503": { "description": "Too many are watching already.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Failure" } } } }
                }
              }
            },
            "/api/v1/streams/{app}/{stream}/xray": {
              "get": {
                "summary": "The anatomy of one stream as server-sent events.",
                "description": "Events named stream (XrayStream), frames (XrayFrames), handshake (XrayHandshake), messages (XrayMessages) and end (XrayEnding). After end the connection stays, and goes on when the stream returns.",
                "parameters": [
                  { "name": "app", "in": "path", "required": true, "schema": { "type": "string" } },
                  { "name": "stream", "in": "path", "required": true, "schema": { "type": "string" } }
                ],
                "responses": {
                  "200": { "description": "Events, without end.", "content": { "text/event-stream": { "schema": { "type": "string" } } } },
                  "404": { "description": "There is no such stream.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Failure" } } } },
                  "503": { "description": "Too many are watching already.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Failure" } } } }
                }
              }
            },
            "/api/v1/openapi.json": {
              "get": {
                "summary": "This document.",
                "responses": { "200": { "description": "OpenAPI 3.1.", "content": { "application/json": { "schema": { "type": "object" } } } } }
              }
            }
        """#
}
