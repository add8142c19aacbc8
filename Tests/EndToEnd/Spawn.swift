import Foundation

/// A pipe from a child; no other child inherits its ends.
struct ChildPipe {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw RunningProgram.StartError(description: "no pipe: errno \(errno)") }
        (readEnd, writeEnd) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }
}

/// Reads what there is; 0 at the end, negative when it fails.
func readSome(_ descriptor: Int32, _ buffer: inout [UInt8]) -> Int {
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count >= 0 || errno != EINTR { return count }
    }
}

/// Starts a program with nothing but its own three streams, and with no signal blocked.
///
/// Foundation's `Process` would hand down the mask of the thread that starts it, in which Dispatch blocks SIGINT; and it
/// reads past the end of its list of descriptors when a test holds more than a thousand.
func spawnProgram(
    _ path: String, _ arguments: [String], _ environment: [String], output: Int32, errors: Int32
) throws -> pid_t {
    #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_CLOEXEC_DEFAULT
    #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        let flags = POSIX_SPAWN_SETSIGMASK
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, errors, 2)
    #if !canImport(Darwin)
        closeOthersOnExec()
    #endif
    var noSignals = sigset_t()
    sigemptyset(&noSignals)
    posix_spawnattr_setsigmask(&attributes, &noSignals)
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var argumentPointers = arguments.map { strdup($0) } + [nil]
    var environmentPointers = environment.map { strdup($0) } + [nil]
    defer { for pointer in argumentPointers + environmentPointers { free(pointer) } }
    var identifier: pid_t = 0
    let failure = posix_spawn(&identifier, path, &actions, &attributes, &argumentPointers, &environmentPointers)
    guard failure == 0 else {
        throw RunningProgram.StartError(description: "\(path) cannot be started: errno \(failure)")
    }
    return identifier
}

#if !canImport(Darwin)
    /// Keeps the tests' sockets from the child: some hold thousands. Swift's Glibc has no `closefrom` of any kind.
    private func closeOthersOnExec() {
        for descriptor in Int32(3)..<8192 where fcntl(descriptor, F_GETFD) == 0 {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
    }
#endif
