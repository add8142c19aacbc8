import Codecs
import ISOBMFF
import MediaTesting
import NIOCore
import Testing

/// A movie of one track whose sample table is written by hand.
private func movie(_ tables: [UInt8]) throws -> [UInt8] {
    var bytes = ByteBuffer()
    try InitSegment(tracks: [video(.avc1, Vectors.avc)]).write(into: &bytes)
    let moov = try #require(try BoxSequence(bytes).all().last)
    func rebuilt(_ boxes: [Box]) throws -> [UInt8] {
        try boxes.flatMap { inner -> [UInt8] in
            switch inner.type.description {
            case "trak", "mdia", "minf": try box(inner.type.description, rebuilt(inner.children()))
            case "stbl": try box("stbl", rebuilt(inner.children().filter { $0.type.description == "stsd" }) + tables)
            case "mvex": []
            default: box(inner.type.description, Array(inner.payload.readableBytesView))
            }
        }
    }
    return try box("moov", rebuilt(moov.children()))
}

private func samples(_ tables: [UInt8], _ limits: ISOBMFFLimits = .init()) throws -> [IndexedSample] {
    let movie = try Movie(parsing: try parsed(try movie(tables)), limits: limits)
    var cursor = try #require(movie.sampleTables.first).makeCursor()
    var samples: [IndexedSample] = []
    while let sample = try cursor.next() { samples.append(sample) }
    return samples
}

/// A table of numbers behind their count of entries.
private func table(_ type: String, _ entries: [[Int]]) -> [UInt8] {
    fullBox(type, entries.count.be32 + entries.flatMap { $0.flatMap(\.be32) })
}

private let times = table("stts", [[2, 100], [0, 7], [3, 50]])
private let sizes = fullBox("stsz", 0.be32 + 5.be32 + [10, 20, 30, 40, 50].flatMap { Int($0).be32 })
private let chunks = table("stsc", [[1, 2, 1], [3, 1, 1]]) + table("stco", [[1000], [2000], [3000]])

@Suite("ISO/IEC 14496-12, 8.6 and 8.7: sample tables")
struct SampleTableTests {
    @Test func samplesInDecodeOrder() throws {
        let found = try samples(
            times + sizes + chunks + table("ctts", [[1, 5], [4, -3]]) + table("stss", [[1], [4]]))
        #expect(found.map(\.decodeTime) == [0, 100, 200, 250, 300])
        #expect(found.map(\.duration) == [100, 100, 50, 50, 50])
        #expect(found.map(\.compositionOffset) == [5, -3, -3, -3, -3])
        #expect(found.map(\.isSync) == [true, false, false, true, false])
        #expect(found.map(\.offset) == [1000, 1010, 2000, 2030, 3000])
        #expect(found.map(\.size) == [10, 20, 30, 40, 50])
    }

    @Test func withoutSyncTableEverySampleIsSync() throws {
        let found = try samples(times + sizes + chunks)
        #expect(found.allSatisfy { $0.isSync && $0.compositionOffset == 0 })
    }

    @Test func wideChunkOffsets() throws {
        let wide = fullBox("co64", 1.be32 + hex("0000000100000000"))
        let found = try samples(times + sizes + table("stsc", [[1, 5, 1]]) + wide)
        #expect(found.map(\.offset) == [0, 10, 30, 60, 100].map { 0x1_0000_0000 + $0 })
    }

    @Test(
        arguments: [
            (fullBox("stz2", 4.be32 + 5.be32 + hex("12 34 50")), [1, 2, 3, 4, 5]),
            (fullBox("stz2", 8.be32 + 5.be32 + hex("0102030405")), [1, 2, 3, 4, 5]),
            (fullBox("stz2", 16.be32 + 5.be32 + hex("00010002000300040100")), [1, 2, 3, 4, 256]),
            (fullBox("stsz", 7.be32 + 5.be32), [7, 7, 7, 7, 7]),
        ] as [([UInt8], [UInt32])])
    func formsOfSizes(_ bytes: [UInt8], _ expected: [UInt32]) throws {
        #expect(try samples(times + bytes + chunks).map(\.size) == expected)
    }

    @Test func samplesEndWithTheChunks() throws {
        let few = table("stsc", [[1, 2, 1]]) + table("stco", [[1000]])
        #expect(try samples(times + sizes + few).count == 2)
    }

    @Test(arguments: [
        (table("stts", [[2, 100]]) + sizes + chunks, ISOBMFFError.Code.malformed),
        (times + sizes + table("stsc", []) + table("stco", [[1]]), .malformed),
        (times + sizes + table("stsc", [[1, 5, 2]]) + table("stco", [[1]]), .unsupported),
        (times + fullBox("stz2", 5.be32 + 0.be32) + chunks, .malformed),
        (times + fullBox("stz2", 4.be32 + hex("FFFFFFFF 00")) + chunks, .truncatedBox),
        (times + fullBox("stsz", 0.be32 + hex("FFFFFFFF 00")) + chunks, .truncatedBox),
        (fullBox("stts", hex("FFFFFFFF")) + sizes + chunks, .truncatedBox),
        (times + sizes + table("stsc", [[1, 1, 1]]) + fullBox("stco", hex("7FFFFFFF")), .truncatedBox),
        (times + sizes + table("stsc", [[1, 1, 1]]), .missingBox),
        (sizes + chunks, .missingBox), (times + chunks, .missingBox),
    ])
    func tablesThatContradictEachOtherAreRefused(_ tables: [UInt8], _ expected: ISOBMFFError.Code) {
        #expect(code { _ = try samples(tables) } == expected)
    }

    @Test func samplesAtTheLimitAndOnePast() throws {
        #expect(try samples(times + sizes + chunks, ISOBMFFLimits(samplesPerTrackMax: 5)).count == 5)
        #expect(
            code { _ = try samples(times + sizes + chunks, ISOBMFFLimits(samplesPerTrackMax: 4)) } == .tooManySamples)
        let claimed = fullBox("stsz", 1.be32 + hex("FFFFFFFF"))
        #expect(code { _ = try samples(times + claimed + chunks) } == .tooManySamples)
    }

    @Test func damagedTablesSurvive() throws {
        let limits = ISOBMFFLimits(samplesPerTrackMax: 1000)
        let bytes = try movie(times + sizes + chunks + table("ctts", [[1, 5], [4, -3]]) + table("stss", [[1], [4]]))
        try verifyOneShot(bytes) { bytes in
            guard let box = try BoxSequence(bytes).all().first else { return }
            var cursor = try Movie(parsing: box, limits: limits).makeCursor()
            while try cursor.next() != nil {}
        }
    }

    @Test func compressedMovieIsRefused() {
        #expect(code { _ = try Movie(parsing: try parsed(box("moov", box("cmov", [])))) } == .unsupported)
    }
}
