import HLS
import LoadGeneration
import NIOCore
import Testing

private func playlist(_ lines: String) throws -> MediaPlaylist {
    try MediaPlaylist(parsing: ByteBuffer(string: "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:2\n" + lines))
}

private func segments(_ numbers: ClosedRange<Int>) -> String {
    "#EXT-X-MEDIA-SEQUENCE:\(numbers.lowerBound)\n#EXT-X-MAP:URI=\"init.mp4\"\n"
        + numbers.map { "#EXTINF:2.0,\n\($0).m4s\n" }.joined()
}

private func media(_ uri: String, isInitialization: Bool = false) -> HLSWalk.Step {
    .media(uri: uri, range: nil, isInitialization: isInitialization)
}

@Suite("RFC 8216bis, 6.3: what a viewer of HLS asks for")
struct HLSWalkTests {
    @Test func itBeginsAtTheLastSegmentAndTakesEachNewOne() throws {
        var walk = HLSWalk()
        #expect(walk.next() == .playlist(query: nil))
        walk.receive(try playlist(segments(5...7)))
        #expect(walk.next() == media("init.mp4", isInitialization: true))
        #expect(walk.next() == media("7.m4s"))
        #expect(walk.next() == .wait(milliseconds: 2000))
        #expect(walk.next() == .playlist(query: nil))
        walk.receive(try playlist(segments(5...7)))
        #expect(walk.next() == .wait(milliseconds: 1000))
        walk.receive(try playlist(segments(7...9)))
        #expect(walk.next() == media("8.m4s"))
        #expect(walk.next() == media("9.m4s"))
        #expect(walk.jumps == 0)
    }

    @Test func aPlaylistThatHasMovedOnIsAJump() throws {
        var walk = HLSWalk()
        walk.receive(try playlist(segments(1...3)))
        while case .media = walk.next() {}
        walk.receive(try playlist(segments(10...11)))
        #expect(walk.jumps == 1)
    }

    @Test func withLowLatencyItAsksForEachPartAndBlocks() throws {
        let head =
            "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.6\n#EXT-X-PART-INF:PART-TARGET=0.2\n"
            + segments(5...5)
        var walk = HLSWalk()
        walk.receive(
            try playlist(
                head + "#EXT-X-PART:DURATION=0.2,URI=\"6.0.m4s\",INDEPENDENT=YES\n"
                    + "#EXT-X-PART:DURATION=0.2,URI=\"6.1.m4s\"\n"))
        #expect(walk.next() == media("init.mp4", isInitialization: true))
        #expect(walk.next() == media("6.0.m4s"))
        #expect(walk.next() == media("6.1.m4s"))
        #expect(walk.next() == .playlist(query: "_HLS_msn=6&_HLS_part=2"))
        walk.receive(
            try playlist(
                head + "#EXT-X-PART:DURATION=0.2,URI=\"6.0.m4s\",INDEPENDENT=YES\n"
                    + "#EXT-X-PART:DURATION=0.2,URI=\"6.1.m4s\"\n#EXT-X-PART:DURATION=0.2,URI=\"6.2.m4s\"\n"))
        #expect(walk.next() == media("6.2.m4s"))
        #expect(walk.next() == .playlist(query: "_HLS_msn=6&_HLS_part=3"))
    }

    @Test func itEndsBehindTheLastSegment() throws {
        var walk = HLSWalk()
        walk.receive(try playlist(segments(1...1)))
        while case .media = walk.next() {}
        walk.receive(try playlist(segments(1...2) + "#EXT-X-ENDLIST\n"))
        #expect(!walk.isEnded)
        #expect(walk.next() == media("2.m4s"))
        walk.receive(try playlist(segments(1...2) + "#EXT-X-ENDLIST\n"))
        #expect(walk.isEnded)
    }

    @Test("no more than the limit waits to be asked for", arguments: [0, 1])
    func noMoreThanTheLimitWaits(excess: Int) throws {
        var walk = HLSWalk()
        walk.receive(try playlist(segments(1...1)))
        while case .media = walk.next() {}
        walk.receive(try playlist(segments(1...(1 + HLSWalk.queueMax + excess))))
        var asked = 0
        while case .media = walk.next() { asked += 1 }
        #expect(asked == HLSWalk.queueMax)
    }
}

@Suite("Limits of scanners")
struct ScannerLimitTests {
    @Test("chunk streams", arguments: [(0, false), (1, true)])
    func chunkStreams(excess: Int, isRefused: Bool) throws {
        let scanner = ChunkScanner()
        var bytes = ByteBuffer()
        for id in 0..<ChunkScanner.chunkStreamsMax + excess {
            // A whole message of no bytes, on a chunk stream of its own.
            bytes.writeMultipleIntegers(UInt8(0), UInt8(id), UInt32(0), UInt32(18), UInt16(0), UInt8(0))
        }
        var output = ScanOutput()
        if isRefused {
            #expect(throws: ScanError.self) { try scanner.scan(&bytes, into: &output) }
        } else {
            try scanner.scan(&bytes, into: &output)
            #expect(bytes.readableBytes == 0)
        }
    }

    @Test("boxes in front of the media", arguments: [(0, false), (1, true)])
    func boxesInFrontOfTheMedia(excess: Int, isRefused: Bool) throws {
        var bytes = ByteBuffer()
        bytes.writeInteger(UInt32(FragmentScanner.headBytesMax + excess))
        bytes.writeString("moof")
        var output = ScanOutput()
        if isRefused {
            #expect(throws: ScanError.self) { try FragmentScanner().scan(&bytes, into: &output) }
        } else {
            try FragmentScanner().scan(&bytes, into: &output)
            #expect(bytes.readableBytes == 8)
        }
    }
}
