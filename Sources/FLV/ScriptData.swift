import AMF
import NIOCore

/// The body of a script tag or of an RTMP data message: a name, then values in AMF 0.
/// Source: Adobe FLV 10.1, E.4.4.
public struct ScriptData: Sendable, Equatable {
    /// The handler's name, such as "onMetaData".
    public var name: String
    /// What follows the name.
    public var values: [AMF0Value]

    /// Makes script data; see the properties.
    public init(name: String, values: [AMF0Value]) {
        self.name = name
        self.values = values
    }

    /// The name of a stream's description.
    public static let onMetaDataName = "onMetaData"

    /// Reads a body to its end.
    ///
    /// - Throws: ``FLVError`` with ``FLVError/Code/malformedScript`` when the body is not AMF 0, does not begin with a
    ///   string, or passes a limit.
    public init(parsing body: ByteBuffer, limits: AMFLimits = .init()) throws(FLVError) {
        var body = body
        let values: [AMF0Value]
        do { values = try AMF0Value.decodeAll(from: &body, limits: limits) } catch {
            throw FLVError(.malformedScript, error.description)
        }
        guard let name = values.first?.string else {
            throw FLVError(.malformedScript, "no name")
        }
        self.init(name: name, values: Array(values.dropFirst()))
    }

    /// Writes the name and the values.
    public func write(into buffer: inout ByteBuffer) {
        AMF0Value.string(name).write(into: &buffer)
        for value in values { value.write(into: &buffer) }
    }

    /// The body without a leading "@setDataFrame", which tells a server to keep what follows and is not meant for
    /// viewers. Source: Adobe, "Adding metadata to a live stream", NetStream.send.
    public static func strippingSetDataFrame(_ body: ByteBuffer) -> ByteBuffer {
        var rest = body
        guard rest.readBytes(length: setDataFrame.count) == setDataFrame else { return body }
        return rest.slice()
    }

    /// An "onMetaData" body with "@setDataFrame" in front, as a publisher sends it; any other body as it is.
    /// Source: Adobe, "Adding metadata to a live stream", NetStream.send.
    public static func settingDataFrame(_ body: ByteBuffer) -> ByteBuffer {
        guard body.readableBytesView.starts(with: onMetaData) else { return body }
        var whole = ByteBuffer(bytes: setDataFrame)
        whole.writeImmutableBuffer(body)
        return whole
    }

    /// The string "onMetaData" as AMF 0 has it.
    private static let onMetaData: [UInt8] = [0x02, 0x00, 0x0A] + Array(onMetaDataName.utf8)

    /// The string "@setDataFrame" as AMF 0 has it.
    private static let setDataFrame: [UInt8] = [0x02, 0x00, 0x0D] + Array("@setDataFrame".utf8)
}
