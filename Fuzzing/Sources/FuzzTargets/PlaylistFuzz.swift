import HLS
import NIOCore

/// The whole input is a playlist. What is understood is written so that the same is understood again, and a delta
/// update joins what it was cut from.
func fuzzPlaylist(_ input: inout FuzzInput) {
    var limits = HLSLimits()
    limits.playlistBytesMax = 64 << 10
    do throws(HLSError) {
        switch try Playlist(parsing: input.rest, limits: limits) {
        case .multivariant(let playlist):
            let again = try MultivariantPlaylist(parsing: playlist.text())
            promise(again == playlist, "a multivariant playlist survives")
        case .media(let playlist):
            let again = try MediaPlaylist(parsing: playlist.text())
            promise(again == playlist, "a media playlist survives")
        }
    } catch {
        promise(!error.description.isEmpty, "an error says something")
    }
}

/// The whole input is a query.
func fuzzDirectives(_ input: inout FuzzInput) {
    let text = String(buffer: input.rest)
    do throws(HLSError) {
        let directives = try DeliveryDirectives(query: text[...])
        let again = try DeliveryDirectives(query: directives.query[...])
        promise(again == directives, "directives survive")
    } catch {
        promise(!error.description.isEmpty, "an error says something")
    }
}
