import BitStream
import NIOCore

/// Pictures without a camera: H.264 of the baseline profile, 1280×720, gray, that every decoder takes, as long as is
/// asked for. Specification: ITU-T H.264, 7.3.
struct SyntheticPictures {
    /// 1280×720 in macroblocks.
    private static let size = (width: 80, height: 45)
    private static let profile: (UInt8, UInt8, UInt8) = (66, 0xC0, 31)
    /// Frame numbers count modulo 16.
    private static let frameNumbers = 16

    /// The body of the sequence header's tag: an AVCDecoderConfigurationRecord behind FLV's five bytes.
    static var configuration: ByteBuffer {
        let sps = sequenceParameterSet
        let pps = pictureParameterSet
        var body = ByteBuffer(bytes: [0x17, 0, 0, 0, 0, 1, profile.0, profile.1, profile.2, 0xFF, 0xE1])
        body.writeInteger(UInt16(sps.count))
        body.writeBytes(sps)
        body.writeInteger(UInt8(1))
        body.writeInteger(UInt16(pps.count))
        body.writeBytes(pps)
        return body
    }

    private let key: ByteBuffer
    private let deltas: [ByteBuffer]

    /// - Parameters:
    ///   - keyBytes: about the length of a keyframe; never less than it needs.
    ///   - deltaBytes: about the length of another picture.
    init(keyBytes: Int, deltaBytes: Int) {
        key = Self.body(nalUnit: Self.keySlice, isKey: true, bytes: keyBytes)
        deltas = (0..<Self.frameNumbers).map { number in
            Self.body(nalUnit: Self.deltaSlice(number), isKey: false, bytes: deltaBytes)
        }
    }

    /// The tag body of a picture.
    ///
    /// - Parameter index: its place behind the keyframe, which has 0.
    func body(_ index: Int) -> ByteBuffer {
        index == 0 ? key : deltas[index % Self.frameNumbers]
    }

    private static func body(nalUnit: [UInt8], isKey: Bool, bytes: Int) -> ByteBuffer {
        var body = ByteBuffer(bytes: [isKey ? 0x17 : 0x27, 1, 0, 0, 0])
        body.writeInteger(UInt32(nalUnit.count))
        body.writeBytes(nalUnit)
        // Filler data (7.3.2.7) makes it as long as it shall be: a type, bytes of ones, the stop bit.
        let filler = bytes - body.readableBytes - 4
        guard filler > 2 else { return body }
        body.writeInteger(UInt32(filler))
        body.writeInteger(UInt8(0x0C))
        body.writeRepeatingByte(0xFF, count: filler - 2)
        body.writeInteger(UInt8(0x80))
        return body
    }

    /// 7.3.2.1.1.
    private static var sequenceParameterSet: [UInt8] {
        var bits = BitWriter()
        for byte in [0x67, profile.0, profile.1, profile.2] { bits.u(8, UInt64(byte)) }
        bits.ue(0)
        // 4 bits of frame number, and an order that follows decoding.
        bits.ue(0)
        bits.ue(2)
        bits.ue(1)
        bits.flag(false)
        bits.ue(UInt32(size.width - 1))
        bits.ue(UInt32(size.height - 1))
        // Frames, 8×8 inference, no cropping, no VUI.
        for flag in [true, true, false, false] { bits.flag(flag) }
        bits.trailingBits()
        return bits.bytes
    }

    /// 7.3.2.2.
    private static var pictureParameterSet: [UInt8] {
        var bits = BitWriter()
        bits.u(8, 0x68)
        bits.ue(0)
        bits.ue(0)
        // CAVLC, no order, one slice group, one reference each, no weights.
        bits.u(2, 0)
        for _ in 0..<3 { bits.ue(0) }
        bits.u(3, 0)
        for _ in 0..<3 { bits.se(0) }
        // No deblocking control, no constrained prediction, no redundant pictures.
        bits.u(3, 0)
        bits.trailingBits()
        return bits.bytes
    }

    /// An IDR picture of macroblocks that are predicted and have no residual. 7.3.3 and 7.3.5.
    private static var keySlice: [UInt8] {
        var bits = sliceHeader(nalUnitType: 0x65, sliceType: 7, frameNumber: 0)
        bits.ue(0)
        // dec_ref_pic_marking: neither flag; slice_qp_delta.
        bits.u(2, 0)
        bits.se(0)
        for _ in 0..<size.width * size.height {
            // I_16x16_2_0_0: predicted from the mean; the chroma likewise; no change of the quantiser; no coefficients.
            bits.ue(3)
            bits.ue(0)
            bits.se(0)
            bits.flag(true)
        }
        bits.trailingBits()
        return bits.bytes
    }

    /// A picture like the one before: all macroblocks are skipped.
    private static func deltaSlice(_ number: Int) -> [UInt8] {
        var bits = sliceHeader(nalUnitType: 0x41, sliceType: 5, frameNumber: number)
        // No override, no reordering, no marking; slice_qp_delta.
        bits.u(3, 0)
        bits.se(0)
        bits.ue(UInt32(size.width * size.height))
        bits.trailingBits()
        return bits.bytes
    }

    private static func sliceHeader(nalUnitType: UInt8, sliceType: UInt32, frameNumber: Int) -> BitWriter {
        var bits = BitWriter()
        bits.u(8, UInt64(nalUnitType))
        bits.ue(0)
        bits.ue(sliceType)
        bits.ue(0)
        bits.u(4, UInt64(frameNumber % frameNumbers))
        return bits
    }
}
