import Codecs
import NIOCore

/// A codec and its configuration, as the box for it in a sample entry has it.
struct CodecBox {
    var codec: FourCC
    /// As ``FourCC`` says.
    var configuration: ByteBuffer

    init(codec: FourCC, configuration: ByteBuffer = ByteBuffer()) {
        self.codec = codec
        self.configuration = configuration
    }
}

// MARK: Reading

extension CodecBox {
    /// The configuration of a video sample entry; empty for unknown entries.
    init(video entry: BoxType, in boxes: [Box]) throws(ISOBMFFError) {
        switch entry {
        case .avc1, .avc3:
            self.init(codec: .avc1, configuration: try boxes.required(.avcC, in: entry).payload)
        case .hvc1, .hev1:
            self.init(codec: .hvc1, configuration: try boxes.required(.hvcC, in: entry).payload)
        case .vvc1, .vvi1:
            // ISO/IEC 14496-15, 11.2.4.2.
            self.init(codec: .vvc1, configuration: try Self.fullBoxBody(try boxes.required(.vvcC, in: entry)))
        case .av01:
            self.init(codec: .av01, configuration: try boxes.required(.av1C, in: entry).payload)
        case .vp09, .vp08:
            // VP Codec ISO Media File Format Binding, "VP Codec Configuration Box".
            self.init(
                codec: FourCC(rawValue: entry.rawValue),
                configuration: try Self.fullBoxBody(try boxes.required(.vpcC, in: entry)))
        default: self.init(codec: FourCC(rawValue: entry.rawValue))
        }
    }

    /// The configuration of an audio sample entry; empty for unknown entries.
    init(audio entry: BoxType, in boxes: [Box]) throws(ISOBMFFError) {
        switch entry {
        case .mp4a:
            let stream = try ElementaryStreamDescriptor(parsing: try boxes.required(.esds, in: entry))
            self.init(codec: stream.codec, configuration: stream.decoderSpecificInfo)
        case .mp3: self.init(codec: .mp3)
        case .opus: self.init(codec: .opus, configuration: try Self.opusHead(try boxes.required(.dOps, in: entry)))
        case .flac:
            // Encapsulation of FLAC in ISO Base Media File Format, 3.3.2: metadata blocks, STREAMINFO first.
            var configuration = ByteBuffer(integer: BoxType.flac.rawValue)
            configuration.writeImmutableBuffer(try Self.fullBoxBody(try boxes.required(.dfLa, in: entry)))
            self.init(codec: .flac, configuration: configuration)
        case .ac3: self.init(codec: .ac3, configuration: try boxes.required(.dac3, in: entry).payload)
        case .eac3: self.init(codec: .eac3, configuration: try boxes.required(.dec3, in: entry).payload)
        default: self.init(codec: FourCC(rawValue: entry.rawValue))
        }
    }

    private static func fullBoxBody(_ box: Box) throws(ISOBMFFError) -> ByteBuffer {
        var fields = FieldReader(box)
        _ = try fields.versionAndFlags()
        return fields.bytes
    }

    /// OpusSpecificBox: OpusHead with another version and the other byte order.
    /// Specification: Encapsulation of Opus in ISO Base Media File Format, 4.3.2.
    private static func opusHead(_ box: Box) throws(ISOBMFFError) -> ByteBuffer {
        var fields = FieldReader(box)
        let version: UInt8 = try fields.integer()
        guard version == 0 else { throw ISOBMFFError(.unsupported, "dOps version \(version)") }
        var head = OpusHead(channels: Int(try fields.integer(UInt8.self)))
        head.preSkip = try fields.integer()
        head.inputSampleRate = try fields.integer()
        head.outputGain = try fields.integer()
        head.mappingFamily = try fields.integer()
        if head.mappingFamily > 0 {
            head.streams = try fields.integer()
            head.coupledStreams = try fields.integer()
            head.mapping = Array(try fields.slice(head.channels).readableBytesView)
        }
        var configuration = ByteBuffer()
        head.write(to: &configuration)
        return configuration
    }
}

// MARK: Writing

