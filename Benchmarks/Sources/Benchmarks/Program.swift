import Glibc

/// `swift run -c release Benchmarks [PART OF A GROUP'S NAME …]`
@main
struct Program {
    static func main() throws {
        let table = Table(filters: Array(CommandLine.arguments.dropFirst()))
        let groups: [(String, (Table) throws -> Bool)] = [
            (
                "chunks",
                {
                    Protocols.chunks($0); return true
                }
            ),
            (
                "amf",
                {
                    Protocols.amf($0); return true
                }
            ),
            (
                "flv",
                {
                    Protocols.flv($0); return true
                }
            ),
            (
                "sessions",
                {
                    Protocols.sessions($0); return true
                }
            ),
            (
                "hub",
                {
                    Hub.run($0); return true
                }
            ),
            ("fan-out", { try Viewers.run($0) }),
        ]
        print("CPU time, medians. GB/s are 10^9 bytes of payload and headers a second.")
        var isGood = true
        for (name, run) in groups where table.wants(name) {
            if try !run(table) { isGood = false }
        }
        exit(isGood ? 0 : 1)
    }
}
