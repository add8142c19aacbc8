import CPage
import NIOCore

/// A file of the page, as it is served.
struct PageFile: Sendable {
    /// Its bytes, shared by all answers.
    let body: ByteBuffer
    /// The MIME type.
    let contentType: String
    /// Changes with the bytes. Specification: RFC 9110, 8.8.3.
    let etag: String

    init?(name: String, body: ByteBuffer) {
        guard let contentType = Self.contentType(of: name) else { return nil }
        self.body = body
        self.contentType = contentType
        etag = "\"\(String(Self.hash(body.readableBytesView), radix: 36))\""
    }

    private static func contentType(of name: String) -> String? {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        default: nil
        }
    }

    /// FNV-1a of 64 bits: the tag tells versions of our own files apart, nobody forges them.
    private static func hash(_ bytes: ByteBufferView) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}

/// The files that are built into the program from Sources/CPage/page: HTML, CSS and plain modules, served as they are.
enum PageFiles {
    /// By name.
    static let all: [String: PageFile] = {
        var files: [String: PageFile] = [:]
        for index in 0..<sluice_page_file_count() {
            let file = sluice_page_file_at(index)
            let name = String(cString: file.name)
            let body = ByteBuffer(bytes: UnsafeRawBufferPointer(start: file.bytes, count: file.size))
            files[name] = PageFile(name: name, body: body)
        }
        return files
    }()
}
