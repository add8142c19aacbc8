import MediaCore
import NIOCore
import Synchronization

/// Viewers that are written through their channel: the same log, cursor and rules, whole messages at a time.
extension Cohort {
    /// Hands over what fits under the channel's bound.
    func pump(_ viewer: Viewer, _ snapshot: BroadcastLog.Snapshot) {
        guard let index = viewer.slot, slots[index].state == .channel, slots[index].cursor < snapshot.head,
            viewer.channelBytes < configuration.channelBytesMax
        else { return }
        if slots[index].cursor < snapshot.tail {
            guard jump(viewer, from: slots[index].cursor, orEnd: .overtaken) else { return }
        } else if isLagging(slots[index].cursor, snapshot) {
            _ = jump(viewer, from: slots[index].cursor, orEnd: nil)
        }
        let cursor = slots[index].cursor
        let room = UInt64(configuration.channelBytesMax - viewer.channelBytes)
        let end = snapshot.head - cursor <= room ? snapshot.head : log.boundary(atOrAfter: cursor + room)
        var bytes = ByteBuffer()
        var position = cursor
        while position < (end ?? snapshot.head) {
            let piece = snapshot.bytes(from: position, upTo: end ?? snapshot.head)
            bytes.writeBytes(piece)
            position += UInt64(piece.count)
        }
        slots[index].cursor = position
        viewer.hasJumped = false
        start.counters.bytesSent.wrappingAdd(bytes.readableBytes, ordering: .relaxed)
        writeToChannel(bytes, viewer)
    }

    /// Makes a viewer of the descriptor one of the channel. What it has begun is completed first; the channel keeps
    /// the order.
    func deliverThroughChannel(_ viewer: Viewer) {
        guard let index = viewer.slot, viewer.descriptor != nil else { return }
        let snapshot = log.snapshot()
        let cursor = slots[index].cursor
        viewer.descriptor = nil
        slots[index].state = .channel
        viewer.blockedSince = nil
        if !viewer.isAtBoundary {
            guard cursor >= snapshot.tail, let end = log.boundary(atOrAfter: cursor) else {
                self.end(viewer, .overtaken)
                return
            }
            slots[index].cursor = end
            writeToChannel(ByteBuffer(bytes: snapshot.bytes(from: cursor, upTo: end)), viewer)
        }
        if let messages = viewer.privateMessages {
            viewer.privateMessages = nil
            writeToChannel(messages, viewer)
        }
        pump(viewer, snapshot)
    }

    func writeToChannel(_ bytes: ByteBuffer, _ viewer: Viewer) {
        viewer.channelBytes += bytes.readableBytes
        if viewer.blockedSince == nil { viewer.blockedSince = .now() }
        let promise = viewer.channel.eventLoop.makePromise(of: Void.self)
        viewer.channel.writeAndFlush(bytes, promise: promise)
        promise.futureResult.assumeIsolatedUnsafeUnchecked().whenComplete { result in
            viewer.channelBytes -= bytes.readableBytes
            viewer.blockedSince = viewer.channelBytes == 0 ? nil : .now()
            switch result {
            case .success:
                self.afterPass {
                    let snapshot = self.log.snapshot()
                    self.pump(viewer, snapshot)
                    self.endIfFinished(viewer, snapshot)
                }
            case .failure: self.afterPass { self.end(viewer, .connectionLost) }
            }
        }
    }

    private func endIfFinished(_ viewer: Viewer, _ snapshot: BroadcastLog.Snapshot) {
        guard snapshot.hasEnded, viewer.channelBytes == 0, let index = viewer.slot,
            slots[index].cursor == snapshot.head
        else { return }
        end(viewer, .streamEnded)
    }
}
