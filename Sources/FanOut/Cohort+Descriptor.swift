import MediaCore
import NIOCore
import Synchronization

/// Viewers whose connection is slower than the stream, and viewers with something of their own to hear. The kernel
/// tells NIO when a connection takes bytes again, and NIO tells only of writes it made itself: so a few bytes of the
/// log go through the channel, and the descriptor is used again when those are out.
extension Cohort {
    /// Bytes handed to the channel when the kernel takes no more. Few, since each stalled viewer holds as many.
    private static let handOverBytes: UInt64 = 64

    func send(_ messages: ByteBuffer, to viewer: Viewer) {
        guard viewer.slot != nil else { return }
        guard viewer.descriptor != nil else {
            writeToChannel(messages, viewer)
            return
        }
        viewer.privateMessages.setOrWriteImmutableBuffer(messages)
        afterPass { if !viewer.isWaiting { self.drain(viewer) } }
    }

    /// Sends all that a viewer may have, until it has it or its connection is full.
    func drain(_ viewer: Viewer) {
        guard !viewer.isDraining else {
            viewer.drainsAgain = true
            return
        }
        viewer.isDraining = true
        defer { viewer.isDraining = false }
        repeat {
            viewer.drainsAgain = false
            while drainStep(viewer) {}
        } while viewer.drainsAgain
    }

    /// One send or one jump. - Returns: whether there may be more to do at once.
    private func drainStep(_ viewer: Viewer) -> Bool {
        guard let index = viewer.slot, !viewer.isWaiting, slots[index].state != .channel else { return false }
        let snapshot = log.snapshot()
        let cursor = slots[index].cursor
        guard cursor >= snapshot.tail else { return jump(viewer, from: cursor, orEnd: .overtaken) }
        if viewer.isAtBoundary {
            if let messages = viewer.privateMessages {
                viewer.privateMessages = nil
                write(messages, to: viewer)
                return true
            }
            if isLagging(cursor, snapshot), jump(viewer, from: cursor, orEnd: nil) { return true }
        }
        return sendHeld(viewer, index, snapshot)
    }

    private func sendHeld(_ viewer: Viewer, _ index: Int, _ snapshot: BroadcastLog.Snapshot) -> Bool {
        let cursor = slots[index].cursor
        let mustStop = viewer.privateMessages != nil || isLagging(cursor, snapshot)
        let limit = mustStop && !viewer.isAtBoundary ? log.boundary(atOrAfter: cursor) ?? snapshot.head : snapshot.head
        guard cursor < limit else {
            slots[index].state = .ready
            viewer.isAtBoundary = true
            if snapshot.hasEnded, cursor == snapshot.head { end(viewer, .streamEnded) }
            return false
        }
        var batch = SendBatch()
        batch.prepare(from: cursor, snapshot, upTo: limit)
        switch ViewerSocket.send(batch.pieces, to: slots[index].descriptor) {
        case .sent(let count):
            slots[index].cursor += UInt64(count)
            if count > 0 { viewer.hasJumped = false }
            start.counters.bytesSent.wrappingAdd(count, ordering: .relaxed)
            guard count == batch.byteCount else {
                slots[index].state = .blocked
                handOver(viewer)
                return true
            }
            viewer.isAtBoundary = log.boundary(atOrAfter: slots[index].cursor) == slots[index].cursor
            return true
        case .failed:
            end(viewer, .connectionLost)
            return false
        }
    }

    /// Gives the channel the next few bytes, so that NIO waits for the connection to take bytes again.
    func handOver(_ viewer: Viewer) {
        guard let index = viewer.slot else { return }
        let snapshot = log.snapshot()
        let cursor = slots[index].cursor
        guard cursor >= snapshot.tail else {
            end(viewer, .overtaken)
            return
        }
        let messageEnd = log.boundary(atOrAfter: cursor + 1) ?? snapshot.head
        let bytes = snapshot.bytes(from: cursor, upTo: min(cursor + Self.handOverBytes, messageEnd))
        slots[index].cursor += UInt64(bytes.count)
        viewer.isAtBoundary = slots[index].cursor == messageEnd
        write(ByteBuffer(bytes: bytes), to: viewer)
    }

    /// Writes through the channel and waits until the kernel has it.
    private func write(_ bytes: ByteBuffer, to viewer: Viewer) {
        guard let index = viewer.slot else { return }
        slots[index].state = .blocked
        viewer.blockedSince = .now()
        let promise = viewer.channel.eventLoop.makePromise(of: Void.self)
        viewer.channel.writeAndFlush(bytes, promise: promise)
        promise.futureResult.assumeIsolatedUnsafeUnchecked().whenComplete { result in
            if viewer.descriptor != nil { viewer.blockedSince = nil }
            switch result {
            case .success: self.afterPass { self.drain(viewer) }
            case .failure: self.afterPass { self.end(viewer, .connectionLost) }
            }
        }
    }

    func isLagging(_ cursor: UInt64, _ snapshot: BroadcastLog.Snapshot) -> Bool {
        let bytes = snapshot.head - cursor
        guard bytes > 0 else { return false }
        if bytes > UInt64(configuration.lagBytesMax) { return true }
        return log.lag(at: cursor).nanoseconds > configuration.lagDurationMax.nanoseconds
    }

    /// Takes a viewer to the newest join point ahead of it.
    ///
    /// - Parameter fallback: what to end the viewer with when it cannot jump; nil leaves it where it is.
    /// - Returns: whether it jumped.
    func jump(_ viewer: Viewer, from cursor: UInt64, orEnd fallback: ViewerEnd?) -> Bool {
        guard let index = viewer.slot else { return false }
        guard viewer.isAtBoundary, !viewer.hasJumped, let place = start.rejoin(), place.cursor > cursor else {
            if let fallback { end(viewer, fallback) }
            return false
        }
        start.counters.jumps.wrappingAdd(1, ordering: .relaxed)
        slots[index].cursor = place.cursor
        viewer.hasJumped = true
        if place.preamble.readableBytes > 0 { send(place.preamble, to: viewer) }
        return true
    }
}

extension Viewer {
    /// Whether the connection has yet to take what was handed to the channel.
    var isWaiting: Bool { descriptor != nil && blockedSince != nil }
}
