import FLV
import MediaTesting
import NIOCore
import Testing

private func reader(_ limits: FLVLimits = .init()) -> (inout ByteBuffer) throws -> [FLVReader.Element] {
    var reader = FLVReader(limits: limits)
    return { buffer in
        var elements: [FLVReader.Element] = []
        while let element = try reader.read(from: &buffer) { elements.append(element) }
        return elements
    }
}

private func read(_ bytes: [UInt8], _ limits: FLVLimits = .init()) throws -> [FLVReader.Element] {
    var buffer = ByteBuffer(bytes: bytes)
    return try reader(limits)(&buffer)
}

private func code(_ bytes: [UInt8], _ limits: FLVLimits = .init()) -> FLVError.Code? {
    do {
        _ = try read(bytes, limits)
        return nil
    } catch { return (error as? FLVError)?.code }
}

private let header = hex("464C56 01 05 00000009 00000000")

@Suite("FLV, E.2 to E.4: reading files")
struct FLVReaderTests {
    @Test func fileIsReadHoweverItIsCut() throws {
        let bytes = header + hex("08 000002 000102 03 000000 AF01 0000000D  12 000000 000000 00 000000 0000000B")
        try ParserVerifier { reader() }.verify(
            bytes,
            expecting: [
                .header(FLVHeader(hasAudio: true, hasVideo: true)),
                .tag(FLVTag(type: .audio, timestamp: 0x0300_0102, body: buffer("AF01"))),
                .tag(FLVTag(type: .script, timestamp: 0, body: ByteBuffer())),
            ])
    }

    @Test func recordedFileIsReadHoweverItIsCut() throws {
        let elements = try read(recordedFile)
        #expect(elements.count == 4)
        try ParserVerifier { reader() }.verify(recordedFile, expecting: elements, flips: [0xFF])
    }

    @Test func tagDoesNotWaitForThePreviousTagSizeBehindIt() throws {
        let elements = try read(header + hex("08 000002 000000 00 000000 AF01"))
        #expect(elements.count == 2)
    }

    @Test(arguments: [(0x00, false, false), (0x01, false, true), (0x04, true, false)] as [(UInt8, Bool, Bool)])
    func headerFlags(_ flags: UInt8, _ hasAudio: Bool, _ hasVideo: Bool) throws {
        let elements = try read(hex("464C56 01") + [flags] + hex("00000009"))
        #expect(elements == [.header(FLVHeader(hasAudio: hasAudio, hasVideo: hasVideo))])
    }

    @Test func longerHeaderIsSkipped() throws {
        let elements = try read(hex("464C56 02 01 0000000B FFFF 00000000 09 000000 000000 00 000000"))
        #expect(
            elements == [
                .header(FLVHeader(hasAudio: false, hasVideo: true, version: 2)),
                .tag(FLVTag(type: .video, timestamp: 0, body: ByteBuffer())),
            ])
    }

    @Test(arguments: ["00", "46 4D", "46 4C 57", "3C 68 74 6D 6C"])
    func otherFilesAreRefusedAtTheFirstWrongByte(_ bytes: String) {
        #expect(code(hex(bytes)) == .badSignature)
    }

    @Test func wrongPreviousTagSizeIsCountedAndForgiven() throws {
        var reader = FLVReader()
        var buffer = ByteBuffer(
            bytes: header + hex("08 000001 000000 00 000000 AF 00000001 08 000000 000000 00 000000"))
        var count = 0
        while try reader.read(from: &buffer) != nil { count += 1 }
        #expect(count == 3)
        #expect(reader.previousTagSizeMismatches == 1)
    }

    @Test func unknownTagTypeIsPassedOn() throws {
        let elements = try read(header + hex("0F 000001 000000 00 000000 AA"))
        #expect(elements.last == .tag(FLVTag(type: FLVTagType(rawValue: 15), timestamp: 0, body: buffer("AA"))))
    }

    @Test func unknownTagTypeBehindAWrongPreviousTagSizeIsOutOfStep() {
        #expect(code(header.dropLast() + hex("01 0F 000001 000000 00 000000 AA")) == .outOfStep)
    }

    @Test func encryptedTagIsRefused() {
        #expect(code(header + hex("29 000001 000000 00 000000 AA")) == .encryptedTag)
    }

    @Test func readerErrorsEndTheStream() {
        for code in [FLVError.Code.badSignature, .badHeader, .tagTooLarge, .outOfStep, .encryptedTag] {
            #expect(FLVError(code, "").damage == .stream)
        }
    }
}

