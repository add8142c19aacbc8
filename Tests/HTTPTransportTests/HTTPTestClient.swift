import FLV
import MediaTesting
import NIOCore
import Testing

/// A client that speaks HTTP by hand, so that what is on the wire is what is tested. Specification: RFC 9112.
final class HTTPTestClient {
    let socket: TestSocket
    private var unread = ByteBuffer()
    private var reader = FLVReader()
    private var flv = ByteBuffer()

    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    struct Head {
        let version: String
        let status: Int
        /// By names in small letters.
        let fields: [String: String]
    }

    struct Answer {
        let head: Head
        let body: String
        var status: Int { head.status }
    }

    init(_ socket: TestSocket) {
        self.socket = socket
    }

    /// Sends a request without a body.
    func ask(_ method: String, _ target: String, version: String = "1.1", fields: [String] = []) throws {
        let lines = ["\(method) \(target) HTTP/\(version)", "Host: localhost"] + fields
        try socket.send(lines.map { $0 + "\r\n" }.joined() + "\r\n")
    }

    func head() throws -> Head {
        let lines = try text(upTo: "\r\n\r\n").split(separator: "\r\n").map(String.init)
        let words = lines.first?.split(separator: " ", maxSplits: 2).map(String.init) ?? []
        guard words.count >= 2, words[0].hasPrefix("HTTP/"), let status = Int(words[1]) else {
            throw Broken(description: "no status line: \(lines)")
        }
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { throw Broken(description: "no field: \(line)") }
            fields[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
        }
        return Head(version: words[0], status: status, fields: fields)
    }

    /// A head and its body, by its length.
    func answer(isHead: Bool = false) throws -> Answer {
        let head = try head()
        let length = isHead || head.status == 204 ? 0 : head.fields["content-length"].flatMap { Int($0) }
        guard let length else { throw Broken(description: "a body without a length") }
        while unread.readableBytes < length { guard try readMore() else { throw Broken(description: "a cut body") } }
        return Answer(head: head, body: unread.readString(length: length) ?? "")
    }

    /// A body in chunks.
    func chunks() throws -> String {
        var text = ""
        while let bytes = try chunk() { text += String(buffer: bytes) }
        return text
    }

    /// Everything up to the connection's end.
    func rest() throws -> ByteBuffer {
        while try readMore() {}
        return unread
    }

    /// The next tag of a live stream; nil at its end. The file header is checked on the way.
    func tag(isChunked: Bool) throws -> FLVTag? {
        while true {
            switch try reader.read(from: &flv) {
            case .tag(let tag)?: return tag
            case .header(let header)?: #expect(header.version == 1)
            case nil:
                guard let bytes = try isChunked ? chunk() : plainBytes() else {
                    #expect(flv.readableBytes == 4 || flv.readableBytes == 0, "only the last tag's size is left")
                    return nil
                }
                flv.writeImmutableBuffer(bytes)
            }
        }
    }

    func tags(upTo timestamp: UInt32, isChunked: Bool = true) throws -> [FLVTag] {
        var tags: [FLVTag] = []
        while let tag = try tag(isChunked: isChunked) {
            tags.append(tag)
            if tag.timestamp >= timestamp { return tags }
        }
        throw Broken(description: "ended after \(tags.map(\.timestamp))")
    }

    /// One chunk of the chunked transfer coding; nil for the last, which is empty. Specification: RFC 9112, 7.1.
    func chunk() throws -> ByteBuffer? {
        let line = try text(upTo: "\r\n")
        guard let length = Int(line, radix: 16) else { throw Broken(description: "no chunk size: \(line)") }
        while unread.readableBytes < length + 2 {
            guard try readMore() else { throw Broken(description: "a cut chunk") }
        }
        let bytes = unread.readSlice(length: length)
        #expect(unread.readString(length: 2) == "\r\n")
        return length == 0 ? nil : bytes
    }

    private func plainBytes() throws -> ByteBuffer? {
        if unread.readableBytes == 0, try !readMore() { return nil }
        return unread.readSlice(length: unread.readableBytes)
    }

    private func text(upTo end: String) throws -> String {
        let mark = Array(end.utf8)
        var searched = 0
        while true {
            let view = unread.readableBytesView
            for index in view.indices.dropFirst(searched) where view[index...].starts(with: mark) {
                let text = unread.readString(length: index - view.startIndex)
                unread.moveReaderIndex(forwardBy: mark.count)
                return text ?? ""
            }
            searched = max(0, view.count - mark.count)
            guard try readMore() else { throw Broken(description: "closed before the end of a head") }
        }
    }

    private func readMore() throws -> Bool {
        guard let bytes = try socket.receive() else { return false }
        unread.writeImmutableBuffer(bytes)
        return true
    }
}
