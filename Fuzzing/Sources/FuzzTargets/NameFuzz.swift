import MediaCore
import NIOCore
import RTMP

/// The whole input is text; a line break parts an application from a name.
func fuzzNames(_ input: inout FuzzInput) {
    let text = String(buffer: input.rest)
    let halves = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let first = halves.first ?? ""
    let second = halves.count > 1 ? halves[1] : ""
    do throws(RTMPURL.ParseError) {
        let url = try RTMPURL(parsing: text)
        promise((1...65535).contains(url.port), "port \(url.port)")
        // The application and the name may hold anything, so only the server's part is asked for again.
        let again = try RTMPURL(parsing: url.tcURL + "/" + url.streamName).host
        promise(again == url.host, "the host survives")
    } catch {
        promise(!error.description.isEmpty, "an error says something")
    }
    do throws(RTMPURL.ParseError) { _ = try RTMPURL(server: first, streamKey: second).tcURL } catch {}
    let path = StreamPath(app: first, name: second)
    promise(!path.name.contains("?"), "the query is not in the name")
    _ = (path.path, path.query["key"], path.query.isEmpty)
    checkStreamName(try? StreamName(application: first, stream: second))
    checkStreamName(try? StreamName(path: text))
    checkStreamName(try? StreamName(urlPath: text))
    checkStreamName(try? StreamName(application: path.app, stream: path.name))
}

private func checkStreamName(_ name: StreamName?) {
    guard let name else { return }
    let text = name.description
    promise(text.utf8.count <= StreamName.bytesMax, "a name within its limit")
    promise(!text.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "no control characters")
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    promise(!parts.contains { $0.isEmpty || $0 == "." || $0 == ".." }, "no part that is a place")
}
