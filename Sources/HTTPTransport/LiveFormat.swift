import FoundationEssentials
import MediaCore
import NIOCore

extension LogFormat {
    /// A live body as viewers of one framing receive it.
    ///
    /// - Parameters:
    ///   - container: what the body is made of.
    ///   - framing: how its pieces travel.
    ///   - audio: whether audio is sent.
    ///   - video: whether video is sent.
    ///   - keyframesOnly: whether of video only keyframes are sent, and no audio; for MP4.
    public static func live(
        _ container: LiveContainer, framing: LiveFraming, audio: Bool = true, video: Bool = true,
        keyframesOnly: Bool = false
    ) -> LogFormat {
        LogFormat(
            name: (framing == .webSocket ? "ws-" : "http-") + container.rawValue,
            variant: framing.variant | (keyframesOnly ? 0x10 : 0), wantsAudio: audio && !keyframesOnly,
            wantsVideo: video && container != .aac, endsWithPublication: true
        ) {
            switch container {
            case .flv: FLVRenderer(framing: framing)
            case .mp4:
                MP4Renderer(
                    MP4Format(framing: framing, audio: audio, video: video, keyframesOnly: keyframesOnly),
                    wallClock: unixNanoseconds)
            case .ts: TSRenderer(framing: framing)
            case .aac: AACRenderer(framing: framing)
            }
        }
    }

    /// Nanoseconds since 1970 at a moment, by the clock of the wall as it goes now.
    private static func unixNanoseconds(_ moment: NIODeadline) -> Int64 {
        let now = Int64(Date.now.timeIntervalSince1970 * 1e9)
        return now &+ (moment - .now()).nanoseconds
    }
}
