import NIOCore

/// Feeds one parser everything a peer can do to its bytes: the whole vector, one byte at a time, every two-way split,
/// every proper prefix, and every single-byte flip. A trap anywhere ends the test process, which is the point.
///
/// A parser is given as a factory of closures: each closure owns a fresh parser and is fed successive buffers. It
/// consumes what it can and returns the outputs that became complete. Bytes it leaves unread are presented again in
/// front of the next ones, as a channel handler would.
public struct ParserVerifier<Output: Equatable> {
    /// One parser's life: takes the bytes at hand, returns the outputs completed by them.
    public typealias Feed = (inout ByteBuffer) throws -> [Output]

    private let makeParser: () -> Feed

    /// - Parameter makeParser: makes a fresh parser each time it is called.
    public init(_ makeParser: @escaping () -> Feed) {
        self.makeParser = makeParser
    }

    /// What was wrong, with the bytes' position, for a test to record.
    public struct Failure: Error, CustomStringConvertible {
        /// The feeding that failed and how.
        public let description: String
    }

    /// Runs every feeding of `bytes`.
    ///
    /// - Parameters:
    ///   - bytes: one complete, valid vector.
    ///   - expected: the outputs of the whole vector, however it is cut.
    ///   - flips: the bit patterns XORed into each byte in turn; outcomes of flips may differ or throw, not trap.
    /// - Throws: ``Failure`` on the first feeding whose outputs differ from `expected`.
    public func verify(_ bytes: [UInt8], expecting expected: [Output], flips: [UInt8] = [0x01, 0x80, 0xFF]) throws {
        try check("whole", [bytes[...]], expected)
        try check("byte by byte", bytes.indices.map { bytes[$0...$0] }, expected)
        for cut in bytes.indices.dropFirst() {
            try check("split at \(cut)", [bytes[..<cut], bytes[cut...]], expected)
        }
        for length in 0..<bytes.count {
            let outputs: [Output]
            do { outputs = try feed([bytes[..<length]]) } catch {
                throw Failure(description: "prefix of \(length) bytes: threw \(error)")
            }
            guard expected.starts(with: outputs) else {
                throw Failure(description: "prefix of \(length) bytes: \(outputs)")
            }
        }
        verifyDamage(bytes, flips: flips)
    }

    /// Only the damage: every flip of every byte, whole and cut in two. Nothing is expected but survival.
    public func verifyDamage(_ bytes: [UInt8], flips: [UInt8] = [0x01, 0x80, 0xFF]) {
        for index in bytes.indices {
            for flip in flips {
                var damaged = bytes
                damaged[index] ^= flip
                _ = try? feed([damaged[...]])
                _ = try? feed([damaged[..<index], damaged[index...]])
            }
        }
    }

    private func check(_ feeding: String, _ pieces: [ArraySlice<UInt8>], _ expected: [Output]) throws {
        let outputs: [Output]
        do { outputs = try feed(pieces) } catch { throw Failure(description: "\(feeding): threw \(error)") }
        guard outputs == expected else {
            throw Failure(description: "\(feeding): got \(outputs), expected \(expected)")
        }
    }

    private func feed(_ pieces: [ArraySlice<UInt8>]) throws -> [Output] {
        let parser = makeParser()
        var outputs: [Output] = []
        var pending = ByteBuffer()
        for piece in pieces {
            pending.writeBytes(piece)
            outputs += try parser(&pending)
            pending.discardReadBytes()
        }
        return outputs
    }
}

/// Feeds a one-shot decoder (a complete value in, the value out) its whole vector, every proper prefix and every
/// single-byte flip. Prefixes and flips may throw or decode to something else; they must not trap.
///
/// - Parameters:
///   - bytes: one complete, valid vector.
///   - decode: decodes a value from the front of the buffer.
/// - Returns: the value of the whole vector.
/// - Throws: what `decode` throws on the whole vector.
@discardableResult
public func verifyOneShot<Value>(
    _ bytes: [UInt8], flips: [UInt8] = [0x01, 0x80, 0xFF], decode: (inout ByteBuffer) throws -> Value
) throws -> Value {
    var whole = ByteBuffer(bytes: bytes)
    let value = try decode(&whole)
    for length in 0..<bytes.count {
        var prefix = ByteBuffer(bytes: bytes[..<length])
        _ = try? decode(&prefix)
    }
    for index in bytes.indices {
        for flip in flips {
            var damaged = bytes
            damaged[index] ^= flip
            var buffer = ByteBuffer(bytes: damaged)
            _ = try? decode(&buffer)
        }
    }
    return value
}
