import NIOCore

/// A viewer's talk with its server: bytes and a time in, bytes to send and frames out. It knows no sockets.
protocol Conversation: AnyObject {
    /// What is to be sent; the owner takes from the front.
    var outbound: ByteBuffer { get set }
    /// When ``wake(at:)`` wants to be called, in monotonic nanoseconds; nil when only bytes lead on.
    var wakeTime: UInt64? { get }

    /// The connection stands, for the first time or again.
    func begin(at now: UInt64)
    /// Takes all bytes that came.
    ///
    /// - Throws: ``ScanError`` when the viewer has failed; why, in words that are the same for the same cause.
    func receive(_ raw: inout ByteBuffer, _ work: inout LoopMemory, at now: UInt64) throws(ScanError)
    /// The time has come.
    func wake(at now: UInt64)
    /// The server closed the connection: whether that is in order, and the viewer connects again.
    func connectionClosed(at now: UInt64) -> Bool
}

extension Conversation {
    var wakeTime: UInt64? { nil }
    func wake(at now: UInt64) {}
    func connectionClosed(at now: UInt64) -> Bool { false }
}

/// What all viewers of a loop share, because one uses it at a time.
struct LoopMemory {
    /// A body without its framing, behind what was left of it.
    var body = ByteBuffer()
    /// What the scanner found in it.
    var output = ScanOutput()
    /// Playlists as they were parsed last; thousands of viewers get the same.
    var playlists = PlaylistCache()
}

/// Bytes that a scanner left, until more come.
struct Leftover {
    private var bytes = ByteBuffer()

    /// Has a scanner take what was left and what came.
    mutating func scan(
        _ raw: inout ByteBuffer, _ scanner: any StreamScanner, _ work: inout LoopMemory
    ) throws(ScanError) {
        if bytes.readableBytes == 0 {
            try scanner.scan(&raw, into: &work.output)
            keep(&raw)
        } else {
            restore(into: &work.body)
            work.body.moveBytes(raw.readableBytes, from: &raw)
            try scanner.scan(&work.body, into: &work.output)
            keep(&work.body)
        }
    }

    /// Has a scanner take what was left and what comes out of a framing.
    ///
    /// - Returns: whether the body has ended.
    mutating func scan(
        _ raw: inout ByteBuffer, unwrappedBy framing: inout HTTPBodyFraming, _ scanner: any StreamScanner,
        _ work: inout LoopMemory
    ) throws(ScanError) -> Bool {
        restore(into: &work.body)
        let hasEnded = try framing.unwrap(&raw, into: &work.body)
        try scanner.scan(&work.body, into: &work.output)
        keep(&work.body)
        return hasEnded
    }

    /// Forgets what was left.
    mutating func clear() {
        bytes = ByteBuffer()
    }

    private func restore(into buffer: inout ByteBuffer) {
        buffer.clear()
        buffer.writeImmutableBuffer(bytes)
    }

    /// A copy of its own: a slice would hold the loop's memory, and have it copied at the next read.
    private mutating func keep(_ rest: inout ByteBuffer) {
        if rest.readableBytes > 0 {
            bytes = ByteBuffer(bytes: rest.readableBytesView)
            rest.clear()
        } else if bytes.readableBytes > 0 {
            bytes = ByteBuffer()
        }
    }
}
