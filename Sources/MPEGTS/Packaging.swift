import Codecs
import NIOCore

/// What becomes of an access unit's bytes inside a PES packet. One function lists the pieces, and is used twice, to
/// measure and to write, so that the two cannot disagree.
enum Packaging: Sendable {
    /// H.264 and HEVC: Annex B.
    case nalUnits(NALUnitPackaging)
    /// AAC: each frame behind an ADTS header.
    case adts(ADTSPackaging)
    /// Opus: each packet behind a control header.
    case opus
    /// All others: as they are.
    case plain

    /// - Throws: ``TSError/Code/unsupported`` for codecs and configurations that cannot be written.
    init(_ track: TSTrack) throws(TSError) {
        do {
            switch track.content {
            case .video(.avc1):
                self = .nalUnits(NALUnitPackaging(try AVCDecoderConfigurationRecord(track.configuration)))
            case .video(.hvc1):
                self = .nalUnits(NALUnitPackaging(try HEVCDecoderConfigurationRecord(track.configuration)))
            case .audio(.mp4a):
                guard let packaging = ADTSPackaging(try AudioSpecificConfig(track.configuration)) else {
                    throw CodecError(.unsupported, "AAC that ADTS cannot say")
                }
                self = .adts(packaging)
            case .audio(.opus): self = .opus
            default: self = .plain
            }
        } catch {
            throw TSError(.unsupported, "configuration: \(error)")
        }
    }

    /// Hands over the pieces of one access unit in order.
    ///
    /// - Returns: whether the unit could be read.
    func forEachPiece(
        of unit: UnsafeRawBufferPointer, isKeyframe: Bool, _ body: (UnsafeRawBufferPointer) -> Void
    ) -> Bool {
        switch self {
        case .nalUnits(let packaging): return packaging.forEachPiece(of: unit, isKeyframe: isKeyframe, body)
        case .adts(let packaging):
            guard unit.count <= ADTSHeader.frameLengthMax - ADTSHeader.length else { return false }
            withBytes(packaging.header(payloadBytes: unit.count), count: ADTSHeader.length, body)
        case .opus:
            withBytes(UInt64(OpusInTS.ControlHeader.prefix) << 48, count: 2, body)
            for _ in 0..<unit.count / 255 { withBytes(.max, count: 1, body) }
            withBytes(UInt64(unit.count % 255) << 56, count: 1, body)
        case .plain: break
        }
        body(unit)
        return true
    }
}

/// Hands over the highest bytes of a number.
private func withBytes(_ value: UInt64, count: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
    withUnsafeBytes(of: value.bigEndian) { body(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
}

/// The ADTS header of a track; only the length differs from frame to frame.
struct ADTSPackaging: Sendable {
    /// The header with a length of 0, in the highest seven bytes.
    private let template: UInt64

    /// - Returns: nil for configurations that ADTS cannot say.
    init?(_ configuration: AudioSpecificConfig) {
        guard !configuration.hasShortFrames, var header = ADTSHeader(configuration, payloadLength: 0) else {
            return nil
        }
        header.payloadLength = -ADTSHeader.length
        var bytes = ByteBuffer()
        header.write(to: &bytes)
        template = bytes.readableBytesView.prefix(ADTSHeader.length).reduce(0) { $0 << 8 | UInt64($1) } << 8
    }

    /// aac_frame_length has its 13 bits in front of the last 13 of the header's 56.
    func header(payloadBytes: Int) -> UInt64 {
        template | UInt64(truncatingIfNeeded: payloadBytes &+ ADTSHeader.length) << 21
    }
}

/// H.264 and HEVC as a byte stream: a delimiter first, parameter sets in front of keyframes.
/// Specification: ISO/IEC 13818-1, 2.14.1 (H.264) and 2.17.1 (HEVC).
struct NALUnitPackaging: Sendable {
    private let isHEVC: Bool
    private let lengthSize: Int
    /// All parameter sets of the configuration, in Annex B.
    private let parameterSets: ByteBuffer

    init(_ record: AVCDecoderConfigurationRecord) {
        isHEVC = false
        lengthSize = record.lengthSize
        parameterSets = AnnexB.joined(
            record.sequenceParameterSets + (record.highProfileFields?.sequenceParameterSetExtensions ?? [])
                + record.pictureParameterSets)
    }

    init(_ record: HEVCDecoderConfigurationRecord) {
        isHEVC = true
        lengthSize = record.lengthSize
        parameterSets = AnnexB.joined(
            record.units(.videoParameterSet) + record.units(.sequenceParameterSet)
                + record.units(.pictureParameterSet))
    }

    private enum Kind {
        case delimiter, sequenceParameterSet, pictureParameterSet, other
    }

    private func kind(_ first: UInt8) -> Kind {
        if isHEVC {
            switch HEVCNALUnitType(rawValue: first >> 1 & 0x3F) {
            case .accessUnitDelimiter: .delimiter
            case .sequenceParameterSet: .sequenceParameterSet
            case .pictureParameterSet: .pictureParameterSet
            default: .other
            }
        } else {
            switch H264NALUnitType(rawValue: first & 0x1F) {
            case .accessUnitDelimiter: .delimiter
            case .sequenceParameterSet: .sequenceParameterSet
            case .pictureParameterSet: .pictureParameterSet
            default: .other
            }
        }
    }

    /// A delimiter that allows all kinds of slices, behind a start code.
    private var delimiter: (bytes: UInt64, count: Int) {
        isHEVC ? (0x0000_0001_4601_5000, 7) : (0x0000_0001_09F0_0000, 6)
    }

    func forEachPiece(
        of unit: UnsafeRawBufferPointer, isKeyframe: Bool, _ body: (UnsafeRawBufferPointer) -> Void
    ) -> Bool {
        var (hasSequence, hasPicture, isEmpty) = (false, false, true)
        let isWhole = forEachNALUnit(in: unit) { kind, _ in
            hasSequence = hasSequence || kind == .sequenceParameterSet
            hasPicture = hasPicture || kind == .pictureParameterSet
            isEmpty = isEmpty && kind == .delimiter
        }
        guard isWhole, !isEmpty else { return false }
        withBytes(delimiter.bytes, count: delimiter.count, body)
        // What the unit itself brings comes later and has the last word.
        if isKeyframe, !(hasSequence && hasPicture) { parameterSets.withUnsafeReadableBytes(body) }
        return forEachNALUnit(in: unit) { kind, bytes in
            guard kind != .delimiter else { return }
            withBytes(0x0000_0001_0000_0000, count: 4, body)
            body(bytes)
        }
    }

    /// - Returns: false when a length reaches beyond the end.
    private func forEachNALUnit(
        in unit: UnsafeRawBufferPointer, _ body: (Kind, UnsafeRawBufferPointer) -> Void
    ) -> Bool {
        var rest = unit[...]
        while !rest.isEmpty {
            guard rest.count >= lengthSize else { return false }
            let length = rest.prefix(lengthSize).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(lengthSize)
            guard length <= rest.count else { return false }
            if let first = rest.first, length > 0 {
                body(kind(first), UnsafeRawBufferPointer(rebasing: rest.prefix(length)))
            }
            rest = rest.dropFirst(length)
        }
        return true
    }
}