@Suite("FLV limits")
struct FLVLimitsTests {
    @Test func tagAtTheLimitAndOnePast() {
        let limits = FLVLimits(tagBytesMax: 4)
        #expect(code(header + hex("08 000004 000000 00 000000 AF010203"), limits) == nil)
        // Refused at once: the body has not come.
        #expect(code(header + hex("08 000005"), limits) == .tagTooLarge)
    }

    @Test func headerAtTheLimitAndOnePast() {
        let limits = FLVLimits(headerBytesMax: 16)
        #expect(code(hex("464C56 01 05 00000010"), limits) == nil)
        #expect(code(hex("464C56 01 05 00000011"), limits) == .badHeader)
        #expect(code(hex("464C56 01 05 FFFFFFFF"), limits) == .badHeader)
    }

    @Test func headerShorterThanItselfIsRefused() {
        #expect(code(hex("464C56 01 05 00000008")) == .badHeader)
    }
}

@Suite("FLV, E.2 to E.4: writing files")
struct FLVWriterTests {
    @Test(arguments: [(true, true, 5), (true, false, 4), (false, true, 1), (false, false, 0)] as [(Bool, Bool, UInt8)])
    func header(_ hasAudio: Bool, _ hasVideo: Bool, _ flags: UInt8) {
        let bytes = written { FLVWriter.writeHeader(hasAudio: hasAudio, hasVideo: hasVideo, into: &$0) }
        #expect(bytes == hex("464C56 01") + [flags] + hex("00000009 00000000"))
    }

    @Test func tag() {
        var bytes = ByteBuffer()
        let count = FLVWriter.writeTag(.video, timestamp: 0xABCD_EF01, body: buffer("1701"), into: &bytes)
        #expect(Array(bytes.readableBytesView) == hex("09 000002 CDEF01 AB 000000 1701 0000000D"))
        #expect(count == 2 + FLVWriter.overheadBytes)
    }

    @Test func tagInParts() {
        let bytes = written {
            FLVWriter.writeTagHeader(.audio, timestamp: 0x0102_0304, bodyBytes: 1, into: &$0)
            $0.writeInteger(UInt8(0xAF))
            FLVWriter.writePreviousTagSize(bodyBytes: 1, into: &$0)
        }
        let whole = written { FLVWriter.writeTag(.audio, timestamp: 0x0102_0304, body: buffer("AF"), into: &$0) }
        #expect(bytes == whole)
        #expect(bytes == hex("08 000001 020304 01 000000 AF 0000000C"))
    }

    @Test func emptyBodyIsATag() {
        let bytes = written { FLVWriter.writeTag(.audio, timestamp: 0, body: ByteBuffer(), into: &$0) }
        #expect(bytes == hex("08 000000 000000 00 000000 0000000B"))
    }

    @Test func onlyTheReadablePartOfTheBodyIsWritten() {
        var body = buffer("AABBCC")
        body.moveReaderIndex(forwardBy: 1)
        let bytes = written { FLVWriter.writeTag(.audio, timestamp: 0, body: body, into: &$0) }
        #expect(bytes == hex("08 000002 000000 00 000000 BBCC 0000000D"))
    }

    @Test func longestBodyIsWrittenAndOnePastIsNot() {
        var longest = ByteBuffer(repeating: 0, count: FLVWriter.bodyBytesMax)
        var bytes = ByteBuffer()
        #expect(FLVWriter.writeTag(.video, timestamp: 0, body: longest, into: &bytes) == 0xFF_FFFF + 15)
        longest.writeInteger(UInt8(0))
        #expect(FLVWriter.writeTag(.video, timestamp: 0, body: longest, into: &bytes) == 0)
        #expect(bytes.readableBytes == 0xFF_FFFF + 15)
    }

    @Test func recordedFileIsWrittenAsItWas() throws {
        var bytes = ByteBuffer()
        for element in try read(recordedFile) {
            switch element {
            case .header(let header):
                FLVWriter.writeHeader(hasAudio: header.hasAudio, hasVideo: header.hasVideo, into: &bytes)
            case .tag(let tag):
                FLVWriter.writeTag(tag.type, timestamp: tag.timestamp, body: tag.body, into: &bytes)
            }
        }
        #expect(Array(bytes.readableBytesView) == recordedFile)
    }
}
