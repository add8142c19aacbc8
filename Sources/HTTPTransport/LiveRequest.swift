import HummingbirdCore
import MediaCore
import NIOCore

/// What a request for a live stream asks for: `/{app}/{stream}.mp4?onlyVideo=1&wait=30`.
struct LiveRequest: Equatable {
    let name: StreamName
    let container: LiveContainer
    let wantsAudio: Bool
    let wantsVideo: Bool
    /// Whether of video only keyframes are sent: a picture for each group of pictures.
    let keyframesOnly: Bool
    /// How long to wait for a publisher; nil answers at once that there is no such stream.
    let wait: TimeAmount?

    /// Why a live path cannot be served.
    enum Flaw: Error, Equatable, CustomStringConvertible {
        case name(StreamName.Flaw)
        case value(key: String, value: String, expected: String)
        case nothingWanted
        case keyframesOnly(LiveContainer)

        var description: String {
            switch self {
            case .name(let flaw): "no stream can have that name: \(flaw)"
            case .value(let key, let value, let expected): "\(key)=\(value): expected \(expected)"
            case .keyframesOnly(let container): "keyframesOnly is for .mp4, not for .\(container.rawValue)"
            case .nothingWanted: "nothing is left to send"
            }
        }
    }

    /// - Parameters:
    ///   - uri: the request target.
    ///   - waitMax: longer waits are cut to it.
    /// - Returns: nil when the path is none of a live stream.
    init?(_ uri: URI, waitMax: TimeAmount) throws(Flaw) {
        let path = uri.path
        guard let dot = path.lastIndex(of: "."),
            let container = LiveContainer(rawValue: String(path[path.index(after: dot)...]))
        else { return nil }
        self.container = container
        do throws(StreamName.Flaw) {
            name = try StreamName(urlPath: path[..<dot].dropFirst())
        } catch {
            throw .name(error)
        }
        let onlyAudio = try Self.flag("onlyAudio", uri)
        let onlyVideo = try Self.flag("onlyVideo", uri)
        keyframesOnly = try Self.flag("keyframesOnly", uri)
        wantsAudio = !onlyVideo && !keyframesOnly
        wantsVideo = !onlyAudio && container != .aac
        guard wantsAudio || wantsVideo else { throw .nothingWanted }
        guard !keyframesOnly || container == .mp4 else { throw .keyframesOnly(container) }
        guard let text = uri.queryParameters["wait"].map(String.init) else {
            wait = nil
            return
        }
        guard let seconds = Int64(text), seconds > 0, seconds < 1_000_000 else {
            throw .value(key: "wait", value: text, expected: "a number of seconds")
        }
        wait = min(.seconds(seconds), waitMax)
    }

    private static func flag(_ key: String, _ uri: URI) throws(Flaw) -> Bool {
        guard let text = uri.queryParameters[Substring(key)].map(String.init) else { return false }
        switch text {
        case "1", "true", "": return true
        case "0", "false": return false
        default: throw .value(key: key, value: text, expected: "1 or 0")
        }
    }
}
