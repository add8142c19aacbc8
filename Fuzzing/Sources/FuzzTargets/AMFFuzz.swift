import AMF
import FLV
import NIOCore

/// Room for what was decoded to be decoded once more: bytes that are no text have become longer.
private let generous = AMFLimits(depthMax: 64, valuesMax: 1 << 22, bytesMax: 1 << 26)

/// What a command may hold.
private let strict = AMFLimits(depthMax: 16, valuesMax: 1024, bytesMax: 64 << 10)

func fuzzAMF0(_ input: inout FuzzInput) {
    do throws(AMFError) {
        var bytes = input.rest
        let values = try AMF0Value.decodeAll(from: &bytes, limits: strict)
        promise(values.count <= input.rest.readableBytes, "a value has a byte")
        let written = write(values)
        var reading = written
        // Bytes are compared, not values: NaN is not equal to itself.
        let again = try AMF0Value.decodeAll(from: &reading, limits: generous)
        promise(write(again) == written, "values survive")
    } catch {
        promise(!error.description.isEmpty, "an error says something")
    }
    do throws(FLVError) {
        let script = try ScriptData(parsing: ScriptData.strippingSetDataFrame(input.rest), limits: strict)
        if let metadata = StreamMetadata(script) { readMetadata(metadata) }
    } catch {
        promise(!error.description.isEmpty, "an error says something")
    }
}

private func write(_ values: [AMF0Value]) -> ByteBuffer {
    var bytes = ByteBuffer()
    for value in values { value.write(into: &bytes) }
    return bytes
}

/// Numbers of any size become what the properties promise.
func readMetadata(_ metadata: StreamMetadata) {
    _ = (metadata.width, metadata.height, metadata.frameRate, metadata.durationSeconds)
    _ = (metadata.videoBitrateKilobits, metadata.audioBitrateKilobits, metadata.audioSampleRate)
    _ = (metadata.isStereo, metadata.encoder, metadata.videoCodec, metadata.audioCodec)
    var again = ByteBuffer()
    metadata.scriptData.write(into: &again)
}

func fuzzAMF3(_ input: inout FuzzInput) {
    do throws(AMFError) {
        let values = try decodeAll(input.rest, limits: strict)
        for usesReferences in [true, false] {
            let written = write(values, usesReferences: usesReferences)
            let again = try decodeAll(written, limits: generous)
            promise(write(again, usesReferences: usesReferences) == written, "values survive")
        }
    } catch {
        promise(!error.description.isEmpty, "an error says something")
    }
}

private func decodeAll(_ bytes: ByteBuffer, limits: AMFLimits) throws(AMFError) -> [AMF3Value] {
    var bytes = bytes
    var decoder = AMF3Decoder(limits: limits)
    var values: [AMF3Value] = []
    while bytes.readableBytes > 0 { values.append(try decoder.decode(from: &bytes)) }
    return values
}

private func write(_ values: [AMF3Value], usesReferences: Bool) -> ByteBuffer {
    var bytes = ByteBuffer()
    var encoder = AMF3Encoder(usesReferences: usesReferences)
    for value in values { encoder.encode(value, into: &bytes) }
    return bytes
}
