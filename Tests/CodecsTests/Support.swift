import BitStream
import Codecs
import NIOCore

/// The bytes that a text of hexadecimal digits stands for; other characters are passed over.
func hex(_ text: String) -> ByteBuffer {
    let digits = text.compactMap(\.hexDigitValue)
    let bytes = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    return ByteBuffer(bytes: bytes)
}

extension ByteBuffer {
    /// The readable bytes as an array.
    var array: [UInt8] {
        Array(readableBytesView)
    }
}

/// A writer of H.264 sequence parameter sets that encoders rarely make.
struct SPSBuilder: Sendable {
    var profile: UInt8 = 100
    var constraints: UInt8 = 0
    var level: UInt8 = 40
    var id: UInt32 = 0
    var chroma: UInt32 = 1
    var separatePlanes = false
    var depth: UInt32 = 8
    var order: UInt32 = 2
    var orderCycle: UInt32 = 0
    var references: UInt32 = 1
    var width: UInt32 = 20
    var height: UInt32 = 15
    var frameOnly = true
    var crop: [UInt32]?
    /// What follows vui_parameters_present_flag; nil for none.
    var usability: [Bool]?

    var unit: ByteBuffer {
        var writer = BitWriter()
        for byte in [profile, constraints, level] { writer.u(8, UInt64(byte)) }
        writer.ue(id)
        if profile >= 100 || profile == 44 {
            writer.ue(chroma)
            if chroma == 3 { writer.flag(separatePlanes) }
            writer.ue(depth - 8)
            writer.ue(depth - 8)
            writer.u(2, 0)
        }
        writer.ue(0)
        writer.ue(order)
        if order == 0 { writer.ue(2) }
        if order == 1 {
            writer.flag(false)
            writer.se(-3)
            writer.se(4)
            writer.ue(orderCycle)
            for index in 0..<orderCycle { writer.se(Int32(index)) }
        }
        writer.ue(references)
        writer.flag(false)
        writer.ue(width - 1)
        writer.ue(height - 1)
        writer.flag(frameOnly)
        if !frameOnly { writer.flag(true) }
        writer.flag(true)
        writer.flag(crop != nil)
        for edge in crop ?? [] { writer.ue(edge) }
        writer.flag(usability != nil)
        for bit in usability ?? [] { writer.flag(bit) }
        writer.trailingBits()
        return ByteBuffer(bytes: [0x67] + EmulationPrevention.added(to: writer.bytes))
    }
}
