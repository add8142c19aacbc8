import AMF
import NIOCore
import Testing

private func decode(_ bytes: [UInt8], _ limits: AMFLimits) throws(AMFError) -> [AMF0Value] {
    var buffer = ByteBuffer(bytes: bytes)
    return try AMF0Value.decodeAll(from: &buffer, limits: limits)
}

private func code(_ bytes: [UInt8], _ limits: AMFLimits) -> AMFError.Code? {
    do {
        _ = try decode(bytes, limits)
        return nil
    } catch { return error.code }
}

/// Strict arrays inside each other.
private func nestedArrays(_ depth: Int) -> [UInt8] {
    (0..<depth).flatMap { hex($0 == depth - 1 ? "0A 00000000" : "0A 00000001") }
}

@Suite("AMF limits")
struct AMFLimitsTests {
    @Test func depthAtTheLimitAndOnePast() {
        let limits = AMFLimits()
        #expect(code(nestedArrays(limits.depthMax), limits) == nil)
        #expect(code(nestedArrays(limits.depthMax + 1), limits) == .tooDeep)
    }

    @Test func depthCountsThroughAMF3() {
        let limits = AMFLimits(depthMax: 3)
        // An AMF 0 array of one AMF 3 array of an empty AMF 3 array; then one more.
        #expect(code(hex("0A 00000001 11 09 03 01 09 01 01"), limits) == nil)
        #expect(code(hex("0A 00000001 11 09 03 01 09 03 01 09 01 01"), limits) == .tooDeep)
    }

    @Test func depthCountsThroughReferences() {
        // [ [] ], then [ reference 0 ]: three deep where the wire is two deep.
        let bytes = nestedArrays(2) + hex("0A 00000001 07 0000")
        #expect(code(bytes, AMFLimits(depthMax: 3)) == nil)
        #expect(code(bytes, AMFLimits(depthMax: 2)) == .tooDeep)
        // And once more around it.
        let twice = bytes + hex("0A 00000001 07 0002")
        #expect(code(twice, AMFLimits(depthMax: 4)) == nil)
        #expect(code(twice, AMFLimits(depthMax: 3)) == .tooDeep)
    }

    @Test func depthIsLeftWhenAContainerEnds() {
        let limits = AMFLimits(depthMax: 1)
        #expect(code(nestedArrays(1) + nestedArrays(1) + nestedArrays(1), limits) == nil)
    }

    @Test func valuesAtTheLimitAndOnePast() {
        let limits = AMFLimits(valuesMax: 10)
        #expect(code([UInt8](repeating: 0x05, count: 10), limits) == nil)
        #expect(code([UInt8](repeating: 0x05, count: 11), limits) == .tooManyValues)
    }

    @Test func claimedElementsAtTheLimitAndOnePast() {
        let limits = AMFLimits(valuesMax: 10)
        #expect(code(hex("0A 00000009") + [UInt8](repeating: 0x05, count: 9), limits) == nil)
        #expect(code(hex("0A 0000000A") + [UInt8](repeating: 0x05, count: 10), limits) == .tooManyValues)
    }

    @Test func vectorElementsAtTheLimitAndOnePast() {
        // The avmplus marker and the vector are values too.
        let limits = AMFLimits(valuesMax: 4)
        #expect(code(hex("11 0D 05 00 00000001 00000002"), limits) == nil)
        #expect(code(hex("11 0D 07 00 00000001 00000002 00000003"), limits) == .tooManyValues)
    }

    @Test func bytesAtTheLimitAndOnePast() {
        let limits = AMFLimits(bytesMax: 6)
        #expect(code(hex("02 0003 616263 02 0003 616263"), limits) == nil)
        #expect(code(hex("02 0003 616263 02 0004 61626364"), limits) == .tooManyBytes)
    }

    @Test func namesAndByteArraysCountAsBytes() {
        #expect(code(hex("03 0003 616263 05 000009"), AMFLimits(bytesMax: 2)) == .tooManyBytes)
        #expect(code(hex("11 0C 07 616263"), AMFLimits(bytesMax: 2)) == .tooManyBytes)
        #expect(code(hex("11 06 07 616263 11 06 00"), AMFLimits(bytesMax: 5)) == .tooManyBytes)
        #expect(code(hex("11 06 07 616263 11 06 00"), AMFLimits(bytesMax: 6)) == nil)
    }

    @Test func referencesSpendWhatTheyRepeat() {
        // [ null ] is two values; each reference is two more.
        let bytes = hex("0A 00000001 05 07 0000 07 0000")
        #expect(code(bytes, AMFLimits(valuesMax: 6)) == nil)
        #expect(code(bytes, AMFLimits(valuesMax: 5)) == .tooManyValues)
    }

    @Test func doublingReferencesDoNotExplode() {
        // Each array holds the one before it twice: 2³⁰ values on 250 bytes.
        var bytes = hex("0A 00000001 05")
        for index in UInt16(0)..<30 {
            let reference: [UInt8] = [0x07, UInt8(index >> 8), UInt8(index & 0xFF)]
            bytes += hex("0A 00000002") + reference + reference
        }
        #expect(code(bytes, AMFLimits(depthMax: 100)) == .tooManyValues)
    }

    @Test func sealedMembersByTraitsReferenceCount() {
        // A class of two members, then 3 more objects of it: 2 + 4 × 3 values.
        let bytes =
            hex("11 09 09 01 0A 23 01 03 61 03 62 01 01")
            + [[UInt8]](repeating: hex("0A 01 01 01"), count: 3).flatMap { $0 }
        #expect(code(bytes, AMFLimits(valuesMax: 14)) == nil)
        #expect(code(bytes, AMFLimits(valuesMax: 13)) == .tooManyValues)
        // Names are counted where they are defined and for each object.
        #expect(code(bytes, AMFLimits(bytesMax: 10)) == nil)
        #expect(code(bytes, AMFLimits(bytesMax: 9)) == .tooManyBytes)
    }
}
