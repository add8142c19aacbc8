import RTMP
import Testing

@Suite("RTMP URLs and stream names")
struct RTMPURLTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let text: String
        let host: String
        let port: Int
        let app: String
        let stream: String
        let tcURL: String

        init(_ text: String, _ host: String, _ port: Int, _ app: String, _ stream: String, _ tcURL: String) {
            (self.text, self.host, self.port) = (text, host, port)
            (self.app, self.stream, self.tcURL) = (app, stream, tcURL)
        }

        var testDescription: String { text }
    }

    static let vectors = [
        Vector("rtmp://host/live/cam", "host", 1935, "live", "cam", "rtmp://host/live"),
        Vector("rtmp://host:1936/live/cam?key=a/b", "host", 1936, "live", "cam?key=a/b", "rtmp://host:1936/live"),
        Vector("RTMPS://host/live/cam", "host", 443, "live", "cam", "rtmps://host/live"),
        Vector("rtmp://[::1]:1935/live/cam", "::1", 1935, "live", "cam", "rtmp://[::1]/live"),
        Vector(
            "rtmp://[fe80::1%25eth0]/live/cam", "fe80::1%25eth0", 1935, "live", "cam", "rtmp://[fe80::1%25eth0]/live"),
        Vector("rtmp://10.0.0.1/app/room/cam", "10.0.0.1", 1935, "app/room", "cam", "rtmp://10.0.0.1/app/room"),
        Vector("rtmp://h/app/room/cam/a", "h", 1935, "app/room", "cam/a", "rtmp://h/app/room"),
        Vector("rtmp://h/app/mp4:dir/file", "h", 1935, "app", "mp4:dir/file", "rtmp://h/app"),
        Vector("rtmp://h/app/cam/", "h", 1935, "app", "cam/", "rtmp://h/app"),
        Vector("rtmp://user:pw@h/app/cam", "h", 1935, "app", "cam", "rtmp://h/app"),
        Vector("rtmp://h/live", "h", 1935, "live", "", "rtmp://h/live"),
        Vector("rtmp://h", "h", 1935, "", "", "rtmp://h/"),
    ]

    @Test(arguments: vectors)
    func urlIsCutAsFFmpegCutsIt(vector: Vector) throws {
        let url = try RTMPURL(parsing: vector.text)
        #expect(url.host == vector.host && url.port == vector.port)
        #expect(url.app == vector.app && url.streamName == vector.stream)
        #expect(url.tcURL == vector.tcURL)
    }

    @Test func serverAndStreamKeyAreKeptApart() throws {
        let url = try RTMPURL(server: "rtmp://h/a/b/", streamKey: "cam/1?key=k")
        #expect(url.app == "a/b" && url.streamName == "cam/1?key=k")
    }

    @Test(arguments: [
        ("http://h/a/b", RTMPURL.ParseError.schemeUnsupported), ("h/a/b", .schemeUnsupported), ("", .schemeUnsupported),
        ("rtmp://", .hostInvalid), ("rtmp:///live/cam", .hostInvalid), ("rtmp://[::1/a", .hostInvalid),
        ("rtmp://[g]/a", .hostInvalid), ("rtmp://a b/c", .hostInvalid), ("rtmp://h:/a", .portInvalid),
        ("rtmp://h:0/a", .portInvalid), ("rtmp://h:65536/a", .portInvalid), ("rtmp://h:x/a", .portInvalid),
        ("rtmp://h:+1/a", .portInvalid), ("rtmp://[::1]1/a", .portInvalid),
    ])
    func whatIsNoURLIsRefused(text: String, error: RTMPURL.ParseError) {
        #expect(throws: error) { try RTMPURL(parsing: text) }
        #expect(!error.description.isEmpty)
    }

    struct PathVector: Sendable {
        let app: String
        let name: String
        let path: String
        let key: String?
    }

    @Test(arguments: [
        PathVector(app: "live", name: "cam?key=k", path: "live/cam", key: "k"),
        PathVector(app: "live/room", name: "cam", path: "live/room/cam", key: nil),
        PathVector(app: "live", name: "room/cam", path: "live/room/cam", key: nil),
        PathVector(app: "/live//", name: "//cam/", path: "live/cam", key: nil),
        PathVector(app: "live?key=a", name: "cam", path: "live/cam", key: "a"),
        PathVector(app: "live?key=a", name: "cam?key=n", path: "live/cam", key: "n"),
        PathVector(app: "", name: "cam?key", path: "cam", key: ""),
        PathVector(app: "live", name: "?key=%41%2f%zz%4", path: "live", key: "A/%zz%4"),
        PathVector(app: "live", name: "cam?&=&x=1&key=a+b=c?d", path: "live/cam", key: "a+b=c?d"),
        PathVector(app: "live", name: "cam?key=%FF", path: "live/cam", key: "\u{FFFD}"),
    ])
    func pathAndKeyAreFoundHoweverTheEncoderCutThem(vector: PathVector) {
        let stream = StreamPath(app: vector.app, name: vector.name)
        #expect(stream.path == vector.path)
        #expect(stream.query["key"] == vector.key)
    }

    @Test func queryKeepsOrderAndRepeats() {
        let query = StreamQuery(parsing: "a=1&b=2", "a=3")
        #expect(query.items.map(\.name) == ["a", "b", "a"] && query.items.map(\.value) == ["1", "2", "3"])
        #expect(query["a"] == "1" && query["c"] == nil)
        #expect(StreamQuery(parsing: "&&").isEmpty)
    }
}
