import BitStream
import Codecs
import NIOCore

/// The parameter sets that a video stream has brought, of which its decoder configuration is made.
struct ParameterSets: Sendable {
    /// What a set describes.
    enum Kind: Sendable, Hashable, CaseIterable {
        case video, sequence, sequenceExtension, picture
    }

    private let isHEVC: Bool
    private let bytesMax: Int
    private var sets: [Kind: [Int: ByteBuffer]] = [:]
    private var hasChanged = false

    init(isHEVC: Bool, bytesMax: Int) {
        self.isHEVC = isHEVC
        self.bytesMax = bytesMax
    }

    /// Takes a set; one that is known changes nothing.
    ///
    /// - Parameter bytes: the NAL unit, header included.
    /// - Throws: ``TSError``, when it cannot be read or is too long; it has been left out then.
    mutating func insert(_ bytes: UnsafeRawBufferPointer, _ kind: Kind) throws(TSError) {
        guard bytes.count <= bytesMax else {
            throw TSError(.limitExceeded, "parameter set of \(bytes.count) bytes")
        }
        let unit = ByteBuffer(bytes: bytes)
        if sets[kind]?.values.contains(unit) == true { return }
        let id: Int
        do { id = try identifier(of: unit, kind) } catch { throw TSError(.badUnit, "\(kind) parameter set: \(error)") }
        sets[kind, default: [:]][id] = unit
        hasChanged = true
    }

    private func identifier(of unit: ByteBuffer, _ kind: Kind) throws(CodecError) -> Int {
        switch (kind, isHEVC) {
        case (.video, _): return try HEVCVideoParameterSet(unit).id
        case (.sequence, false): return try H264SequenceParameterSet(unit).id
        case (.sequence, true): return try HEVCSequenceParameterSet(unit).id
        case (.picture, false): return try H264PictureParameterSet(unit).id
        case (.picture, true): return try Self.firstNumber(of: unit, behindBits: 16, 0...63)
        case (.sequenceExtension, _): return try Self.firstNumber(of: unit, behindBits: 8, 0...31)
        }
    }

    /// pps_pic_parameter_set_id of HEVC (7.3.2.3.1), seq_parameter_set_id of H.264's extension (7.3.2.1.2).
    private static func firstNumber(
        of unit: ByteBuffer, behindBits: Int, _ range: ClosedRange<Int>
    ) throws(CodecError) -> Int {
        var reader = BitReader(EmulationPrevention.removed(from: unit, bytesMax: 16))
        guard reader.skip(behindBits) != nil, let number = reader.ue() else {
            throw CodecError(.truncated, "parameter_set_id")
        }
        guard range.contains(Int(number)) else { throw CodecError(.malformed, "parameter_set_id is \(number)") }
        return Int(number)
    }

    /// The decoder configuration, when sets have come that it did not have before and none is missing.
    ///
    /// - Throws: ``TSError`` when the sets do not make one.
    mutating func newConfiguration() throws(TSError) -> ByteBuffer? {
        guard hasChanged, has(.sequence), has(.picture), has(.video) || !isHEVC else { return nil }
        hasChanged = false
        var bytes = ByteBuffer()
        do {
            if isHEVC {
                let record = try HEVCDecoderConfigurationRecord(
                    videoParameterSets: units(.video), sequenceParameterSets: units(.sequence),
                    pictureParameterSets: units(.picture))
                record.write(to: &bytes)
            } else {
                var record = try AVCDecoderConfigurationRecord(
                    sequenceParameterSets: units(.sequence), pictureParameterSets: units(.picture))
                record.highProfileFields?.sequenceParameterSetExtensions = units(.sequenceExtension)
                record.write(to: &bytes)
            }
        } catch {
            throw TSError(.badUnit, "parameter sets: \(error)")
        }
        return bytes
    }

    private func has(_ kind: Kind) -> Bool {
        sets[kind]?.isEmpty == false
    }

    private func units(_ kind: Kind) -> [ByteBuffer] {
        sets[kind, default: [:]].sorted { $0.key < $1.key }.map(\.value)
    }
}
