import MediaCore

extension LogFormat {
    /// A live body as viewers of one framing receive it.
    ///
    /// - Parameters:
    ///   - container: what the body is made of.
    ///   - framing: how its pieces travel.
    ///   - audio: whether audio is sent.
    ///   - video: whether video is sent.
    public static func live(
        _ container: LiveContainer, framing: LiveFraming, audio: Bool = true, video: Bool = true
    ) -> LogFormat {
        LogFormat(
            name: "http-\(container)", variant: framing.variant, wantsAudio: audio, wantsVideo: video,
            endsWithPublication: true
        ) {
            switch container {
            case .flv: FLVRenderer(framing: framing)
            }
        }
    }
}
