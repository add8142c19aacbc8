import NIOCore

/// The beginning of an AC-3 or E-AC-3 frame, which is all the configuration these codecs have.
/// Specification: ETSI TS 102 366, 4.3.1, 4.3.2 (AC-3) and E.1.2.1, E.1.2.2 (E-AC-3).
public struct AC3SyncInfo: Sendable, Hashable {
    /// ``FourCC/ac3`` or ``FourCC/eac3``.
    public private(set) var codec: FourCC
    /// Samples a second.
    public private(set) var sampleRate: Int
    /// Channels, low frequency effects included, 1 to 6.
    public private(set) var channels: Int
    /// Bytes of the frame, header included.
    public private(set) var frameLength: Int
    /// Samples of a channel in the frame: 1536, and 256, 512 or 768 in short E-AC-3 frames.
    public private(set) var samplesPerFrame: Int

    /// - Parameter frame: a whole frame, or at least its first 8 bytes.
    /// - Throws: ``CodecError`` when it is cut short, not a frame, or a number is reserved.
    public init(_ frame: ByteBuffer) throws(CodecError) {
        let bytes = Array(frame.readableBytesView.prefix(8))
        guard bytes.count == 8 else { throw CodecError(.truncated, "syncinfo") }
        guard bytes[0] == 0x0B, bytes[1] == 0x77 else { throw CodecError(.malformed, "no AC-3 syncword") }
        // Both codecs have bsid at the same place, so that one can tell them apart.
        let bsid = Int(bytes[5] >> 3)
        var reader = SyntaxReader(Array(bytes.dropFirst(2)))
        switch bsid {
        case 0...10: try self.init(ac3: &reader, bsid: bsid)
        case 11...16: try self.init(eac3: &reader)
        default: throw CodecError(.unsupported, "bsid \(bsid)")
        }
    }

    private static let sampleRates = [48000, 44100, 32000]
    /// Table 4.5 in kbit/s, by frmsizecod / 2.
    private static let bitRates = [
        32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640,
    ]
    /// Table 4.3, by acmod.
    private static let channelCounts = [2, 1, 2, 3, 3, 4, 4, 5]

    private init(ac3 reader: inout SyntaxReader, bsid: Int) throws(CodecError) {
        codec = .ac3
        try reader.skip(16)  // crc1
        let rateCode = try reader.u(2)
        let sizeCode = try reader.u(6)
        guard rateCode < 3, sizeCode / 2 < Self.bitRates.count else { throw CodecError(.malformed, "syncinfo") }
        try reader.skip(5 + 3)  // bsid, bsmod
        let mode = try reader.u(3)
        if mode & 1 != 0, mode != 1 { try reader.skip(2) }  // cmixlev
        if mode & 4 != 0 { try reader.skip(2) }  // surmixlev
        if mode == 2 { try reader.skip(2) }  // dsurmod
        channels = Self.channelCounts[mode] + (try reader.u(1))
        samplesPerFrame = 1536
        let nominalRate = Self.sampleRates[rateCode]
        // 16-bit words; at 44.1 kHz they do not come out even and the lowest bit of the code says so.
        let words = Self.bitRates[sizeCode / 2] * 1000 * 1536 / 16 / nominalRate
        frameLength = 2 * (words + (rateCode == 1 ? sizeCode & 1 : 0))
        // bsid 9 and 10 are half and a quarter of the sample rate, by custom.
        sampleRate = nominalRate >> max(0, bsid - 8)
    }

    private init(eac3 reader: inout SyntaxReader) throws(CodecError) {
        codec = .eac3
        try reader.skip(2 + 3)  // strmtyp, substreamid
        frameLength = 2 * (try reader.u(11) + 1)
        let rateCode = try reader.u(2)
        let lowRateOrBlocks = try reader.u(2)
        if rateCode == 3 {
            guard lowRateOrBlocks < 3 else { throw CodecError(.malformed, "fscod2") }
            sampleRate = Self.sampleRates[lowRateOrBlocks] / 2
            samplesPerFrame = 1536
        } else {
            sampleRate = Self.sampleRates[rateCode]
            samplesPerFrame = 256 * [1, 2, 3, 6][lowRateOrBlocks]
        }
        let mode = try reader.u(3)
        channels = Self.channelCounts[mode] + (try reader.u(1))
    }
}
