import Glibc
import Testing

/// A terminal whose other end a test reads.
struct Screen: ~Copyable {
    /// What the test reads from.
    private let master: Int32
    /// What a command writes to.
    let descriptor: Int32

    /// - Parameters:
    ///   - columns: how wide it is.
    ///   - rows: how high it is.
    init(columns: UInt16, rows: UInt16) throws {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        var (reader, writer): (Int32, Int32) = (-1, -1)
        try #require(openpty(&reader, &writer, nil, nil, &size) == 0)
        (master, descriptor) = (reader, writer)
    }

    deinit {
        close(descriptor)
        close(master)
    }

    /// What was written since the last look. A terminal makes two characters of each line feed.
    func text() throws -> String {
        try read(from: master, writtenTo: descriptor).replacing("\r\n", with: "\n")
    }
}

/// A pipe, as between a command and a program that reads it.
struct Pipe: ~Copyable {
    private let reader: Int32
    /// What a command writes to.
    let descriptor: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        (reader, descriptor) = (ends[0], ends[1])
    }

    deinit {
        close(descriptor)
        close(reader)
    }

    /// Lets a full pipe be an error instead of a wait.
    func stopBlocking() throws {
        try #require(fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0)
    }

    /// What was written since the last look.
    func text() throws -> String {
        try read(from: reader, writtenTo: descriptor)
    }

    /// Exactly so many bytes, waited for.
    func bytes(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var space = [UInt8](repeating: 0, count: min(1 << 16, count - bytes.count))
            let length = Glibc.read(reader, &space, space.count)
            try #require(length > 0)
            bytes += space.prefix(length)
        }
        return bytes
    }
}

/// What was written so far: up to a mark that is written behind it, since a terminal hands on in its own time.
private func read(from reader: Int32, writtenTo writer: Int32) throws -> String {
    var mark: UInt8 = 0
    try #require(write(writer, &mark, 1) == 1)
    var bytes: [UInt8] = []
    while bytes.last != mark {
        var space = [UInt8](repeating: 0, count: 4096)
        let length = Glibc.read(reader, &space, space.count)
        try #require(length > 0)
        bytes += space.prefix(length)
    }
    return String(decoding: bytes.dropLast(), as: UTF8.self)
}
