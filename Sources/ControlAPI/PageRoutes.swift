import HTTPTypes
import Hummingbird

/// The page: the list of streams at "/", the player at "/watch/…", the player alone at "/embed/…", and what they are
/// made of under "/assets/". Nothing comes from elsewhere, and nothing is built.
struct PageRoutes: Sendable {
    /// Who may show a document in a frame.
    private enum Framing: String {
        case byNobody = "'none'"
        case byAnybody = "*"
    }

    func add<Context: RequestContext>(to router: Router<Context>) {
        router.get("/") { request, _ in try Self.document("index.html", .byNobody, for: request) }
        router.get("watch/{app}/{stream}") { request, _ in try Self.document("watch.html", .byNobody, for: request) }
        router.get("embed/{app}/{stream}") { request, _ in try Self.document("embed.html", .byAnybody, for: request) }
        router.get("assets/{name}") { request, context in
            let name = try context.parameters.require("name")
            // Documents have addresses of their own, with the headers that belong to them.
            guard !name.hasSuffix(".html") else { throw HTTPError(.notFound) }
            return try Self.answer(name, for: request)
        }
    }

    private static func document(_ name: String, _ framing: Framing, for request: Request) throws -> Response {
        var response = try answer(name, for: request)
        response.headers[.contentSecurityPolicy] = contentSecurityPolicy + framing.rawValue
        return response
    }

    /// A browser asks each time whether it has the newest version, so that files of two versions are never mixed.
    private static func answer(_ name: String, for request: Request) throws -> Response {
        guard let file = PageFiles.all[name] else { throw HTTPError(.notFound) }
        var headers: HTTPFields = [.cacheControl: "no-cache", .eTag: file.etag, .xContentTypeOptions: "nosniff"]
        if isKnown(file.etag, to: request.headers[.ifNoneMatch]) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = file.contentType
        headers[.contentLength] = "\(file.body.readableBytes)"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: file.body))
    }

    /// Specification: RFC 9110, 13.1.2: compared weakly, since a proxy that compresses may have weakened the tag.
    private static func isKnown(_ etag: String, to condition: String?) -> Bool {
        guard let condition else { return false }
        return condition.split(separator: ",").contains { candidate in
            let tag = candidate.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
            return tag.elementsEqual(etag) || tag.elementsEqual("W/" + etag) || tag.elementsEqual("*")
        }
    }

    /// Only what this server serves may run or be read; the media source is a blob. The list of who may frame it follows.
    private static let contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        + "media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors "
}
