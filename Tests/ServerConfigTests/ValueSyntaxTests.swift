import ServerConfig
import Testing

@Suite("Values as operators write them")
struct ValueSyntaxTests {
    @Test(arguments: [
        ("0.0.0.0:1935", "0.0.0.0", 1935), ("127.0.0.1:0", "127.0.0.1", 0), ("[::1]:1935", "::1", 1935),
        ("[fe80::1:2]:65535", "fe80::1:2", 65535), (":1935", "0.0.0.0", 1935), ("1935", "0.0.0.0", 1935),
        ("localhost:8080", "localhost", 8080), ("edge-1.example.com:80", "edge-1.example.com", 80),
    ])
    func addressIsRead(text: String, host: String, port: Int) throws {
        #expect(try ListenAddress(parsing: text) == ListenAddress(host: host, port: port))
    }

    @Test(arguments: [
        ("", "has no port"), ("nonsense", "has no port"), ("0.0.0.0:", "has no port"), ("0.0.0.0:65536", "has no port"),
        ("0.0.0.0:-1", "has no port"), ("0.0.0.0:+1", "has no port"), ("256.0.0.1:1935", "not an IPv4 address"),
        ("1.2.3:1935", "not an IPv4 address"), ("::1:1935", "needs brackets"), ("[::1]", "looks like [::1]:1935"),
        ("[::g]:1935", "not an IPv6 address"), ("[::1]1935", "looks like [::1]:1935"),
        ("a b:1935", "not an address"), ("rtmp://0.0.0.0:1935", "needs brackets"),
    ])
    func wrongAddressIsExplained(text: String, words: String) {
        let problem = #expect(throws: ValueProblem.self) { try ListenAddress(parsing: text) }
        #expect(problem?.explanation.contains(words) == true, "\(problem?.explanation ?? "nothing thrown")")
    }

    @Test(arguments: ["0.0.0.0:1935", "[::1]:1935", "localhost:80"])
    func addressIsWrittenAsRead(text: String) throws {
        #expect(try ListenAddress(parsing: text).description == text)
    }

    @Test(
        arguments: [
            ("10s", .seconds(10)), ("250ms", .milliseconds(250)), ("1m", .seconds(60)), ("2h", .seconds(7_200)),
            ("1.5s", .milliseconds(1_500)), ("10 s", .seconds(10)), ("0", .zero), ("0ms", .zero),
        ] as [(String, Duration)])
    func durationIsRead(text: String, duration: Duration) throws {
        #expect(try ValueSyntax.duration(.zero...(.seconds(100_000))).parse(text) == duration)
    }

    @Test(arguments: [
        ("10", "needs a unit: 10ms, 10s or 10m"), ("s", "is not a time"), ("-1s", "is not a time"),
        ("1e3s", "unknown unit"), ("10 sec", "unknown unit"), ("1..2s", "is not a time"), ("", "is not a time"),
        ("601s", "out of range; it must be 1s to 10m"), ("999999999999h", "too long"),
    ])
    func wrongDurationIsExplained(text: String, words: String) {
        let problem = #expect(throws: ValueProblem.self) {
            try ValueSyntax.duration(.seconds(1)...(.seconds(600))).parse(text)
        }
        #expect(problem?.explanation.contains(words) == true, "\(problem?.explanation ?? "nothing thrown")")
    }

    @Test(arguments: [
        ("1500ms", "1500ms"), ("90s", "90s"), ("1m", "1m"), ("600s", "10m"), ("86400s", "24h"), ("0s", "0ms"),
        ("3600s", "1h"),
    ])
    func durationIsWrittenInItsBestUnit(text: String, written: String) throws {
        let syntax = ValueSyntax.duration(.zero...(.seconds(100_000)))
        #expect(syntax.format(try syntax.parse(text)) == written)
        #expect(try syntax.parse(written) == syntax.parse(text))
    }

    @Test(arguments: [
        ("1048576", 1_048_576), ("16MiB", 16 << 20), ("512KiB", 512 << 10), ("1GiB", 1 << 30), ("1MB", 1_000_000),
        ("1.5MiB", 3 << 19), ("64 KiB", 64 << 10),
    ])
    func sizeIsRead(text: String, bytes: Int) throws {
        #expect(try ValueSyntax.bytes(1...(1 << 40)).parse(text) == bytes)
    }

    @Test(arguments: ["", "MiB", "16Mb", "-1MiB", "99999999999999999999GiB", "1kib"])
    func wrongSizeIsRefused(text: String) {
        #expect(throws: ValueProblem.self) { try ValueSyntax.bytes(0...Int.max).parse(text) }
    }

    @Test(
        arguments: [
            ("0", .zero, .milliseconds(350)), ("100ms", .milliseconds(100), .milliseconds(350)),
            ("2s", .seconds(2), .seconds(2)),
            ("100ms..400ms", .milliseconds(100), .milliseconds(400)),
            ("0.1s..0.4s", .milliseconds(100), .milliseconds(400)),
            ("50ms..50ms", .milliseconds(50), .milliseconds(50)),
        ] as [(String, Duration, Duration)])
    func mergeWindowIsRead(text: String, floor: Duration, ceiling: Duration) throws {
        let window = try ValueSyntax.mergeWindow.parse(text)
        #expect(window == ServerConfiguration.MergeWindow(floor: floor, ceiling: ceiling))
        #expect(try ValueSyntax.mergeWindow.parse(ValueSyntax.mergeWindow.format(window)) == window)
    }

    @Test(arguments: [
        ("400ms..100ms", "the floor 400ms is more than the ceiling 100ms"), ("..100ms", "is not a time"),
        ("100ms..", "is not a time"), ("11s", "at most 10s"), ("0ms..11s", "at most 10s"), ("100", "needs a unit"),
    ])
    func wrongMergeWindowIsExplained(text: String, words: String) {
        let problem = #expect(throws: ValueProblem.self) { try ValueSyntax.mergeWindow.parse(text) }
        #expect(problem?.explanation.contains(words) == true, "\(problem?.explanation ?? "nothing thrown")")
    }

    @Test func wrongWordNamesTheRightOnes() {
        let problem = #expect(throws: ValueProblem.self) {
            try ValueSyntax<ServerConfiguration.Log.Level>.word.parse("waning")
        }
        #expect(
            problem?.explanation
                == "\"waning\" is not one of trace, debug, info, notice, warning, error, critical; "
                + "did you mean \"warning\"?")
    }
}
