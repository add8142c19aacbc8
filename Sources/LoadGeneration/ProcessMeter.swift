#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What processes have taken of the machine, from /proc. Source: proc(5).
package struct ProcessUsage: Sendable, Hashable {
    /// User and system time since they began.
    package var cpuMicroseconds = 0
    /// Resident memory.
    package var residentBytes = 0

    /// Nothing.
    package init() {}

    /// What processes of this machine have taken; nil when one of them is not there.
    package init?(of processes: [Int]) {
        let tickMicroseconds = 1_000_000 / max(1, sysconf(Int32(_SC_CLK_TCK)))
        let pageBytes = sysconf(Int32(_SC_PAGESIZE))
        for process in processes {
            guard let statistics = Self.text(of: "/proc/\(process)/stat"), let name = statistics.lastIndex(of: ")"),
                let memory = Self.text(of: "/proc/\(process)/statm")
            else { return nil }
            // Behind the name, which may hold anything: state, then numbers; utime and stime are the 12th and 13th.
            let fields = statistics[name...].split(separator: " ").dropFirst()
            let times = fields.dropFirst(11).prefix(2).compactMap { Int($0) }
            let pages = memory.split(separator: " ").dropFirst().first.flatMap { Int($0) }
            guard times.count == 2, let pages else { return nil }
            cpuMicroseconds += (times[0] + times[1]) * tickMicroseconds
            residentBytes += pages * pageBytes
        }
    }

    /// What this process has taken.
    package static var own: ProcessUsage {
        var usage = ProcessUsage(of: [Int(getpid())]) ?? ProcessUsage()
        var times = rusage()
        // Finer than /proc's ticks.
        if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &times) == 0 {
            usage.cpuMicroseconds =
                (times.ru_utime.tv_sec + times.ru_stime.tv_sec) * 1_000_000 + Int(times.ru_utime.tv_usec)
                + Int(times.ru_stime.tv_usec)
        }
        return usage
    }

    private static func text(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
