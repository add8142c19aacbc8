import MediaCore
import NIOCore

/// How a viewer's bytes reach its connection.
public enum ViewerDelivery: Sendable {
    /// Straight to the socket's descriptor. For plain TCP, where no handler changes what is written.
    case descriptor
    /// Through the channel's pipeline, whole messages at a time: TLS, several streams on one connection, channels
    /// without a descriptor.
    case channel
}

/// One viewer of one stream: a position in the stream's log and a connection. Bound to the connection's event loop.
public final class Viewer {
    let channel: any Channel
    /// The descriptor bytes are sent to; nil for delivery through the channel.
    var descriptor: CInt?
    let cohort: Cohort
    weak var delegate: (any ViewerDelegate)?
    /// Where the cohort keeps this viewer's slot; nil once it has left.
    var slot: Int?
    /// Messages for this viewer alone that wait for the end of the message it is in.
    var privateMessages: ByteBuffer?
    /// Since when the connection has taken nothing.
    var blockedSince: NIODeadline?
    /// Whether the byte at the cursor begins a message; kept current while blocked.
    var isAtBoundary = true
    /// Whether the viewer has jumped and been sent nothing since; it jumps no further until then.
    var hasJumped = false
    /// Bytes written to the channel and not yet taken by the kernel, for delivery through the channel.
    var channelBytes = 0
    /// Guards ``Cohort/drain(_:)`` against itself: a write can complete while it is being made.
    var isDraining = false
    var drainsAgain = false

    init(channel: any Channel, descriptor: CInt?, cohort: Cohort, delegate: any ViewerDelegate) {
        self.channel = channel
        self.descriptor = descriptor
        self.cohort = cohort
        self.delegate = delegate
    }

    /// Sends whole messages to this viewer alone, between two messages of the stream.
    public func send(_ messages: ByteBuffer) {
        channel.eventLoop.assertInEventLoop()
        cohort.send(messages, to: self)
    }

    /// Ends the viewing; nothing of the stream is sent any more. A message that is half sent is not completed.
    public func leave() {
        channel.eventLoop.assertInEventLoop()
        cohort.remove(self)
    }

    /// Goes on through the channel's pipeline, so that others may write whole messages to the channel too.
    public func deliverThroughChannel() {
        channel.eventLoop.assertInEventLoop()
        cohort.deliverThroughChannel(self)
    }

    /// The position of the next byte the viewer is sent; nil once it has left.
    public var position: UInt64? {
        slot.map { cohort.slots[$0].cursor }
    }

    /// Bytes for this viewer alone that its connection has yet to take.
    public var privateBytes: Int {
        privateMessages?.readableBytes ?? 0
    }

    /// Whether the viewer's last message has been sent whole, so that other messages may follow on the connection.
    public var isBetweenMessages: Bool {
        blockedSince == nil || isAtBoundary
    }
}
