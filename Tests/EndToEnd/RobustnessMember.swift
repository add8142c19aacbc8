import Glibc

/// One connection of a crowd, and what became of it.
final class RobustnessMember {
    /// What a connection has seen, for tests.
    struct Report: Sendable {
        /// The server has accepted the play or the publication.
        var hasStarted = false
        var isClosed = false
        /// A message could not be read.
        var isDamaged = false
        /// The first and the last frame seen, or the last one sent.
        var first: UInt32?
        var last: UInt32?
        /// Frames that came without the one before; among them those that are keyframes.
        var gaps = 0
        var gapsToKeyframes = 0
    }

    /// Publishes this many frames a second, the first of each second a keyframe.
    static let framesPerSecond: UInt32 = 25

    let descriptor: CInt
    private(set) var report = Report()
    var isReading = true
    /// How fast it reads at most.
    var readBytesPerSecond: UInt64?
    private var readTime: UInt64 = 0
    /// The bytes of a frame when this is a publisher.
    private let frameBytes: Int?
    /// Whether what comes is RTMP that can be checked.
    private let isChecked: Bool
    private var reader = RobustnessReader()
    private var unsent: ArraySlice<UInt8> = []
    private var startTime: UInt64 = 0

    init(descriptor: CInt, frameBytes: Int?, isChecked: Bool) {
        self.descriptor = descriptor
        self.frameBytes = frameBytes
        self.isChecked = isChecked
    }

    func close(withReset: Bool) {
        guard !report.isClosed else { return }
        report.isClosed = true
        if withReset {
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        }
        Glibc.close(descriptor)
    }

    // MARK: Sending

    func send(_ bytes: [UInt8]) {
        unsent += bytes
        flush()
    }

    func flush() {
        while !unsent.isEmpty, !report.isClosed {
            let count = unsent.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT | MSG_NOSIGNAL))
            }
            guard count > 0 else {
                if errno != EAGAIN, errno != ENOTCONN, errno != EINPROGRESS { close(withReset: false) }
                return
            }
            unsent = unsent.dropFirst(count)
        }
    }

    /// Publishes the frames whose time has come.
    func publishDue(at nanoseconds: UInt64) {
        guard let frameBytes, report.hasStarted, !report.isClosed else { return }
        if startTime == 0 { startTime = nanoseconds }
        while true {
            let number = report.last.map { $0 + 1 } ?? 0
            let milliseconds = number * (1000 / Self.framesPerSecond)
            guard startTime + UInt64(milliseconds) * 1_000_000 <= nanoseconds else { return }
            let isKey = number % Self.framesPerSecond == 0
            send(RobustnessWire.frame(number, isKey: isKey, timestamp: milliseconds, byteCount: frameBytes))
            report.last = number
        }
    }

    // MARK: Receiving

    /// Whether it would read now. A slow one reads a little every so often.
    func wantsToRead(at nanoseconds: UInt64) -> Bool {
        guard isReading, let readBytesPerSecond else { return isReading }
        guard nanoseconds >= readTime else { return false }
        readTime = nanoseconds + UInt64(Self.slowReadBytes) * 1_000_000_000 / readBytesPerSecond
        return true
    }

    private static let slowReadBytes = 2048

    /// Reads what is there, not more than a few hundred kilobytes at once so that others have their turn.
    func receive(into space: UnsafeMutableRawBufferPointer) {
        let space =
            readBytesPerSecond == nil ? space : UnsafeMutableRawBufferPointer(rebasing: space[..<Self.slowReadBytes])
        for _ in 0..<(readBytesPerSecond == nil ? 4 : 1) where !report.isClosed {
            let count = recv(descriptor, space.baseAddress, space.count, CInt(MSG_DONTWAIT))
            guard count > 0 else {
                if count == 0 || errno != EAGAIN { close(withReset: false) }
                return
            }
            guard isChecked else { continue }
            reader.append(UnsafeRawBufferPointer(rebasing: space[..<count]))
            check()
            if count < space.count { return }
        }
    }

    private func check() {
        do {
            while let (type, payload) = try reader.next() { check(type, payload) }
        } catch {
            report.isDamaged = true
            close(withReset: false)
        }
    }

    private func check(_ type: UInt8, _ payload: ArraySlice<UInt8>) {
        if type == 20, !report.hasStarted {
            let text = String(decoding: payload, as: UTF8.self)
            report.hasStarted = text.contains("NetStream.Play.Start") || text.contains("NetStream.Publish.Start")
        }
        guard type == 9, frameBytes == nil, payload.count > 9, payload[payload.startIndex + 1] == 1 else { return }
        let number = payload.dropFirst(5).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        if payload.last != UInt8(truncatingIfNeeded: number) { report.isDamaged = true }
        if let last = report.last {
            if number <= last { report.isDamaged = true }
            if number != last + 1 {
                report.gaps += 1
                if payload.first == 0x17 { report.gapsToKeyframes += 1 }
            }
        } else {
            report.first = number
            if payload.first != 0x17 { report.isDamaged = true }
        }
        report.last = number
    }
}
