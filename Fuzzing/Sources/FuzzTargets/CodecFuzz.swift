import BitStream
import Codecs
import NIOCore

/// The input is a programme of readings, and the bits to read are its end.
func fuzzBits(_ input: inout FuzzInput) {
    let programme = input.bytes(Int(input.byte()))
    var reader = BitReader(input.rest)
    let bitCount = input.rest.readableBytes * 8
    for step in programme.readableBytesView {
        let before = reader.position
        switch step % 7 {
        case 0: _ = reader.u(Int(step) / 7)
        case 1: _ = reader.u64(Int(step) / 3)
        case 2: _ = reader.flag()
        case 3: _ = reader.ue()
        case 4: _ = reader.se()
        case 5: _ = reader.skip(Int(step))
        default: reader.alignToByte()
        }
        promise(reader.position >= before && reader.position <= bitCount, "position \(reader.position)")
        promise(reader.position + reader.bitsLeft == bitCount, "\(reader.bitsLeft) bits left")
        _ = reader.hasMoreRBSPData
    }
    let escaped = EmulationPrevention.added(to: input.rest.readableBytesView)
    if !(input.rest.readableBytesView.last == 0) {
        let unescaped = EmulationPrevention.removed(from: ByteBuffer(bytes: escaped))
        promise(unescaped == Array(input.rest.readableBytesView), "bytes survive emulation prevention")
    }
}

/// In front: what the rest is.
func fuzzH264(_ input: inout FuzzInput) {
    let kind = input.byte()
    let unit = input.rest
    attempt { () throws(CodecError) in
        switch kind % 7 {
        case 0:
            let sequence = try H264SequenceParameterSet(unit)
            promise(sequence.width >= 0 && sequence.height >= 0, "a picture has a size")
            _ = (sequence.frameRate, sequence.reorderDepth, sequence.levelName, sequence.profileName)
        case 1: _ = try H264PictureParameterSet(unit)
        case 2: _ = try H264SliceHeader(unit)
        case 3:
            for message in try SEIMessage.messages(h264: unit) { _ = message.content }
        case 4: try checkAVCConfiguration(unit)
        case 5: checkNALUnits(unit)
        default:
            _ = PictureType(codec: .avc1, lengthSize: 1 + Int(kind / 7) % 4, accessUnit: unit)
        }
    }
}

private func checkAVCConfiguration(_ bytes: ByteBuffer) throws(CodecError) {
    checkFormat(.avc1, bytes)
    let record = try AVCDecoderConfigurationRecord(bytes)
    var written = ByteBuffer()
    record.write(to: &written)
    let again = try AVCDecoderConfigurationRecord(written)
    promise(again == record, "avcC survives")
    for set in record.sequenceParameterSets {
        let sequence = try H264SequenceParameterSet(set)
        for other in record.pictureParameterSets {
            let picture = try H264PictureParameterSet(other)
            _ = try H264SliceHeader.order(of: bytes, sequence: sequence, picture: picture)
        }
    }
}

private func checkNALUnits(_ bytes: ByteBuffer) {
    let units = AnnexB.split(bytes)
    promise(AnnexB.split(AnnexB.joined(units)) == units, "Annex B survives")
    for size in [1, 2, 4] {
        attempt { () throws(CodecError) in
            let all = try LengthPrefixedNALUnits.all(in: bytes, lengthSize: size)
            let joined = try LengthPrefixedNALUnits.joined(all, lengthSize: size)
            let again = try LengthPrefixedNALUnits.all(in: joined, lengthSize: size)
            promise(again == all, "NAL units survive")
        }
    }
}

/// In front: what the rest is.
func fuzzHEVC(_ input: inout FuzzInput) {
    let kind = input.byte()
    let unit = input.rest
    attempt { () throws(CodecError) in
        switch kind % 6 {
        case 0: _ = try HEVCVideoParameterSet(unit)
        case 1:
            let sequence = try HEVCSequenceParameterSet(unit)
            promise(sequence.width >= 0 && sequence.height >= 0, "a picture has a size")
        case 2: _ = try HEVCSliceHeader(unit, extraBits: Int(kind / 6) % 3)
        case 3:
            for message in try SEIMessage.messages(hevc: unit) { _ = message.content }
        case 4:
            checkFormat(.hvc1, unit)
            let record = try HEVCDecoderConfigurationRecord(unit)
            var written = ByteBuffer()
            record.write(to: &written)
            let again = try HEVCDecoderConfigurationRecord(written)
            promise(again == record, "hvcC survives")
        default: _ = PictureType(codec: .hvc1, lengthSize: 1 + Int(kind / 6) % 4, accessUnit: unit)
        }
    }
}

