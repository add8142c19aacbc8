import Codecs
import NIOCore

extension SampleDescription {
    /// Writes an `stsd` box of this one entry.
    ///
    /// - Throws: ``ISOBMFFError`` when the codec has no place in the format, or its configuration is none.
    func write(into buffer: inout ByteBuffer) throws(ISOBMFFError) {
        let codecBox = CodecBox(codec: codec, configuration: configuration)
        let type = try codecBox.sampleEntryType(hasInBandParameterSets: hasInBandParameterSets)
        var configurationBox = ByteBuffer()
        try codecBox.write(bitRate: bitRate, into: &configurationBox)
        buffer.writeFullBox(.stsd) { buffer in
            buffer.writeInteger(UInt32(1))
            buffer.writeBox(type) { buffer in
                buffer.writeZeros(6)
                buffer.writeInteger(UInt16(1))  // data_reference_index
                switch media {
                case .video(let format): format.write(configuration: configurationBox, into: &buffer)
                case .audio(let format): format.write(configuration: configurationBox, into: &buffer)
                case .other: break
                }
                bitRate?.write(into: &buffer)
            }
        }
    }
}

extension VideoSampleFormat {
    /// VisualSampleEntry behind SampleEntry, 12.1.3.2.
    fileprivate func write(configuration: ByteBuffer, into buffer: inout ByteBuffer) {
        buffer.writeZeros(16)
        buffer.writeMultipleIntegers(UInt16(clamping: width), UInt16(clamping: height))
        let resolution: UInt32 = 0x0048_0000  // 72 pixels an inch
        buffer.writeMultipleIntegers(resolution, resolution, UInt32(0), UInt16(1))
        buffer.writeZeros(32)  // compressorname
        buffer.writeMultipleIntegers(UInt16(0x0018), UInt16(0xFFFF))  // depth, pre_defined
        buffer.writeImmutableBuffer(configuration)
        if let colour {
            buffer.writeBox(.colr) { buffer in
                buffer.writeMultipleIntegers(
                    BoxType.nclx.rawValue, UInt16(colour.primaries), UInt16(colour.transfer), UInt16(colour.matrix),
                    UInt8(colour.isFullRange ? 0x80 : 0))
            }
        }
        if let sampleAspectRatio {
            buffer.writeBox(.pasp) { buffer in
                buffer.writeMultipleIntegers(
                    UInt32(clamping: sampleAspectRatio.width), UInt32(clamping: sampleAspectRatio.height))
            }
        }
    }
}

extension AudioSampleFormat {
    /// AudioSampleEntry behind SampleEntry, 12.2.3.2.
    fileprivate func write(configuration: ByteBuffer, into buffer: inout ByteBuffer) {
        buffer.writeZeros(8)
        buffer.writeMultipleIntegers(UInt16(clamping: channels), UInt16(16), UInt32(0))  // channelcount, samplesize
        buffer.writeInteger(UInt32(UInt16(exactly: sampleRate) ?? 0) << 16)
        buffer.writeImmutableBuffer(configuration)
    }
}
