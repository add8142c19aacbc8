extension OpenAPIDocument {
    /// Absent properties are unknown; the required ones are always there.
    static let schemas = #"""
              "HealthReport": {
                "type": "object",
                "required": ["status"],
                "properties": { "status": { "type": "string", "enum": ["ok", "starting", "draining"] } }
              },
              "Failure": {
                "type": "object",
                "required": ["error"],
                "properties": {
                  "error": { "type": "object", "required": ["message"], "properties": { "message": { "type": "string" } } }
                }
              },
              "ServerReport": {
                "type": "object",
                "required": ["name", "version", "uptimeSeconds", "time"],
                "properties": {
                  "name": { "type": "string", "const": "sluice" },
                  "version": { "type": "string" },
                  "rtmpPort": { "type": "integer", "description": "Absent when RTMP is off." },
                  "httpPort": { "type": "integer", "description": "Absent when HTTP is off." },
                  "httpsPort": { "type": "integer", "description": "Absent when HTTPS is off." },
                  "uptimeSeconds": { "type": "number" },
                  "time": { "type": "number", "description": "The server's wall clock in milliseconds since 1970." }
                }
              },
              "StreamList": {
                "type": "object",
                "required": ["streams"],
                "properties": { "streams": { "type": "array", "items": { "$ref": "#/components/schemas/StreamReport" } } }
              },
              "StreamReport": {
                "type": "object",
                "required": ["name", "state", "tracks", "viewers", "counters", "uptimeSeconds"],
                "properties": {
                  "name": { "type": "string", "description": "The application, a slash, the stream." },
                  "state": { "type": "string", "enum": ["live", "waitingForPublisher", "waitingForReturn"] },
                  "publisher": { "$ref": "#/components/schemas/Publisher" },
                  "tracks": { "type": "array", "items": { "$ref": "#/components/schemas/Track" } },
                  "gop": { "$ref": "#/components/schemas/GOP" },
                  "viewers": { "$ref": "#/components/schemas/Viewers" },
                  "counters": { "$ref": "#/components/schemas/Counters" },
                  "segments": { "type": "array", "items": { "$ref": "#/components/schemas/SegmentsReport" } },
                  "uptimeSeconds": { "type": "number" }
                }
              },
              "Publisher": {
                "type": "object",
                "required": ["address", "protocol"],
                "properties": {
                  "address": { "type": "string" },
                  "protocol": { "type": "string" },
                  "encoder": { "type": "string", "description": "What the publisher calls itself." }
                }
              },
              "Track": {
                "type": "object",
                "required": ["kind", "track", "codec"],
                "properties": {
                  "kind": { "type": "string", "enum": ["video", "audio"] },
                  "track": { "type": "integer", "description": "0 unless the publisher sends several of a kind." },
                  "codec": { "type": "string" },
                  "profile": { "type": "string" },
                  "level": { "type": "string" },
                  "width": { "type": "integer" },
                  "height": { "type": "integer" },
                  "frameRate": { "type": "number" },
                  "sampleRate": { "type": "integer" },
                  "channels": { "type": "integer" },
                  "bitrateKbps": { "type": "integer", "description": "Over the last seconds." }
                }
              },
              "GOP": {
                "type": "object",
                "description": "The newest whole group of pictures.",
                "required": ["frames", "seconds"],
                "properties": { "frames": { "type": "integer" }, "seconds": { "type": "number" } }
              },
              "Viewers": {
                "type": "object",
                "required": ["total", "protocols"],
                "properties": {
                  "total": { "type": "integer" },
                  "protocols": { "type": "object", "additionalProperties": { "type": "integer" } }
                }
              },
              "SegmentsReport": {
                "type": "object",
                "description": "How the stream is cut into segments for HLS and MPEG-DASH, in one container.",
                "required": [
                  "container", "segments", "windowSeconds", "bytesInMemory", "bytesOnDisk", "lostSegments",
                  "waitingRequests"
                ],
                "properties": {
                  "container": { "type": "string", "enum": ["cmaf", "ts"] },
                  "segments": { "type": "integer" },
                  "windowSeconds": { "type": "number", "description": "How far back a viewer can go." },
                  "bytesInMemory": { "type": "integer" },
                  "bytesOnDisk": { "type": "integer" },
                  "lostSegments": { "type": "integer", "description": "Gaps, since they could not be written." },
                  "waitingRequests": { "type": "integer" },
                  "problem": { "type": "string", "description": "Absent when all is well." }
                }
              },
              "Counters": {
                "type": "object",
                "required": ["framesIn", "bytesIn", "timestampRepairs", "viewerSkips", "viewersStuck"],
                "properties": {
                  "framesIn": { "type": "integer" },
                  "bytesIn": { "type": "integer" },
                  "timestampRepairs": { "type": "integer" },
                  "viewerSkips": { "type": "integer" },
                  "viewersStuck": { "type": "integer" }
                }
              }
        """#
}
