import ControlAPI
import Foundation
import HTTPTypes
import Testing

/// The folder that the page is built from: what lies in it must be what is served.
private enum PageFolder {
    static let path = String(#filePath.split(separator: "/Tests/")[0]) + "/Sources/CPage/page"
    static let names: [String] = {
        do { return try FileManager.default.contentsOfDirectory(atPath: path).sorted() } catch { return [] }
    }()
    static let scripts = names.filter { $0.hasSuffix(".js") }

    static func text(_ name: String) throws -> String {
        try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
    }
}

@Suite("The page")
struct PageTests {
    private static let documents = ["/", "/watch/live/show", "/watch/live/room%2Fcam", "/embed/live/show"]

    @Test(arguments: documents)
    func documentsAreServedAtTheirAddresses(path: String) async throws {
        let answer = try await RouterHarness().ask(path)
        #expect(answer.status == .ok)
        #expect(answer.headers[.contentType] == "text/html; charset=utf-8")
        #expect(answer.headers[.xContentTypeOptions] == "nosniff")
        #expect(answer.headers[.cacheControl] == "no-cache")
        #expect(answer.headers[.contentLength] == "\(answer.body.utf8.count)")
    }

    @Test(arguments: PageFolder.names.filter { !$0.hasSuffix(".html") })
    func everyFileOfTheFolderIsServedAsItIs(name: String) async throws {
        let answer = try await RouterHarness().ask("/assets/\(name)")
        #expect(answer.status == .ok)
        #expect(try answer.body == PageFolder.text(name))
        let types = ["js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml"]
        #expect(answer.headers[.contentType] == types[String(name.split(separator: ".")[1])])
    }

    @Test(arguments: [
        "/assets/nothing.js", "/assets/index.html", "/assets/..%2Flist.js", "/assets/", "/watch/live", "/page.js",
    ])
    func whatIsNoFileIsNotFound(path: String) async throws {
        #expect(try await RouterHarness().ask(path).status == .notFound)
    }

    @Test(arguments: [
        ("/", "frame-ancestors 'none'"), ("/watch/live/show", "frame-ancestors 'none'"),
        ("/embed/live/show", "frame-ancestors *"),
    ])
    func onlyThePlayerAloneMayBeFramed(path: String, framing: String) async throws {
        let policy = try #require(try await RouterHarness().ask(path).headers[.contentSecurityPolicy])
        #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"))
        #expect(policy.hasSuffix(framing))
        #expect(!policy.contains("unsafe"))
    }

    @Test(arguments: documents)
    func nothingComesFromElsewhere(path: String) async throws {
        let html = try await RouterHarness().ask(path).body
        for text in ["src=\"http", "href=\"http", "src=\"//", "<style", " style=", " onclick", "<script>"] {
            #expect(!html.contains(text), "\(text)")
        }
    }

    @Test func aKnownVersionIsNotSentAgain() async throws {
        let harness = RouterHarness()
        let etag = try #require(try await harness.ask("/assets/list.js").headers[.eTag])
        for condition in [etag, "W/\(etag)", "\"other\", \(etag)", "*"] {
            let answer = try await harness.ask("/assets/list.js", headers: [.ifNoneMatch: condition])
            #expect(answer.status == .notModified, "\(condition)")
            #expect(answer.body.isEmpty)
            #expect(answer.headers[.eTag] == etag)
        }
        #expect(try await harness.ask("/assets/list.js", headers: [.ifNoneMatch: "\"other\""]).status == .ok)
        #expect(try await harness.ask("/assets/card.js").headers[.eTag] != etag)
    }
}

@Suite("The page's scripts")
struct PageScriptTests {
    @Test(arguments: PageFolder.scripts)
    func strangersNamesNeverBecomeMarkup(name: String) throws {
        let script = try PageFolder.text(name)
        for call in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"] {
            #expect(!script.contains(call), "\(call)")
        }
    }

    @Test(arguments: PageFolder.scripts)
    func modulesImportOnlyWhatIsThere(name: String) throws {
        for line in try PageFolder.text(name).split(separator: "\n") where line.contains(" from \"") {
            let source = try #require(line.split(separator: "\"").dropFirst().first)
            #expect(source.hasPrefix("./") && PageFolder.names.contains(String(source.dropFirst(2))), "\(line)")
        }
    }

    @Test(arguments: [("list.js", "index.html"), ("watch.js", "watch.html"), ("embed.js", "embed.html")])
    func scriptFindsEveryElementItNames(script: String, document: String) throws {
        let (html, text) = (try PageFolder.text(document), try PageFolder.text(script))
        let names = text.split(separator: "$(\"").dropFirst().compactMap { $0.split(separator: "\"").first }
        #expect(!names.isEmpty)
        for name in names {
            #expect(html.contains("id=\"\(name)\""), "\(name)")
        }
    }

    @Test(arguments: PageFolder.names)
    func filesStayShort(name: String) throws {
        let lines = try PageFolder.text(name).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= 400)
        #expect(!lines.contains { $0.hasSuffix(" ") })
    }
}
