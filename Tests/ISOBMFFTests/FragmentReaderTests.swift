import Codecs
import ISOBMFF
import MediaTesting
import NIOCore
import Testing

@Suite("ISO/IEC 14496-12: reading a stream")
struct FragmentReaderTests {
    @Test func boxesThatNobodyWantsArePassedOver() throws {
        let type = FileType.mediaSegment
        let wanted = written { type.write(as: .styp, into: &$0) }
        let bytes =
            box("free", [1, 2, 3]) + wanted + hex("00000001 736B6970 0000000000000012 FFFF")
            + box("uuid", Array(0...20)) + box("mdat", [9, 9]) + wanted
        try ParserVerifier { reader() }.verify(bytes, expecting: [.segmentType(type), .segmentType(type)])
    }

    @Test func hugeBoxIsPassedOverWithoutBeingHeld() throws {
        var reader = FragmentReader()
        var bytes = buffer("00000001 66726565 7FFFFFFFFFFFFFFF 0000")
        #expect(try reader.read(from: &bytes) == nil)
        #expect(bytes.readableBytes == 0)
        bytes = buffer("00000000 6D6F6F76")
        #expect(try reader.read(from: &bytes) == nil)
        #expect(bytes.readableBytes == 0)
    }

    @Test func boxToTheEndOfTheFileIsPassedOver() throws {
        #expect(try read(hex("00000000 6D646174 00000008 6D6F6F76")).isEmpty)
    }

    @Test(arguments: ["moov", "moof", "ftyp", "emsg"])
    func boxThatIsWantedMustHaveAnEnd(_ type: String) {
        #expect(code { _ = try read(0.be32 + Array(type.utf8)) } == .badBoxSize)
    }

    @Test func boxesAtTheirLimitsAndOnePast() {
        let limits = ISOBMFFLimits(mediaBytesMax: 6, movieBytesMax: 5, boxBytesMax: 4)
        for (type, bytesMax) in [("moov", 5), ("moof", 4), ("styp", 4), ("sidx", 4), ("prft", 4), ("emsg", 4)] {
            // Nothing but the header has come.
            #expect(code { _ = try read((8 + bytesMax).be32 + Array(type.utf8), limits) } == nil)
            #expect(code { _ = try read((9 + bytesMax).be32 + Array(type.utf8), limits) } == .boxTooLarge)
        }
        let moof = box("moof", [])
        #expect(code { _ = try read(moof + 14.be32 + Array("mdat".utf8), limits) } == nil)
        #expect(code { _ = try read(moof + 15.be32 + Array("mdat".utf8), limits) } == .boxTooLarge)
        // Without a fragment nobody waits for it.
        #expect(code { _ = try read(15.be32 + Array("mdat".utf8), limits) } == nil)
    }

    @Test func secondInitSegmentReplacesTheFirst() throws {
        let first = InitSegment(tracks: [video(.avc1, Vectors.avc, id: 1)])
        let second = InitSegment(tracks: [video(.hvc1, Vectors.hevc, id: 2)])
        func fragment(_ id: UInt32) -> Fragment {
            Fragment(
                sequenceNumber: id,
                tracks: [
                    TrackFragment(
                        trackID: id, baseDecodeTime: 0, samples: [Sample(duration: 1, payload: buffer("AA"))])
                ])
        }
        let bytes = try written {
            try first.write(into: &$0)
            fragment(1).write(into: &$0)
            try second.write(into: &$0)
            fragment(2).write(into: &$0)
        }
        #expect(try read(bytes).fragments == [fragment(1), fragment(2)])
        #expect(code { _ = try read(bytes + written { fragment(1).write(into: &$0) }) } == .unknownTrack)
    }

    @Test func randomBytesSurvive() {
        var random = SplitMix64(seed: 12)
        let names = ["moov", "trak", "mdia", "minf", "stbl", "stsd", "moof", "traf", "trun", "tfhd", "mdat", "emsg"]
        for _ in 0..<2000 {
            var bytes: [UInt8] = []
            for _ in 0..<8 {
                let name = names.randomElement(using: &random) ?? "moov"
                let length = Int.random(in: 0...40, using: &random)
                bytes = box(name, bytes + (0..<length).map { _ in UInt8.random(in: 0...3, using: &random) })
            }
            _ = try? read(bytes)
        }
    }
}
