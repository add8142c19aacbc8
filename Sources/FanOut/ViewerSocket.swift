import Glibc
import NIOCore

/// The kernel's side of a viewer: one send, and the options that make sends cheap.
enum ViewerSocket {
    enum SendResult {
        /// So many bytes went out; fewer than given when the kernel's buffer is full.
        case sent(Int)
        /// The connection is gone.
        case failed
    }

    /// Sends the pieces in order with one system call and never waits.
    static func send(_ pieces: UnsafeMutableBufferPointer<iovec>, to descriptor: CInt) -> SendResult {
        let flags = CInt(MSG_DONTWAIT | MSG_NOSIGNAL)
        while true {
            let count: Int
            if pieces.count == 1 {
                count = Glibc.send(descriptor, pieces[0].iov_base, pieces[0].iov_len, flags)
            } else {
                var message = msghdr()
                message.msg_iov = pieces.baseAddress
                message.msg_iovlen = pieces.count
                count = sendmsg(descriptor, &message, flags)
            }
            if count >= 0 { return .sent(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK, ENOBUFS: return .sent(0)
            default: return .failed
            }
        }
    }

    /// The congestion control to set, or nil where the kernel's default is right already or bbr is not to be had.
    /// With a loss-based control an idle connection's window collapses to ten segments, and a merged batch leaves
    /// in small pieces clocked by acknowledgements; bbr paces it out at once.
    static let congestionControl: String? = {
        let read = { (name: String) -> String in
            guard let file = fopen("/proc/sys/net/ipv4/" + name, "r") else { return "" }
            defer { fclose(file) }
            var line = [UInt8](repeating: 0, count: 256)
            let count = fread(&line, 1, line.count, file)
            return String(decoding: line[..<count], as: UTF8.self)
        }
        let current = read("tcp_congestion_control")
        guard !current.hasPrefix("bbr"), read("tcp_available_congestion_control").contains("bbr") else { return nil }
        return "bbr"
    }()

    /// Sets what a viewer's connection needs; an option that the kernel refuses is done without.
    static func prepare(_ descriptor: CInt, kernelBytesMax: Int) {
        var unsent = CInt(clamping: kernelBytesMax)
        setsockopt(
            descriptor, CInt(IPPROTO_TCP), TCP_NOTSENT_LOWAT, &unsent, socklen_t(MemoryLayout<CInt>.size))
        if let congestionControl {
            setsockopt(
                descriptor, CInt(IPPROTO_TCP), TCP_CONGESTION, congestionControl,
                socklen_t(congestionControl.utf8.count))
        }
    }
}
