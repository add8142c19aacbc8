import HTTPTypes
import Hummingbird
import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A JSON answer that nobody keeps: it is old in a moment.
func jsonResponse(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let body = ByteBuffer(bytes: try encoder.encode(value))
    return response(body, contentType: "application/json; charset=utf-8", status: status)
}

/// An answer of text that this program holds.
func textResponse(_ text: String, contentType: String) -> Response {
    response(ByteBuffer(string: text), contentType: contentType, status: .ok)
}

/// No header lets other origins read the API: it tells publishers' addresses.
private func response(_ body: ByteBuffer, contentType: String, status: HTTPResponse.Status) -> Response {
    var headers: HTTPFields = [.contentType: contentType, .cacheControl: "no-cache, no-store"]
    headers[.contentLength] = "\(body.readableBytes)"
    headers[.xContentTypeOptions] = "nosniff"
    return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
}