/// In front: what the rest is.
func fuzzAV1(_ input: inout FuzzInput) {
    let kind = input.byte()
    let bytes = input.rest
    attempt { () throws(CodecError) in
        switch kind % 6 {
        case 0:
            checkFormat(.av01, bytes)
            let record = try AV1CodecConfigurationRecord(bytes)
            var written = ByteBuffer()
            record.write(to: &written)
            let again = try AV1CodecConfigurationRecord(written)
            promise(again == record, "av1C survives")
        case 1: _ = try AV1SequenceHeader(bytes)
        case 2:
            var units = AV1OBUs(bytes)
            while let unit = try units.next() { promise(unit.payload.readableBytes < 1 << 24, "a unit has an end") }
            _ = try AV1SequenceHeader.first(in: bytes)
        case 3:
            checkFormat(.vp09, bytes)
            let record = try VPCodecConfigurationRecord(bytes)
            var written = ByteBuffer()
            record.write(to: &written)
            let again = try VPCodecConfigurationRecord(written)
            promise(again == record, "vpcC survives")
        case 4: _ = try VP9FrameHeader(bytes)
        default: _ = try VP8FrameHeader(bytes)
        }
    }
    for codec in [FourCC.av01, .vp09, .vp08] { _ = PictureType(codec: codec, lengthSize: 4, accessUnit: bytes) }
}

/// What is shown to people about a stream, out of its configuration and a frame.
private func checkFormat(_ codec: FourCC, _ bytes: ByteBuffer) {
    guard var format = VideoFormat(codec: codec, configuration: bytes) else { return }
    format.refine(keyframe: bytes)
    promise(format.width >= 0 && format.height >= 0, "a picture has a size")
    promise(format.frameRate.map { $0 >= 0 && $0.isFinite } ?? true, "a frame rate is a number")
}

/// In front: what the rest is.
func fuzzAudio(_ input: inout FuzzInput) {
    let kind = input.byte()
    let bytes = input.rest
    attempt { () throws(CodecError) in
        switch kind % 7 {
        case 0:
            let configuration = try AudioSpecificConfig(bytes)
            _ = (configuration.channels, configuration.outputSampleRate, configuration.samplesPerFrame)
            _ = (configuration.signalledObjectType, configuration.profileName)
            var written = ByteBuffer()
            configuration.write(to: &written)
            let again = try AudioSpecificConfig(written)
            promise(again == configuration, "AudioSpecificConfig survives")
            _ = ADTSHeader(configuration, payloadLength: bytes.readableBytes)
        case 1: try readADTS(bytes)
        case 2:
            let head = try OpusHead(bytes)
            var written = ByteBuffer()
            head.write(to: &written)
            let again = try OpusHead(written)
            promise(again == head, "OpusHead survives")
        case 3: _ = OpusPacket.sampleCount(bytes)
        case 4: _ = try FLACStreamInfo(bytes).samplesPerFrame
        case 5: _ = try AC3SyncInfo(bytes)
        default: _ = try MPEGAudioHeader(bytes).samplesPerFrame
        }
    }
    for codec in [FourCC.mp4a, .opus, .flac, .ac3, .eac3, .mp3] {
        if let format = AudioFormat(codec: codec, configuration: bytes) {
            promise(format.sampleRate >= 0 && format.channels >= 0, "a format is a number")
        }
        _ = AudioFormat(codec: codec, firstFrame: bytes)
    }
}

private func readADTS(_ bytes: ByteBuffer) throws(CodecError) {
    var rest = bytes
    while let (header, payload) = try ADTSHeader.readFrame(&rest) {
        promise(payload.readableBytes == header.payloadLength, "a frame has its length")
        _ = header.configuration.channels
        var written = ByteBuffer()
        header.write(to: &written)
    }
}

private func attempt(_ body: () throws(CodecError) -> Void) {
    do throws(CodecError) { try body() } catch { promise(!error.description.isEmpty, "an error says something") }
}
