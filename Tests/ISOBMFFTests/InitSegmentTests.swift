import Codecs
import ISOBMFF
import MediaTesting
import NIOCore
import Testing

/// The `moov` box of a written init segment.
private func movieBox(_ segment: InitSegment) throws -> Box {
    let bytes = try written { try segment.write(into: &$0) }
    let boxes = try BoxSequence(ByteBuffer(bytes: bytes)).all()
    #expect(boxes.map(\.type) == [.ftyp, .moov])
    return try #require(boxes.last)
}

/// The box at the end of a path, in bytes.
private func find(_ path: [String], in box: Box) throws -> [UInt8] {
    var box = box
    for name in path {
        box = try #require(try box.children().first { $0.type.description == name }, "no \(name)")
    }
    return Array(box.payload.readableBytesView)
}

/// The sample entry's boxes behind the fields of fixed size.
private func sampleEntryBoxes(_ segment: InitSegment, fixedBytes: Int) throws -> [Box] {
    let stsd = try find(["trak", "mdia", "minf", "stbl", "stsd"], in: try movieBox(segment))
    let entry = try parsed(Array(stsd.dropFirst(8)))
    return try BoxSequence(ByteBuffer(bytes: Array(entry.payload.readableBytesView).dropFirst(fixedBytes))).all()
}

@Suite("ISO/IEC 14496-12, 8.2: init segments")
struct InitSegmentTests {
    @Test(arguments: tracks)
    func everyCodecIsReadAsItWasWritten(_ track: Track) throws {
        let segment = InitSegment(tracks: [track])
        let bytes = try written { try segment.write(into: &$0) }
        try ParserVerifier { reader() }.verify(
            bytes, expecting: [.fileType(.initSegment), .initSegment(segment)], flips: [0x01, 0xFF])
    }

    @Test func severalTracksWithAllTheirProperties() throws {
        var picture = video(.avc1, Vectors.avc, id: 7)
        picture.language = "fra"
        picture.edits = [Edit(segmentDuration: 40, mediaTime: -1), .starting(at: 6000)]
        picture.defaults = SampleDefaults(duration: 3000, size: 9, flags: .dependent)
        picture.description.hasInBandParameterSets = true
        picture.description.bitRate = BitRate(bufferSize: 1, maximum: 3_000_000, average: 2_000_000)
        picture.description.media = .video(
            VideoSampleFormat(
                width: 720, height: 576,
                colour: ColourDescription(primaries: 9, transfer: 16, matrix: 9, isFullRange: true),
                sampleAspectRatio: SampleAspectRatio(width: 16, height: 11)))
        var sound = audio(.mp4a, Vectors.aac, id: 9)
        sound.description.bitRate = BitRate(maximum: 130_000, average: 128_000)
        let segment = InitSegment(movieTimescale: 600, duration: 0x1_0000_0000, tracks: [picture, sound])
        #expect(try InitSegment(parsing: try movieBox(segment)) == segment)
    }

    @Test func formatsBecomeTracks() throws {
        let video = try #require(VideoFormat(codec: .avc1, configuration: Vectors.avc))
        let audio = try #require(AudioFormat(codec: .mp4a, configuration: Vectors.aac))
        let picture = Track(id: 1, video: video, configuration: Vectors.avc)
        let sound = Track(id: 2, audio: audio, configuration: Vectors.aac)
        #expect(picture.timescale == 90_000)
        #expect(sound.timescale == 48_000)
        #expect(sound.description.media == .audio(AudioSampleFormat(channels: 2, sampleRate: 48000)))
        guard case .video(let format) = picture.description.media else {
            Issue.record("no video")
            return
        }
        #expect(format.width == 1280)
        #expect(format.height == 720)
        #expect(format.colour == video.colour)
    }

    @Test func sizeOfThePresentationHasSquarePixels() throws {
        var track = video(.avc1, Vectors.avc)
        track.description.media = .video(
            VideoSampleFormat(
                width: 720, height: 576, sampleAspectRatio: SampleAspectRatio(width: 16, height: 11)))
        let header = try find(["trak", "tkhd"], in: try movieBox(InitSegment(tracks: [track])))
        // 720 * 16 / 11 is 1047.27.
        #expect(header.suffix(8) == hex("041745D1 02400000"))
    }

    @Test(arguments: [ByteBuffer(), ByteBuffer(bytes: [1, 2, 3])])
    func configurationThatIsNoneIsRefusedAndNothingWritten(_ configuration: ByteBuffer) {
        for codec in [FourCC.opus, .flac, .vp09] {
            var bytes = ByteBuffer()
            let segment = InitSegment(tracks: [audio(codec, configuration)])
            #expect(code { try segment.write(into: &bytes) } == .malformed)
            #expect(bytes.readableBytes == 0)
        }
    }

    @Test func codecWithoutAPlaceIsRefused() {
        var bytes = ByteBuffer()
        let segment = InitSegment(tracks: [video(FourCC(rawValue: 0x5351_5A00), ByteBuffer())])
        #expect(code { try segment.write(into: &bytes) } == .unsupported)
    }

    @Test(arguments: [
        ("vp09", "01000000 000a82020202 0000"), ("vp09", "000a82020202 0000"),
    ])
    func configurationOfVP9MayHaveVersionAndFlags(_ type: String, _ configuration: String) throws {
        let boxes = try sampleEntryBoxes(InitSegment(tracks: [video(.vp09, buffer(configuration))]), fixedBytes: 78)
        #expect(boxes.first?.payload == buffer("01000000 000a82020202 0000"))
    }

