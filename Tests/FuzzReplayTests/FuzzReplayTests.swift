import FuzzTargets
import Glibc
import Testing

/// Every input that once crashed a fuzz target, and those that fuzzing begins with. An input that crashes again ends the
/// test process; its name is in the last line before, when `FUZZ_REPLAY_VERBOSE` is set.
@Suite("Fuzzing: replay")
struct FuzzReplayTests {
    @Test(arguments: FuzzTarget.allCases)
    func crashersStayFixed(_ target: FuzzTarget) throws {
        try Self.replay(target, in: "Crashers")
    }

    @Test(arguments: FuzzTarget.allCases)
    func corpusDoesNoHarm(_ target: FuzzTarget) throws {
        #expect(try Self.replay(target, in: "Corpus") > 0)
    }

    /// A target whose body reads nothing could not fail.
    @Test(arguments: FuzzTarget.allCases)
    func shortInputsAreGoodOnes(_ target: FuzzTarget) {
        target.run([])
        for first in UInt8.min...UInt8.max { target.run([first, 1, 2]) }
    }

    /// - Returns: the number of inputs.
    @discardableResult
    private static func replay(_ target: FuzzTarget, in directory: String) throws -> Int {
        let path = "\(fuzzing)/\(directory)/\(target.rawValue)"
        let isVerbose = getenv("FUZZ_REPLAY_VERBOSE") != nil
        let names = files(in: path)
        for name in names {
            if isVerbose { print("\(path)/\(name)") }
            target.run(try read("\(path)/\(name)"))
        }
        return names.count
    }

    private static let fuzzing = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/Fuzzing"

    struct Unreadable: Error {
        let path: String
    }

    private static func files(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    private static func read(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw Unreadable(path: path) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&block, 1, block.count, file), count > 0 { bytes += block[..<count] }
        return bytes
    }
}
