import Codecs
import MPEGTS
import NIOCore
import Testing

/// The bytes that a text of hexadecimal digits stands for; other characters are passed over.
func hex(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

func buffer(_ text: String) -> ByteBuffer {
    ByteBuffer(bytes: hex(text))
}

extension ByteBuffer {
    /// The readable bytes as an array.
    var array: [UInt8] {
        Array(readableBytesView)
    }
}

/// Decoder configurations, by libx264 and libx265.
enum Configurations {
    static let sps = "6764001facd9405005bb0110000003001000000303c0f1831960"
    static let pps = "68ebe3cb22c0"
    static let h264 = buffer("0164001fffe1001a\(sps)010006\(pps)fdf8f800")
    static let otherSPS = "6764000af3650b13b016c8000003000800000300f078912cb0"
    static let otherH264 = buffer("0164000affe10019\(otherSPS)010006\(pps)fcf8f800")
    static let hevc = buffer(
        "01016000000090000000000078f000fcfdf8f800000f03a00001001840010c01ffff0160000003009000000300"
            + "00030078959809a10001002a420101016000000300900000030000030078a003c08010e596566924caf0168080"
            + "000003008000000f04a2000100074401c172b46240")
    /// AAC-LC, 48 kHz, stereo.
    static let aac = buffer("1190")
    static let opus = buffer("4F707573486561640102380180BB0000000000")
}

/// A length-prefixed NAL unit.
func nal(_ text: String) -> String {
    let count = hex(text).count
    return [24, 16, 8, 0].map { shift in
        let digits = String(count >> shift & 0xFF, radix: 16)
        return digits.count < 2 ? "0" + digits : digits
    }.joined() + text
}

/// A picture of some bytes.
func picture(_ milliseconds: Int64, shown: Int64? = nil, key: Bool = false, bytes: Int = 20) -> TSAccessUnit {
    var payload = ByteBuffer(integer: UInt32(bytes))
    payload.writeInteger(UInt8(key ? 0x65 : 0x41))
    payload.writeRepeatingByte(0x88, count: bytes - 1)
    return TSAccessUnit(
        decodeTime: TSTime(milliseconds: milliseconds), presentationTime: TSTime(milliseconds: shown ?? milliseconds),
        isKeyframe: key, payload: payload)
}

/// A frame of audio of some bytes.
func sound(_ milliseconds: Int64, bytes: Int = 12) -> TSAccessUnit {
    TSAccessUnit(
        decodeTime: TSTime(milliseconds: milliseconds), payload: ByteBuffer(repeating: 0x21, count: bytes))
}

/// A writer that adds nothing to times, so that what is read is what was written.
func writer(_ tracks: [TSTrack], _ change: (inout TSWriterConfiguration) -> Void = { _ in }) throws -> TSWriter {
    var configuration = TSWriterConfiguration(timeOffset: .zero)
    change(&configuration)
    return try TSWriter(tracks: tracks, configuration: configuration)
}

let videoTrack = TSTrack(.video(.avc1), configuration: Configurations.h264)
let audioTrack = TSTrack(.audio(.mp4a), configuration: Configurations.aac)

/// Reads a whole stream.
func read(_ bytes: ByteBuffer, _ limits: TSLimits = .init()) throws -> [TSReader.Element] {
    var reader = TSReader(limits: limits)
    var bytes = bytes
    var elements: [TSReader.Element] = []
    while let element = try reader.read(from: &bytes) { elements.append(element) }
    return elements + reader.finish()
}

/// A parser for the verifier: it does not say when the stream ends.
func endless(_ limits: TSLimits = .init()) -> (inout ByteBuffer) throws -> [TSReader.Element] {
    var reader = TSReader(limits: limits)
    return { bytes in
        var elements: [TSReader.Element] = []
        while let element = try reader.read(from: &bytes) { elements.append(element) }
        return elements
    }
}

extension [TSReader.Element] {
    var units: [TSAccessUnit] {
        compactMap { if case .accessUnit(_, let unit) = $0 { unit } else { nil } }
    }

    func units(_ id: UInt16) -> [TSAccessUnit] {
        compactMap { element in
            if case .accessUnit(let own, let unit) = element, own.rawValue == id { unit } else { nil }
        }
    }

    var damages: [TSError.Code] {
        compactMap { if case .damage(_, let error) = $0 { error.code } else { nil } }
    }

    var programs: [ProgramMap] {
        compactMap { if case .program(let map) = $0 { map } else { nil } }
    }

    var configurations: [ByteBuffer] {
        compactMap { if case .configuration(_, let bytes) = $0 { bytes } else { nil } }
    }
}

/// A packet taken apart without the library's help.
struct Packet {
    var bytes: [UInt8]
    var id: UInt16 { UInt16(bytes[1] & 0x1F) << 8 | UInt16(bytes[2]) }
    var startsUnit: Bool { bytes[1] & 0x40 != 0 }
    var continuity: UInt8 { bytes[3] & 0x0F }
    var hasPayload: Bool { bytes[3] & 0x10 != 0 }
    var adaptation: [UInt8] { bytes[3] & 0x20 != 0 ? Array(bytes[5..<5 + Int(bytes[4])]) : [] }
    var flags: UInt8 { adaptation.first ?? 0 }
    var payload: [UInt8] { hasPayload ? Array(bytes[(bytes[3] & 0x20 != 0 ? 5 + Int(bytes[4]) : 4)...]) : [] }

    /// The program clock reference in ticks of 90 kHz.
    var clock: Int64? {
        guard flags & 0x10 != 0 else { return nil }
        let bytes = adaptation[1..<6].map(Int64.init)
        return bytes[0] << 25 | bytes[1] << 17 | bytes[2] << 9 | bytes[3] << 1 | bytes[4] >> 7
    }
}

func packets(_ bytes: ByteBuffer) -> [Packet] {
    let bytes = bytes.array
    return stride(from: 0, to: bytes.count - 187, by: 188).map { Packet(bytes: Array(bytes[$0..<$0 + 188])) }
}

/// A packet with a payload of 184 bytes at most; what is missing is stuffed.
func packet(_ id: UInt16, _ payload: [UInt8], starts: Bool = true, continuity: UInt8 = 0, flags: UInt8 = 0) -> [UInt8] {
    var bytes: [UInt8] = [0x47, (starts ? 0x40 : 0) | UInt8(id >> 8), UInt8(id & 0xFF), 0x30 | continuity & 0x0F]
    let room = 184 - payload.count
    if room == 0 { bytes[3] &= 0x1F }
    if payload.isEmpty { bytes[3] &= 0x2F }
    if room > 0 { bytes.append(UInt8(room - 1)) }
    if room > 1 { bytes.append(flags) }
    return bytes + Array(repeating: 0xFF, count: max(0, room - 2)) + payload
}

/// A section with its checksum, computed bit by bit.
func section(
    _ tableID: UInt8, _ number: UInt16, _ body: String, version: UInt8 = 0, isCurrent: Bool = true, part: UInt8 = 0,
    last: UInt8 = 0
) -> [UInt8] {
    let body = hex(body)
    let length = body.count + 9
    var bytes = [tableID, 0xB0 | UInt8(length >> 8), UInt8(length & 0xFF), UInt8(number >> 8), UInt8(number & 0xFF)]
    bytes += [0xC0 | version << 1 | (isCurrent ? 1 : 0), part, last] + body
    var checksum = UInt32.max
    for byte in bytes {
        checksum ^= UInt32(byte) << 24
        for _ in 0..<8 { checksum = checksum & 0x8000_0000 == 0 ? checksum << 1 : checksum << 1 ^ 0x04C1_1DB7 }
    }
    return bytes + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: checksum >> $0) }
}