extension CodecBox {
    /// The sample entry's type.
    ///
    /// - Throws: ``ISOBMFFError`` when the format has no place for the codec.
    func sampleEntryType(hasInBandParameterSets: Bool) throws(ISOBMFFError) -> BoxType {
        switch codec {
        case .avc1: hasInBandParameterSets ? .avc3 : .avc1
        case .hvc1: hasInBandParameterSets ? .hev1 : .hvc1
        case .vvc1: hasInBandParameterSets ? .vvi1 : .vvc1
        case .mp3: .mp4a
        case .av01, .vp09, .vp08, .mp4a, .opus, .flac, .ac3, .eac3: BoxType(rawValue: codec.rawValue)
        default: throw ISOBMFFError(.unsupported, "codec \(codec)")
        }
    }

    /// Writes the box.
    ///
    /// - Throws: ``ISOBMFFError`` when the configuration is not the codec's.
    func write(bitRate: BitRate?, into buffer: inout ByteBuffer) throws(ISOBMFFError) {
        do {
            switch codec {
            case .avc1: writePlain(.avcC, into: &buffer)
            case .hvc1: writePlain(.hvcC, into: &buffer)
            case .av01: writePlain(.av1C, into: &buffer)
            case .ac3: writePlain(.dac3, into: &buffer)
            case .eac3: writePlain(.dec3, into: &buffer)
            case .vvc1: buffer.writeFullBox(.vvcC) { $0.writeImmutableBuffer(configuration) }
            case .vp09, .vp08:
                let record = try VPCodecConfigurationRecord(configuration)
                buffer.writeFullBox(.vpcC, version: 1) { record.write(to: &$0) }
            case .mp4a, .mp3:
                ElementaryStreamDescriptor(codec: codec, decoderSpecificInfo: configuration)
                    .write(bitRate: bitRate, into: &buffer)
            case .opus: Self.writeOpus(try OpusHead(configuration), into: &buffer)
            case .flac: try writeFLAC(into: &buffer)
            default: throw ISOBMFFError(.unsupported, "codec \(codec)")
            }
        } catch let error as CodecError {
            throw ISOBMFFError(.malformed, "configuration of \(codec): \(error)")
        } catch let error as ISOBMFFError {
            throw error
        } catch {
            throw ISOBMFFError(.malformed, "configuration of \(codec)")
        }
    }

    private func writePlain(_ type: BoxType, into buffer: inout ByteBuffer) {
        buffer.writeBox(type) { $0.writeImmutableBuffer(configuration) }
    }

    private static func writeOpus(_ head: OpusHead, into buffer: inout ByteBuffer) {
        buffer.writeBox(.dOps) { buffer in
            buffer.writeMultipleIntegers(
                UInt8(0), UInt8(truncatingIfNeeded: head.channels), head.preSkip, head.inputSampleRate,
                head.outputGain, head.mappingFamily)
            if head.mappingFamily > 0 {
                buffer.writeMultipleIntegers(head.streams, head.coupledStreams)
                buffer.writeBytes(head.mapping)
            }
        }
    }

    /// The metadata blocks as they are where there are whole ones, and else STREAMINFO with a header.
    private func writeFLAC(into buffer: inout ByteBuffer) throws(CodecError) {
        _ = try FLACStreamInfo(configuration)
        var blocks = configuration
        if blocks.getInteger(at: blocks.readerIndex, as: UInt32.self) == BoxType.flac.rawValue {
            blocks.moveReaderIndex(forwardBy: 4)
        }
        let head = blocks.getInteger(at: blocks.readerIndex, as: UInt32.self) ?? 0
        let hasHeader = head & 0x7FFF_FFFF == 34
        buffer.writeFullBox(.dfLa) { buffer in
            if !hasHeader {
                // The last block, of type 0, with 34 bytes. RFC 9639, 8.1.
                buffer.writeInteger(UInt32(0x8000_0022))
                blocks = blocks.getSlice(at: blocks.readerIndex, length: min(34, blocks.readableBytes)) ?? blocks
            }
            buffer.writeImmutableBuffer(blocks)
        }
    }
}
