import StreamSources
import Testing

@Suite("Addresses of live streams")
struct SourceURLTests {
    @Test(arguments: [
        ("http://host/live/a.flv", "host", 80, "/live/a.flv", false),
        ("https://host:8443/a.m3u8?key=1", "host", 8443, "/a.m3u8?key=1", true),
        ("HTTP://[::1]:8080", "::1", 8080, "/", false),
        ("https://host?x", "host", 443, "/?x", true),
        ("http://host/a/./b/../c#end", "host", 80, "/a/c", false),
    ])
    func partsAreRead(text: String, host: String, port: Int, target: String, isSecure: Bool) throws {
        guard case .http(let url) = try SourceURL(parsing: text) else {
            Issue.record("no http address")
            return
        }
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.target == target)
        #expect(url.isSecure == isSecure)
    }

    @Test(arguments: [
        "", "host/live", "ftp://host/a", "http://", "http://host:0/", "http://host:65536/", "http://user:pass@host/",
        "http://host/a b", "http://[::1/", "ws://host/\r\nX: y", "rtmp://",
    ])
    func othersAreRefusedForGood(text: String) {
        do {
            _ = try SourceURL(parsing: text)
            Issue.record("was taken")
        } catch {
            #expect(!error.isTransient)
        }
    }

    @Test(arguments: [
        ("seg.ts", "http://h/live/a/seg.ts"), ("../b/seg.ts?x=1", "http://h/live/b/seg.ts?x=1"),
        ("/seg.ts", "http://h/seg.ts"), ("//other:81/seg.ts", "http://other:81/seg.ts"),
        ("https://other/seg.ts", "https://other/seg.ts"), ("?q=2", "http://h/live/a/list.m3u8?q=2"),
        ("../../../../x", "http://h/x"), (".", "http://h/live/a/"),
    ])
    func referencesAreResolved(reference: String, expected: String) throws {
        let base = try WebURL(parsing: "http://h/live/a/list.m3u8?q=1")
        let resolved = try WebURL(parsing: expected)
        #expect(base.resolving(reference) == resolved)
    }

    @Test(arguments: ["ftp://other/x", "http://", "a b"])
    func referencesElsewhereAreNone(reference: String) throws {
        let base = try WebURL(parsing: "http://h/list.m3u8")
        #expect(base.resolving(reference) == nil)
    }

    @Test func valuesOfQueriesAreNotTold() throws {
        let url = try SourceURL(parsing: "wss://host/live/a.flv?key=secret&onlyAudio=1")
        #expect(url.redacted == "wss://host/live/a.flv?key=…&onlyAudio=…")
    }
}
