import Codecs
import NIOCore

/// Makes access units of length-prefixed NAL units from PES packets of H.264 or HEVC.
/// Specification: ISO/IEC 13818-1, 2.14 (H.264) and 2.17 (HEVC).
struct VideoUnits: Sendable {
    private let isHEVC: Bool
    private let limits: TSLimits
    private var parameterSets: ParameterSets
    private var scan = NALUnitScan()
    private var hasConfiguration = false
    /// When the first unit of the last PES packet was decoded, and how long its units lasted.
    private var lastDecodeTime: TSTime?
    private var duration = TSTime(ticks: 3600)

    init(isHEVC: Bool, limits: TSLimits) {
        self.isHEVC = isHEVC
        self.limits = limits
        parameterSets = ParameterSets(isHEVC: isHEVC, bytesMax: limits.parameterSetBytesMax)
    }

    /// What a NAL unit is to an access unit.
    private enum Kind {
        /// Begins one; not passed on.
        case delimiter
        /// Goes into the configuration.
        case parameterSet(ParameterSets.Kind)
        /// Fills up the bit rate; not passed on.
        case filler
        case keySlice
        case slice
        case sei
        case other
    }

    private func kind(_ header: UInt8) -> Kind {
        isHEVC
            ? hevcKind(HEVCNALUnitType(rawValue: header >> 1 & 0x3F))
            : h264Kind(H264NALUnitType(rawValue: header & 0x1F))
    }

    private func h264Kind(_ type: H264NALUnitType) -> Kind {
        switch type {
        case .accessUnitDelimiter: .delimiter
        case .sequenceParameterSet: .parameterSet(.sequence)
        case .sequenceParameterSetExtension: .parameterSet(.sequenceExtension)
        case .pictureParameterSet: .parameterSet(.picture)
        case .fillerData: .filler
        case .idrSlice: .keySlice
        case .sei: .sei
        default: type.hasSliceHeader ? .slice : .other
        }
    }

    private func hevcKind(_ type: HEVCNALUnitType) -> Kind {
        switch type {
        case .accessUnitDelimiter: .delimiter
        case .videoParameterSet: .parameterSet(.video)
        case .sequenceParameterSet: .parameterSet(.sequence)
        case .pictureParameterSet: .parameterSet(.picture)
        case HEVCNALUnitType(rawValue: 38): .filler
        default: type.isRandomAccessPoint ? .keySlice : type.hasSliceHeader ? .slice : .other
        }
    }

    /// An access unit on its way.
    private struct Unit {
        var payload = ByteBuffer()
        var isKeyframe = false
        /// H.264: whether a recovery point message says that the pictures are right from here on.
        var isRecoveryPoint = false
        var hasSlice = false
    }

    /// Reads the access units of one PES packet.
    ///
    /// Units without a delimiter in between are taken for one; the specification wants the delimiters.
    mutating func read(
        _ payload: ByteBuffer, decodeTime: TSTime, presentationTime: TSTime, into output: inout UnitOutput
    ) {
        payload.withUnsafeReadableBytes { bytes in
            guard scan.scan(bytes, countMax: limits.nalUnitsPerPESMax) else {
                return output.damage(TSError(.limitExceeded, "more than \(limits.nalUnitsPerPESMax) NAL units"))
            }
            guard !scan.ranges.isEmpty else { return output.damage(TSError(.badUnit, "no NAL unit")) }
            let units = units(bytes, &output)
            emit(units, decodeTime: decodeTime, offset: presentationTime - decodeTime, into: &output)
        }
    }

    private mutating func units(_ bytes: UnsafeRawBufferPointer, _ output: inout UnitOutput) -> [Unit] {
        var finished: [Unit] = []
        var unit = Unit()
        for range in scan.ranges {
            let nalUnit = UnsafeRawBufferPointer(rebasing: bytes[range])
            switch kind(nalUnit[0]) {
            case .delimiter:
                if unit.hasSlice {
                    finished.append(unit)
                    unit = Unit()
                }
                continue
            case .filler: continue
            case .parameterSet(let kind):
                do { try parameterSets.insert(nalUnit, kind) } catch { output.damage(error) }
                continue
            case .sei: unit.isRecoveryPoint = unit.isRecoveryPoint || Self.isRecoveryPoint(nalUnit)
            case .keySlice: (unit.isKeyframe, unit.hasSlice) = (true, true)
            case .slice:
                if unit.isRecoveryPoint, !unit.hasSlice { unit.isKeyframe = Self.isIntra(nalUnit) }
                unit.hasSlice = true
            case .other: break
            }
            if unit.payload.capacity == 0 { unit.payload.reserveCapacity(bytes.count + scan.ranges.count) }
            unit.payload.writeInteger(UInt32(truncatingIfNeeded: nalUnit.count))
            unit.payload.writeBytes(nalUnit)
        }
        if unit.hasSlice { finished.append(unit) }
        return finished
    }

    private mutating func emit(
        _ units: [Unit], decodeTime: TSTime, offset: TSTime, into output: inout UnitOutput
    ) {
        do {
            if let configuration = try parameterSets.newConfiguration() {
                hasConfiguration = true
                output.configuration(configuration)
            }
        } catch {
            output.damage(error)
        }
        guard !units.isEmpty else { return }
        // The specification gives a time to the first unit of a PES packet only. The others follow at the pace so far.
        if let last = lastDecodeTime, decodeTime > last, decodeTime - last <= TSTime(milliseconds: 1000) {
            duration = decodeTime - last
        }
        lastDecodeTime = decodeTime
        // A viewer who joins in the middle waits for the parameter sets. It is no damage.
        guard hasConfiguration else { return }
        for (index, unit) in units.enumerated() {
            let time = decodeTime + TSTime(ticks: duration.ticks * Int64(index) / Int64(units.count))
            output.unit(
                TSAccessUnit(
                    decodeTime: time, presentationTime: time + offset, isKeyframe: unit.isKeyframe,
                    payload: unit.payload))
        }
    }

    /// Messages longer than this are captions and the like, not looked through.
    private static let seiBytesMax = 1024

    private static func isRecoveryPoint(_ unit: UnsafeRawBufferPointer) -> Bool {
        guard unit.count <= seiBytesMax else { return false }
        do {
            return try SEIMessage.messages(h264: ByteBuffer(bytes: unit)).contains {
                if case .recoveryPoint(let point) = $0.content { point.frameCount == 0 } else { false }
            }
        } catch {
            return false
        }
    }

    private static func isIntra(_ unit: UnsafeRawBufferPointer) -> Bool {
        do {
            return try H264SliceHeader(ByteBuffer(bytes: unit.prefix(64))).type == .intra
        } catch {
            return false
        }
    }
}
