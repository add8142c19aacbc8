extension OpenAPIDocument {
    /// What the events of X-ray carry. Times are in milliseconds; those on a clock, of the server's wall clock.
    static let xraySchemas = #"""
              "XrayStream": {
                "type": "object",
                "required": ["name", "tracks"],
                "properties": {
                  "name": { "type": "string" },
                  "publisher": { "$ref": "#/components/schemas/Publisher" },
                  "tracks": { "type": "array", "items": { "$ref": "#/components/schemas/XrayTrack" } }
                }
              },
              "XrayTrack": {
                "type": "object",
                "required": ["kind", "track", "codec", "parameters"],
                "properties": {
                  "kind": { "type": "string", "enum": ["video", "audio"] },
                  "track": { "type": "integer" },
                  "codec": { "type": "string" },
                  "parameters": { "type": "array", "items": { "$ref": "#/components/schemas/XrayParameterSet" } }
                }
              },
              "XrayParameterSet": {
                "type": "object",
                "required": ["name", "bytes", "fields"],
                "properties": {
                  "name": { "type": "string", "description": "SPS, PPS, AudioSpecificConfig and the like." },
                  "bytes": { "type": "integer" },
                  "fields": {
                    "type": "array",
                    "description": "Each is a name, a value and its meaning.",
                    "items": { "type": "array", "items": { "type": "string" } }
                  }
                }
              },
              "XrayFrames": {
                "type": "object",
                "required": ["now", "frames"],
                "properties": {
                  "now": { "type": "number" },
                  "frames": { "type": "array", "items": { "$ref": "#/components/schemas/XrayFrame" } },
                  "skipped": { "type": "integer", "description": "Frames given up because the client read too slowly." }
                }
              },
              "XrayFrame": {
                "type": "object",
                "required": ["n", "kind", "track", "role", "bytes", "dts", "cts", "arrival"],
                "properties": {
                  "n": { "type": "integer" },
                  "kind": { "type": "string", "enum": ["video", "audio", "data"] },
                  "track": { "type": "integer" },
                  "role": { "type": "string", "enum": ["key", "delta", "configuration", "metadata", "end"] },
                  "picture": { "type": "string", "enum": ["I", "P", "B"] },
                  "nal": { "type": "string", "description": "What the picture is made of, in words." },
                  "bytes": { "type": "integer" },
                  "dts": { "type": "number", "description": "On the stream's timeline." },
                  "cts": { "type": "number", "description": "From decoding to showing." },
                  "arrival": { "type": "number" },
                  "wire": { "type": "integer", "description": "The timestamp as sent, 32 bits." },
                  "repair": { "type": "string", "enum": ["gap", "backward", "disorder", "wrap", "apart", "return"] },
                  "past": { "type": "boolean", "description": "It came before the client did." }
                }
              },
              "XrayHandshake": {
                "type": "object",
                "required": ["peer", "steps"],
                "properties": {
                  "peer": { "type": "string" },
                  "steps": { "type": "array", "items": { "$ref": "#/components/schemas/XrayStep" } }
                }
              },
              "XrayStep": {
                "type": "object",
                "required": ["at", "direction", "name", "words"],
                "properties": {
                  "at": { "type": "number" },
                  "direction": { "type": "string", "enum": ["in", "out"] },
                  "name": { "type": "string", "enum": ["C0", "C1", "C2", "S0", "S1", "S2"] },
                  "words": { "type": "string" }
                }
              },
              "XrayMessages": {
                "type": "object",
                "required": ["messages"],
                "properties": {
                  "messages": { "type": "array", "items": { "$ref": "#/components/schemas/XrayMessage" } },
                  "skipped": { "type": "integer", "description": "Messages given up because the client read too slowly." }
                }
              },
              "XrayMessage": {
                "type": "object",
                "required": ["n", "at", "direction", "typeID", "type", "messageStream", "timestamp", "bytes", "words", "chunks"],
                "properties": {
                  "n": { "type": "integer" },
                  "at": { "type": "number" },
                  "direction": { "type": "string", "enum": ["in", "out"] },
                  "typeID": { "type": "integer" },
                  "type": { "type": "string" },
                  "messageStream": { "type": "integer" },
                  "timestamp": { "type": "integer" },
                  "bytes": { "type": "integer" },
                  "words": { "type": "string" },
                  "chunks": { "type": "array", "items": { "$ref": "#/components/schemas/XrayChunk" } },
                  "moreChunks": { "type": "integer" }
                }
              },
              "XrayChunk": {
                "type": "object",
                "required": ["format", "chunkStream", "header", "payload"],
                "properties": {
                  "format": { "type": "integer" },
                  "chunkStream": { "type": "integer" },
                  "header": { "type": "integer", "description": "Bytes." },
                  "payload": { "type": "integer", "description": "Bytes." }
                }
              },
              "XrayEnding": {
                "type": "object",
                "required": ["reason"],
                "properties": { "reason": { "type": "string", "enum": ["unpublished", "gone"] } }
              }
        """#
}
