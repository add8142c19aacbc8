import Glibc
import NIOCore

/// How soon bytes from a publisher are read.
enum ReadPace {
    /// As they come.
    case prompt
    /// As they come until the next ones have, then patiently.
    case promptOnce
    /// When ``patientBytes`` are there. Each read costs a wake-up, some system calls and a walk through the pipeline,
    /// many times what its message costs; and while nobody watches, nobody misses a message that waits in the kernel.
    case patient

    /// At 1 Mbit/s about eight reads a second instead of 74.
    private static let patientBytes = 16 << 10

    /// Sets the socket's low-water mark. A socket that cannot (none on Linux) is read as bytes come.
    func apply(to channel: any Channel) {
        do {
            try channel.syncOptions?.setOption(
                .socketOption(NIOBSDSocket.Option(rawValue: SO_RCVLOWAT)),
                value: self == .patient ? Self.patientBytes : 1)
        } catch {
            return
        }
    }
}
