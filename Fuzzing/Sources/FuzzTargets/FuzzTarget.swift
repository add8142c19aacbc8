import NIOCore

/// Everything that reads what a peer sends, each as a function of bytes.
///
/// A body traps when the code under test does, or when a promise of it is broken (``promise(_:_:)``); else it returns.
/// libFuzzer calls it with what it invents, the tests of the main package with what is committed.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// The server's and the client's handshake, each against anything, and against each other.
    case handshake
    /// A server session with an application that accepts, rejects, waits and interferes.
    case serverSession = "server-session"
    /// A client session that publishes or plays.
    case clientSession = "client-session"
    /// Chunks to messages, and the messages to chunks again.
    case chunks
    /// The payload of one RTMP message of any type.
    case messages
    /// What a message or a picture is in words.
    case words
    /// A capture file, pcap or pcapng, and the conversations in it.
    case capture
    /// URLs, stream paths and stream names.
    case names
    case amf0
    case amf3
    /// An FLV file, with all its tags' bodies.
    case flv
    /// One tag body, read and written again.
    case flvTag = "flv-tag"
    /// Exp-Golomb numbers and bits.
    case bits
    case h264
    case hevc
    /// AV1, VP9 and VP8.
    case av1
    /// AAC, Opus, FLAC, AC-3 and MPEG audio.
    case audio
    /// A stream: publishers with clocks of any kind, viewers who come and go.
    case hub
    /// Frames, sessions and handshakes of both ends.
    case webSocket = "websocket"
    /// Fragmented MP4 as it comes, and the tables of a whole one.
    case mp4
    /// MPEG-TS.
    case ts
    /// HLS playlists.
    case playlist
    /// What a player asks of a playlist.
    case directives

    /// Runs the body once.
    public func run(_ bytes: [UInt8]) {
        var input = FuzzInput(bytes)
        switch self {
        case .handshake: fuzzHandshake(&input)
        case .serverSession: fuzzServerSession(&input)
        case .clientSession: fuzzClientSession(&input)
        case .chunks: fuzzChunks(&input)
        case .messages: fuzzMessages(&input)
        case .words: fuzzWords(&input)
        case .capture: fuzzCapture(&input)
        case .names: fuzzNames(&input)
        case .amf0: fuzzAMF0(&input)
        case .amf3: fuzzAMF3(&input)
        case .flv: fuzzFLV(&input)
        case .flvTag: fuzzFLVTag(&input)
        case .bits: fuzzBits(&input)
        case .h264: fuzzH264(&input)
        case .hevc: fuzzHEVC(&input)
        case .av1: fuzzAV1(&input)
        case .audio: fuzzAudio(&input)
        case .hub: fuzzHub(&input)
        case .webSocket: fuzzWebSocket(&input)
        case .mp4: fuzzMP4(&input)
        case .ts: fuzzTS(&input)
        case .playlist: fuzzPlaylist(&input)
        case .directives: fuzzDirectives(&input)
        }
    }
}

/// Something the code under test promises; the process ends when it is not so.
func promise(_ holds: @autoclosure () -> Bool, _ what: @autoclosure () -> String) {
    guard holds() else { fatalError("broken promise: \(what())") }
}
