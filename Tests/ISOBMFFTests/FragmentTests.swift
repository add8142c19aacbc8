import Codecs
import ISOBMFF
import MediaTesting
import NIOCore
import Testing

private let initSegment = InitSegment(tracks: [
    video(.avc1, Vectors.avc, id: 1), audio(.mp4a, Vectors.aac, id: 2),
])

private func sample(
    _ payload: String, _ flags: SampleFlags = .dependent, lasts duration: UInt32 = 3000, offset: Int32 = 0
) -> Sample {
    Sample(duration: duration, compositionOffset: offset, flags: flags, payload: buffer(payload))
}

private let shapes: [(String, [Sample])] = [
    ("no sample", []),
    ("one picture", [sample("010203", .sync)]),
    ("equal in everything", [sample("01"), sample("02"), sample("03")]),
    ("sizes", [sample("01"), sample("0203"), sample("")]),
    ("durations", [sample("01"), sample("02", lasts: 3003)]),
    ("a keyframe in front", [sample("01", .sync), sample("02"), sample("03")]),
    ("a keyframe later", [sample("01"), sample("02"), sample("03", .sync)]),
    ("kinds of flags", [sample("01", .sync), sample("02"), sample("03", .disposable)]),
    ("reordered", [sample("01", offset: 6000), sample("02", offset: 12000), sample("03", offset: -3000)]),
    (
        "everything",
        [
            sample("01", .sync, lasts: 1, offset: .min), sample("0202", lasts: .max, offset: .max),
            sample("", lasts: 0),
        ]
    ),
]

private func initBytes() throws -> [UInt8] {
    try written { try initSegment.write(into: &$0) }
}

@Suite("ISO/IEC 14496-12, 8.8: fragments")
struct FragmentTests {
    @Test(arguments: shapes)
    func everyShapeIsReadAsItWasWritten(_ name: String, _ samples: [Sample]) throws {
        let fragment = Fragment(
            sequenceNumber: 5, tracks: [TrackFragment(trackID: 1, baseDecodeTime: 0x1_2345_6789, samples: samples)])
        let bytes = written { fragment.write(into: &$0) }
        #expect(bytes.count == fragment.encodedBytes)
        #expect(try read(try initBytes() + bytes).fragments == [fragment], "\(name)")
    }

    @Test func severalTracksHoweverTheyAreCut() throws {
        let fragment = Fragment(
            sequenceNumber: 1,
            tracks: [
                TrackFragment(trackID: 1, baseDecodeTime: 90_000, samples: [sample("0102", .sync), sample("03")]),
                TrackFragment(trackID: 2, baseDecodeTime: 48_000, samples: [sample("AABB", .sync, lasts: 1024)]),
            ])
        let bytes = try initBytes() + written { fragment.write(into: &$0) }
        try ParserVerifier { reader() }.verify(
            bytes, expecting: [.fileType(.initSegment), .initSegment(initSegment), .fragment(fragment)],
            flips: [0xFF])
    }

    @Test func damagedFragmentsSurvive() throws {
        let head = try initBytes()
        for (_, samples) in shapes {
            let fragment = Fragment(
                sequenceNumber: 5, tracks: [TrackFragment(trackID: 1, baseDecodeTime: 9, samples: samples)])
            let bytes = written { fragment.write(into: &$0) }
            try verifyOneShot(bytes) { bytes in
                var whole = ByteBuffer(bytes: head)
                whole.writeBuffer(&bytes)
                _ = try reader()(&whole)
            }
        }
    }

    @Test func fragmentOfOnePictureIsSmall() {
        let fragment = Fragment(
            sequenceNumber: 1,
            tracks: [TrackFragment(trackID: 1, baseDecodeTime: 0, samples: [sample("01", offset: 3000)])])
        #expect(fragment.encodedBytes - 1 == 8 + 16 + 8 + 28 + 20 + 24 + 8)
    }

