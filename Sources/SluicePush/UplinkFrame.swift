import Codecs
import FLV
import NIOCore

/// A tag on its way to a server.
package struct UplinkFrame: Sendable, Equatable {
    /// What a tag is to a viewer, which decides what goes first when not everything can go.
    package enum Role: Sendable, Hashable {
        /// Without it nothing that follows can be decoded, or understood: never dropped.
        case configuration(Slot)
        /// A picture that can be decoded on its own.
        case keyframe
        /// A picture that others are predicted from.
        case reference
        /// A picture that no other needs: most B pictures.
        case disposable
        /// Sound.
        case audio
        /// Captions, cue points and the like.
        case data
    }

    /// Which configuration a tag replaces.
    package enum Slot: Sendable, Hashable, CaseIterable {
        case metadata
        case video
        case audio
    }

    /// When it is decoded, in milliseconds, on a timeline that never wraps.
    package var time: Int64
    /// The tag, with the same time wrapped.
    package var tag: FLVTag
    /// What it is to a viewer.
    package var role: Role

    /// - Parameters:
    ///   - tag: its timestamp is replaced.
    ///   - time: in milliseconds.
    ///   - role: what it is to a viewer.
    package init(_ tag: FLVTag, time: Int64, role: Role) {
        self.time = time
        self.tag = tag
        self.tag.timestamp = UInt32(truncatingIfNeeded: time)
        self.role = role
    }

    /// What it costs.
    package var byteCount: Int {
        tag.body.readableBytes + FLVWriter.overheadBytes
    }

    /// Whether it is picture, sound or data, and no configuration.
    package var isMedia: Bool {
        if case .configuration = role { false } else { true }
    }

    /// Whether it is a picture.
    package var isPicture: Bool {
        switch role {
        case .keyframe, .reference, .disposable: true
        case .configuration, .audio, .data: false
        }
    }
}

/// Tells what tags are to a viewer.
package struct UplinkClassifier: Sendable {
    private var nalUnitLengthSize = 4
    /// The highest temporal sub-layer of HEVC so far: only its pictures can be without dependents.
    private var highestTemporalID: UInt8 = 0

    /// Makes a classifier that has seen nothing.
    package init() {}

    /// What a tag is; nil for what is no use to anyone: empty tags and what cannot be read.
    package mutating func role(of tag: FLVTag) -> UplinkFrame.Role? {
        do {
            switch tag.type {
            case .video: return try role(of: VideoTag(parsing: tag.body))
            case .audio: return try role(of: AudioTag(parsing: tag.body))
            case .script:
                let isMetadata =
                    ScriptData.settingDataFrame(tag.body) != tag.body
                    || ScriptData.strippingSetDataFrame(tag.body) != tag.body
                return isMetadata ? .configuration(.metadata) : .data
            default: return nil
            }
        } catch {
            return nil
        }
    }

    private func role(of tag: AudioTag) -> UplinkFrame.Role {
        switch tag.packets.first?.kind {
        case .sequenceStart, .multichannelConfig: .configuration(.audio)
        default: .audio
        }
    }

    private mutating func role(of tag: VideoTag) -> UplinkFrame.Role {
        guard let packet = tag.packets.first else { return .data }
        switch packet.kind {
        case .sequenceStart, .mpeg2TSSequenceStart:
            let format = VideoFormat(codec: packet.codec, configuration: packet.payload)
            nalUnitLengthSize = format?.nalUnitLengthSize ?? 4
            return .configuration(.video)
        case .codedFrames:
            if tag.frameType == .key || tag.frameType == .generatedKey { return .keyframe }
            return tag.frameType == .disposableInter || isDisposable(packet) ? .disposable : .reference
        case .sequenceEnd, .metadata, .command, .unknown: return .data
        }
    }

    private mutating func isDisposable(_ packet: VideoPacket) -> Bool {
        guard packet.codec == .avc1 || packet.codec == .hvc1 else { return false }
        var units = LengthPrefixedNALUnits(packet.payload, lengthSize: nalUnitLengthSize)
        var isDisposable = false
        do {
            while let unit = try units.next() {
                guard let header: UInt16 = unit.getInteger(at: unit.readerIndex) else { continue }
                let verdict = packet.codec == .avc1 ? isDisposableH264(unit) : isDisposableHEVC(unit, header)
                guard let verdict else { continue }
                guard verdict else { return false }
                isDisposable = true
            }
        } catch {
            return false
        }
        return isDisposable
    }

    /// nal_ref_idc is 0; nil for what is no slice. Specification: ISO/IEC 14496-10, 7.4.1.
    private func isDisposableH264(_ unit: ByteBuffer) -> Bool? {
        guard let type = H264NALUnitType(of: unit), type.hasSliceHeader,
            let header: UInt8 = unit.getInteger(at: unit.readerIndex)
        else { return nil }
        return header & 0x60 == 0
    }

    /// A sub-layer non-reference picture of the highest sub-layer; nil for what is no slice.
    /// Specification: ISO/IEC 23008-2, 7.4.2.2: types up to 14 that are even.
    private mutating func isDisposableHEVC(_ unit: ByteBuffer, _ header: UInt16) -> Bool? {
        guard let type = HEVCNALUnitType(of: unit), type.hasSliceHeader else { return nil }
        let temporalID = UInt8(truncatingIfNeeded: header & 0x07)
        highestTemporalID = max(highestTemporalID, temporalID)
        return type.rawValue <= 14 && type.rawValue & 1 == 0 && temporalID == highestTemporalID
    }
}