func tablePacket(_ id: UInt16, _ sections: [UInt8]..., continuity: UInt8 = 0) -> [UInt8] {
    let payload: [UInt8] = [0] + sections.joined()
    return packet(id, payload + Array(repeating: 0xFF, count: 184 - payload.count), continuity: continuity)
}

/// A PES packet with a time, as long as it says.
func pes(_ streamID: UInt8, at ticks: UInt64?, _ payload: [UInt8], hasLength: Bool = true) -> [UInt8] {
    var header: [UInt8] = [0x80, 0x00, 0]
    if let ticks {
        let time = [
            0x21 | UInt8(ticks >> 29) & 0x0E, UInt8(truncatingIfNeeded: ticks >> 22),
            UInt8(truncatingIfNeeded: ticks >> 14) | 1, UInt8(truncatingIfNeeded: ticks >> 7),
            UInt8(truncatingIfNeeded: ticks << 1) | 1,
        ]
        header = [0x80, 0x80, 5] + time
    }
    let length = hasLength ? header.count + payload.count : 0
    return [0, 0, 1, streamID, UInt8(length >> 8), UInt8(length & 0xFF)] + header + payload
}

/// A PES packet cut into transport packets.
func packets(_ id: UInt16, _ pes: [UInt8], continuity: UInt8 = 0) -> [UInt8] {
    stride(from: 0, to: pes.count, by: 184).enumerated().flatMap { index, start in
        packet(
            id, Array(pes[start..<min(pes.count, start + 184)]), starts: start == 0,
            continuity: continuity &+ UInt8(truncatingIfNeeded: index))
    }
}

/// Tables of program 1 with its map in 0x1000 and one stream in 0x0100.
func tables(_ streamType: String, descriptors: String = "") -> [UInt8] {
    let count = String(hex(descriptors).count, radix: 16)
    let length = String(repeating: "0", count: 3 - count.count) + count
    return tablePacket(0, section(0, 1, "0001 F000"))
        + tablePacket(0x1000, section(2, 1, "E100 F000 \(streamType) E100 F\(length) \(descriptors)"))
}