    @Test func bytesAreWhatTheSpecificationSays() {
        let fragment = Fragment(
            sequenceNumber: 3,
            tracks: [TrackFragment(trackID: 1, baseDecodeTime: 256, samples: [sample("AA", .sync), sample("BBCC")])])
        let track =
            fullBox("tfhd", flags: 0x20028, hex("00000001 00000BB8 01010000"))
            + fullBox("tfdt", version: 1, hex("0000000000000100"))
            + fullBox("trun", version: 1, flags: 0x205, hex("00000002 00000074 02000000 00000001 00000002"))
        let expected =
            box("moof", fullBox("mfhd", 3.be32) + box("traf", track)) + box("mdat", hex("AABBCC"))
        #expect(written { fragment.write(into: &$0) } == expected)
    }

    @Test func durationAndIndependence() {
        let track = TrackFragment(
            trackID: 1, baseDecodeTime: 0, samples: [sample("01", .sync, lasts: 4), sample("02", lasts: 5)])
        #expect(track.duration == 9)
        #expect(track.isIndependent)
        #expect(!TrackFragment(trackID: 1, baseDecodeTime: 0, samples: [sample("02")]).isIndependent)
        #expect(!TrackFragment(trackID: 1, baseDecodeTime: 0, samples: []).isIndependent)
    }
}

/// A fragment of hand-made `traf` boxes with the media data AABBCCDD behind it.
private func fragment(_ trackBoxes: [UInt8], media: [UInt8] = hex("AABBCCDD")) -> [UInt8] {
    box("moof", fullBox("mfhd", 1.be32) + trackBoxes) + box("mdat", media)
}

private func fragments(
    _ bytes: [UInt8], _ limits: ISOBMFFLimits = .init(), _ segment: InitSegment = initSegment
) throws -> [Fragment] {
    try read(try written { try segment.write(into: &$0) } + bytes, limits).fragments
}