    @Test func configurationOfFLACMayLackTheBlockHeader() throws {
        var bare = Vectors.flac
        bare.moveReaderIndex(forwardBy: 8)
        let boxes = try sampleEntryBoxes(InitSegment(tracks: [audio(.flac, bare, rate: 44100)]), fixedBytes: 28)
        let body = try #require(boxes.first?.payload)
        #expect(body.getSlice(at: body.readerIndex, length: 8) == buffer("00000000 80000022"))
        #expect(body.readableBytes == 4 + 4 + 34)
    }

    @Test(arguments: [
        (InitSegment(tracks: [audio(.opus, Vectors.opus)]), "00 02 0138 0000BB80 0000 00"),
        (InitSegment(tracks: [audio(.opus, Vectors.opusSurround)]), "00 06 0138 0000BB80 0000 01 04 02 000401020305"),
        (
            InitSegment(tracks: [audio(.mp4a, Vectors.aac)]),
            "00000000 03801C 0000 00 048012 40 15 000000 00000000 00000000 058002 1190 068001 02"
        ),
        (
            InitSegment(tracks: [audio(.mp3, ByteBuffer())]),
            "00000000 038017 0000 00 04800D 6B 15 000000 00000000 00000000 068001 02"
        ),
    ])
    func configurationOfAudioIsWhatTheSpecificationSays(_ segment: InitSegment, _ body: String) throws {
        #expect(try sampleEntryBoxes(segment, fixedBytes: 28).first?.payload == buffer(body))
    }

    @Test func sampleRateThatDoesNotFitIsTheTimescale() throws {
        var configuration = Vectors.flac
        configuration.setInteger(UInt32(0x1770_02F0), at: 18)
        let segment = InitSegment(tracks: [audio(.flac, configuration, rate: 96000)])
        #expect(try InitSegment(parsing: try movieBox(segment)) == segment)
    }

    @Test(arguments: [("und", "und"), ("eng", "eng"), ("EN", "und"), ("", "und"), ("german", "und"), ("zzz", "zzz")])
    func languages(_ given: String, _ expected: String) throws {
        var track = video(.avc1, Vectors.avc)
        track.language = given
        let segment = try InitSegment(parsing: try movieBox(InitSegment(tracks: [track])))
        #expect(segment.tracks.first?.language == expected)
    }

    @Test func tracksAtTheLimitAndOnePast() throws {
        let limits = ISOBMFFLimits(tracksMax: 2)
        let many = (1...3).map { audio(.mp3, ByteBuffer(), id: $0) }
        let two = try movieBox(InitSegment(tracks: Array(many.prefix(2))))
        let three = try movieBox(InitSegment(tracks: many))
        #expect(try InitSegment(parsing: two, limits: limits).tracks.count == 2)
        #expect(code { _ = try InitSegment(parsing: three, limits: limits) } == .tooManyTracks)
    }

    @Test(
        arguments: [
            ([], 0), ([Edit.starting(at: 1024)], -1024), ([Edit(segmentDuration: 500, mediaTime: -1)], 24000),
            ([Edit(segmentDuration: 500, mediaTime: -1), .starting(at: 1024)], 22976),
            ([Edit(segmentDuration: .max, mediaTime: -1)], .max),
            ([Edit(segmentDuration: 0, mediaTime: .max)], -.max),
        ] as [([Edit], Int64)])
    func editsShiftThePresentation(_ edits: [Edit], _ shift: Int64) {
        var track = audio(.mp4a, Vectors.aac)
        track.edits = edits
        #expect(track.presentationShift(movieTimescale: 1000) == shift)
    }

    @Test func missingBoxesAreNamed() throws {
        for type in ["mvhd", "tkhd", "mdia", "mdhd", "hdlr", "minf", "stbl", "stsd"] {
            var bytes = try written { try InitSegment(tracks: [video(.avc1, Vectors.avc)]).write(into: &$0) }
            let place = try #require(
                bytes.indices.first { bytes[$0...].starts(with: Array(type.utf8)) }, "no \(type)")
            bytes[place] = 0x78
            let error = #expect(throws: ISOBMFFError.self) { _ = try read(bytes) }
            #expect(error?.code == .missingBox)
            #expect(error?.detail.contains(type) == true)
        }
    }
}

@Suite("ETSI TS 102 366, annex F: AC-3 in MP4")
struct AC3ConfigurationTests {
    @Test func ac3() throws {
        // 48 kHz, 448 kbit/s, 3/2 with low frequencies.
        #expect(try AC3Configuration.body(firstFrame: buffer("0B77 0000 1E 40 E1 00")) == buffer("10 3D E0"))
    }

    @Test func eac3() throws {
        // Independent, 768 bytes, 48 kHz, 6 blocks, 3/2 with low frequencies: 192 kbit/s.
        let body = try AC3Configuration.body(firstFrame: buffer("0B77 017F 3F 80 00 00"))
        #expect(body == buffer("0600 20 0F 00"))
    }

    @Test func damageIsRefused() throws {
        #expect(code { _ = try AC3Configuration.body(firstFrame: buffer("FFFB 9064 0000 0000")) } == .malformed)
        try verifyOneShot(hex("0B77 0000 1E 40 E1 00")) { _ = try AC3Configuration.body(firstFrame: $0) }
        try verifyOneShot(hex("0B77 017F 3F 80 00 00")) { _ = try AC3Configuration.body(firstFrame: $0) }
    }
}
