import Codecs
import MPEGTS
import MediaTesting
import NIOCore
import Testing

private func damages(_ limits: TSLimits, _ pieces: [UInt8]...) throws -> [TSError.Code] {
    try read(ByteBuffer(bytes: Array(pieces.joined())), limits).damages
}

@Suite("MPEG-TS limits")
struct LimitTests {
    @Test func bytesWithoutAPacket() throws {
        let limits = TSLimits(syncSearchBytesMax: 1000)
        // The last 376 bytes cannot be judged yet.
        _ = try read(ByteBuffer(repeating: 1, count: 1000 + 376), limits)
        let error = #expect(throws: TSError.self) { try read(ByteBuffer(repeating: 1, count: 1001 + 376), limits) }
        #expect(error?.code == .noSync)
    }

    @Test func pesPacket() throws {
        let whole = pes(0xBD, at: 0, Array(repeating: 1, count: 500))
        let stream = packets(0x100, whole)
        #expect(try damages(TSLimits(pesBytesMax: whole.count), tables("06"), stream) == [])
        #expect(try damages(TSLimits(pesBytesMax: whole.count - 1), tables("06"), stream) == [.limitExceeded])
    }

    @Test func pesPacketsTogether() throws {
        let map = section(2, 1, "E100 F000 06 E100 F000 06 E101 F000")
        let tables = tablePacket(0, section(0, 1, "0001 F000")) + tablePacket(0x1000, map)
        let open = pes(0xBD, at: 0, Array(repeating: 1, count: 100), hasLength: false)
        let stream = packets(0x100, open) + packets(0x101, open)
        #expect(try damages(TSLimits(pendingBytesMax: 2 * open.count), tables, stream) == [])
        #expect(try damages(TSLimits(pendingBytesMax: 2 * open.count - 1), tables, stream) == [.limitExceeded])
        // What is complete no longer counts.
        let closed = pes(0xBD, at: 0, Array(repeating: 1, count: 100))
        let many = (0..<100).flatMap { packets(0x100, closed, continuity: UInt8($0)) }
        #expect(try damages(TSLimits(pendingBytesMax: closed.count), tables, many) == [])
    }

    @Test func programs() throws {
        let table = tablePacket(0, section(0, 1, "0001 F000 0002 F001"))
        #expect(try damages(TSLimits(programsMax: 2), table) == [])
        #expect(try damages(TSLimits(programsMax: 1), table) == [.limitExceeded])
    }

    @Test func streams() throws {
        let tables =
            tablePacket(0, section(0, 1, "0001 F000"))
            + tablePacket(0x1000, section(2, 1, "E100 F000 06 E100 F000 06 E101 F000"))
        #expect(try damages(TSLimits(streamsMax: 2), tables) == [])
        #expect(try damages(TSLimits(streamsMax: 1), tables) == [.limitExceeded])
    }

    @Test(arguments: [
        ("0F", "", "FFF14C80013FFC2101"), ("06", "0504 4F707573 7F02 8002", "7FE0 01 FC"),
    ])
    func unitsOfAPESPacket(_ type: String, _ descriptors: String, _ frame: String) throws {
        let stream = packets(0x100, pes(0xBD, at: 0, hex(frame + frame + frame)))
        let tables = tables(type, descriptors: descriptors)
        #expect(try damages(TSLimits(unitsPerPESMax: 3), tables, stream) == [])
        #expect(try damages(TSLimits(unitsPerPESMax: 2), tables, stream) == [.limitExceeded])
    }

    @Test func nalUnitsOfAPESPacket() throws {
        let stream = packets(0x100, pes(0xE0, at: 0, hex("000001 4188 000001 4188 000001 4188")))
        #expect(try damages(TSLimits(nalUnitsPerPESMax: 3), tables("1B"), stream) == [])
        #expect(try damages(TSLimits(nalUnitsPerPESMax: 2), tables("1B"), stream) == [.limitExceeded])
    }

    @Test func parameterSet() throws {
        let count = hex(Configurations.sps).count
        let stream = packets(0x100, pes(0xE0, at: 0, hex("000001 \(Configurations.sps) 000001 \(Configurations.pps)")))
        #expect(try damages(TSLimits(parameterSetBytesMax: count), tables("1B"), stream) == [])
        #expect(try damages(TSLimits(parameterSetBytesMax: count - 1), tables("1B"), stream) == [.limitExceeded])
    }
}

@Suite("MPEG-TS: random bytes")
struct RandomTests {
    /// Real streams with several bytes changed, and packets lost, doubled and out of order.
    @Test func damagedStreamsDoNoHarm() throws {
        var writer = try writer([
            videoTrack, audioTrack, TSTrack(.video(.hvc1), configuration: Configurations.hevc), TSTrack(.audio(.ac3)),
        ])
        var output = ByteBuffer()
        for index in 0..<8 as Range<Int64> {
            if index % 4 == 0 { writer.beginSegment(into: &output) }
            try writer.write(picture(index * 40, key: index % 4 == 0, bytes: 300), track: 0, into: &output)
            try writer.write(sound(index * 40), track: 1, into: &output)
            try writer.write(picture(index * 40, key: index % 4 == 0, bytes: 60), track: 2, into: &output)
            try writer.write(sound(index * 40, bytes: 200), track: 3, into: &output)
        }
        let whole = output.array
        var random = SplitMix64(seed: 13_818)
        for _ in 0..<300 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            var order = Array(stride(from: 0, to: bytes.count, by: 188))
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                order.swapAt(
                    Int.random(in: order.indices, using: &random), Int.random(in: order.indices, using: &random))
            }
            if Bool.random(using: &random) { order.remove(at: Int.random(in: order.indices, using: &random)) }
            let shuffled = order.flatMap { bytes[$0..<$0 + 188] }
            _ = try read(ByteBuffer(bytes: shuffled))
        }
    }

    @Test func noiseInPacketsDoesNoHarm() throws {
        var random = SplitMix64(seed: 2)
        for type in ["1B", "24", "0F", "03", "81", "87", "06", "15"] {
            for _ in 0..<50 {
                var bytes = tables(type, descriptors: type == "06" ? "0504 4F707573 7F02 8002" : "")
                for continuity in 0..<20 as Range<UInt8> {
                    let count = Int.random(in: 0...170, using: &random)
                    // Values that headers are made of, more often than chance has them.
                    let noise = (0..<count).map { _ in
                        [0, 0, 1, 0xFF, 0x0B, 0x77, 0x7F, 0xE0, UInt8.random(in: 0...255, using: &random)]
                            .randomElement(using: &random) ?? 0
                    }
                    let starts = Bool.random(using: &random)
                    let payload = starts ? Array(pes(0xE0, at: UInt64(continuity), noise, hasLength: false)) : noise
                    bytes += packet(0x100, payload, starts: starts, continuity: continuity)
                }
                _ = try read(ByteBuffer(bytes: bytes))
            }
        }
    }
}