@Suite("ISO/IEC 14496-12, 8.8: fragments of other writers")
struct ForeignFragmentTests {
    @Test func defaultsComeFromTheMovie() throws {
        var segment = initSegment
        segment.tracks[0].defaults = SampleDefaults(duration: 100, size: 2, flags: .dependent)
        // No tfdt, no fields of samples, and no data offset but in the first run.
        let runs = fullBox("trun", flags: 1, 1.be32 + 92.be32) + fullBox("trun", 1.be32)
        let bytes = fragment(box("traf", fullBox("tfhd", flags: 0x20000, 1.be32) + runs))
        let samples = [sample("AABB", lasts: 100), sample("CCDD", lasts: 100)]
        #expect(
            try fragments(bytes + bytes, .init(), segment).map(\.tracks) == [
                [TrackFragment(trackID: 1, baseDecodeTime: 0, samples: samples)],
                // Time goes on where the fragment before ended.
                [TrackFragment(trackID: 1, baseDecodeTime: 200, samples: samples)],
            ])
    }

    @Test func baseDataOffsetCountsFromTheFile() throws {
        let start = try written { try initSegment.write(into: &$0) }.count
        // moof, mfhd, traf, tfhd, trun; then the header of mdat and one byte that is nobody's.
        let base = start + 8 + 16 + 8 + 36 + 16 + 8 + 1
        let header = fullBox("tfhd", flags: 0x39, 1.be32 + 0.be32 + base.be32 + 1.be32 + 2.be32 + hex("02000000"))
        let found = try fragments(fragment(box("traf", header + fullBox("trun", 1.be32))))
        #expect(found.first?.tracks.first?.samples == [sample("BBCC", .sync, lasts: 1)])
    }

    @Test func laterTrackCountsFromTheEndOfTheOneBefore() throws {
        // Without base-data-offset and default-base-is-moof. moof is 8 + 16 + 48 + 44 bytes.
        let first = fullBox("tfhd", flags: 0x10, 1.be32 + 3.be32) + fullBox("trun", flags: 1, 1.be32 + 124.be32)
        let second = fullBox("tfhd", flags: 0x10, 2.be32 + 1.be32) + fullBox("trun", 1.be32)
        let found = try fragments(fragment(box("traf", first) + box("traf", second)))
        #expect(found.first?.tracks.map { $0.samples.map(\.payload) } == [[buffer("AABBCC")], [buffer("DD")]])
    }

    @Test(arguments: [
        (4, 0, true), (5, 0, false), (0xFFFF_FFFF, 0, false), (1, -1, false), (1, 3, true), (1, 4, false), (0, 4, true),
        (0, 5, false), (1, 0x7FFF_FF00, false), (1, -0x7FFF_FF00, false),
    ])
    func samplesOutsideOfTheMediaDataAreRefused(_ size: Int, _ offset: Int, _ isInside: Bool) throws {
        let header = fullBox("tfhd", flags: 0x20010, 1.be32 + size.be32)
        // moof is 8 + 16 + 8 + 20 + 20 bytes, and mdat has a header.
        let bytes = fragment(box("traf", header + fullBox("trun", flags: 1, 1.be32 + (80 + offset).be32)))
        if isInside {
            #expect(try fragments(bytes).first?.tracks.first?.samples.first?.payload.readableBytes == size)
        } else {
            #expect(code { _ = try fragments(bytes) } == .sampleOutOfBounds)
        }
    }

    @Test func readerGoesOnBehindADamagedFragment() throws {
        let bad = fragment(box("traf", fullBox("tfhd", 9.be32)))
        let good = fragment(box("traf", fullBox("tfhd", 1.be32)))
        var bytes = ByteBuffer(bytes: try written { try initSegment.write(into: &$0) } + bad + good)
        var reader = FragmentReader()
        while let element = try? reader.read(from: &bytes) {
            if case .fragment = element { Issue.record("the damaged fragment came first") }
        }
        guard case .fragment = try reader.read(from: &bytes) else {
            Issue.record("no fragment")
            return
        }
        #expect(bytes.readableBytes == 0)
    }

    @Test func countsThatAreOnlyClaimedAreRefused() {
        let header = fullBox("tfhd", flags: 0x20000, 1.be32)
        // Nothing stands in the run, or too little.
        for (flags, expected) in [
            (0, ISOBMFFError.Code.tooManySamples), (0x200, .truncatedBox), (0xF00, .truncatedBox),
        ] {
            let run = fullBox("trun", flags: flags, hex("FFFFFFFF 00000000"))
            #expect(code { _ = try fragments(fragment(box("traf", header + run))) } == expected)
        }
    }

    @Test func samplesAtTheLimitAndOnePastOverAllTracks() throws {
        let limits = ISOBMFFLimits(samplesPerFragmentMax: 5)
        // Samples of no bytes, which cost a writer nothing.
        func bytes(_ second: Int) -> [UInt8] {
            let runs = [(1, 3), (2, second)].map { track, count in
                box(
                    "traf",
                    fullBox("tfhd", flags: 0x20000, track.be32) + fullBox("trun", flags: 1, count.be32 + 120.be32))
            }
            return fragment(runs[0] + runs[1])
        }
        #expect(try fragments(bytes(2), limits).first?.tracks.map(\.samples.count) == [3, 2])
        #expect(code { _ = try fragments(bytes(3), limits) } == .tooManySamples)
    }

    @Test func unknownTrackAndDescriptionAreRefused() {
        let unknown = fragment(box("traf", fullBox("tfhd", 3.be32)))
        let described = fragment(box("traf", fullBox("tfhd", flags: 2, 1.be32 + 2.be32)))
        #expect(code { _ = try fragments(unknown) } == .unknownTrack)
        #expect(code { _ = try fragments(described) } == .unsupported)
        #expect(code { _ = try read(unknown) } == .unknownTrack)
    }

    @Test func missingBoxesAreNamed() {
        #expect(code { _ = try fragments(box("moof", []) + box("mdat", [])) } == .missingBox)
        #expect(code { _ = try fragments(fragment(box("traf", []))) } == .missingBox)
    }
}
