import MPEGTS
import NIOCore
import Testing

private func clocks(_ bytes: ByteBuffer) -> [Int64] {
    packets(bytes).compactMap(\.clock)
}

@Suite("MPEG-TS, 2.4.2.2 and 2.7.2: the program clock")
struct ClockTests {
    @Test(arguments: [1, 10, 16, 33, 40, 99, 100, 101, 150, 500, 2000] as [Int64])
    func referencesAreNeverApartMoreThan100Milliseconds(_ step: Int64) throws {
        for tracks in [[videoTrack], [audioTrack], [audioTrack, videoTrack]] {
            var writer = try writer(tracks)
            var output = ByteBuffer()
            for index in 0..<20 as Range<Int64> {
                for (track, kind) in tracks.enumerated() {
                    let unit = kind == videoTrack ? picture(index * step, key: true) : sound(index * step)
                    try writer.write(unit, track: track, into: &output)
                }
            }
            checkConformance(output, "\(step) ms")
            #expect(try read(output).units.count == 20 * tracks.count)
        }
    }

    @Test func clockIsOnTheVideoTrack() throws {
        var writer = try writer([audioTrack, videoTrack])
        #expect(writer.program.clockID.rawValue == 0x101)
        var output = ByteBuffer()
        try writer.write(picture(0), track: 1, into: &output)
        try writer.write(sound(0), track: 0, into: &output)
        #expect(packets(output).filter { $0.clock != nil }.map(\.id) == [0x101])
    }

    @Test func clockGoesOnWhileAudioComesAlone() throws {
        var writer = try writer([videoTrack, audioTrack])
        var output = ByteBuffer()
        try writer.write(picture(0), track: 0, into: &output)
        for time in stride(from: 0, to: 1000, by: 20) as StrideTo<Int64> {
            try writer.write(sound(time), track: 1, into: &output)
        }
        checkConformance(output)
        #expect(clocks(output).count >= 10)
        #expect(packets(output).allSatisfy { $0.clock == nil || $0.id == 0x100 })
    }

    @Test func clockDoesNotRunBackwardsWhenAudioWasAhead() throws {
        var writer = try writer([videoTrack, audioTrack])
        var output = ByteBuffer()
        try writer.write(picture(0), track: 0, into: &output)
        try writer.write(sound(600), track: 1, into: &output)
        try writer.write(picture(40), track: 0, into: &output)
        writer.beginSegment(into: &output)
        try writer.write(picture(80, key: true), track: 0, into: &output)
        checkConformance(output)
        #expect(packets(output).allSatisfy { $0.flags & 0x80 == 0 })
    }

    @Test(arguments: [-3000, 20_000, 1_000_000] as [Int64])
    func jumpIsToldOf(_ milliseconds: Int64) throws {
        var writer = try writer([videoTrack])
        var output = ByteBuffer()
        try writer.write(picture(10_000), track: 0, into: &output)
        try writer.write(picture(10_000 + milliseconds), track: 0, into: &output)
        let clocked = packets(output).filter { $0.clock != nil }
        #expect(clocked.map { $0.flags & 0x80 } == [0, 0x80])
        #expect(clocked.last?.clock == (9_900 + milliseconds) * 90)
    }

    @Test func segmentBeginsWithAClock() throws {
        var writer = try writer([videoTrack, audioTrack])
        for time in [0, 20, 40] as [Int64] {
            var segment = ByteBuffer()
            writer.beginSegment(into: &segment)
            try writer.write(picture(time, key: true), track: 0, into: &segment)
            try writer.write(sound(time), track: 1, into: &segment)
            let written = packets(segment)
            #expect(written.map(\.id).prefix(3) == [0, 0x1000, 0x100])
            #expect(written[2].clock == ((time - 100) * 90) & 0x1_FFFF_FFFF)
            // Audio too can be begun with here.
            #expect(written.last?.flags == 0x40)
        }
    }

    @Test func discontinuityIsToldOnEachTrackOnce() throws {
        var writer = try writer([videoTrack, audioTrack])
        var output = ByteBuffer()
        for time in [0, 40, 0, 40] as [Int64] {
            if time == 0 { writer.beginSegment(isDiscontinuous: true, into: &output) }
            try writer.write(picture(time, key: true), track: 0, into: &output)
            try writer.write(sound(time), track: 1, into: &output)
        }
        let starts = packets(output).filter { $0.startsUnit && $0.id < 0x1000 && $0.id > 0 }
        #expect(starts.map { $0.flags & 0x80 != 0 } == [true, true, false, false, true, true, false, false])
        let elements = try read(output)
        #expect(elements.damages.isEmpty)
        #expect(elements.count { if case .discontinuity = $0 { true } else { false } } == 4)
    }

    @Test func tablesAreRepeatedForThoseWhoJoin() throws {
        var writer = try writer([audioTrack])
        var output = ByteBuffer()
        for time in stride(from: 0, through: 2000, by: 20) as StrideThrough<Int64> {
            try writer.write(sound(time), track: 0, into: &output)
        }
        #expect(packets(output).count { $0.id == 0 } == 5)
        checkConformance(output)
    }

    @Test func timesWrap() throws {
        var writer = try writer([videoTrack])
        var output = ByteBuffer()
        let start = (1 << 33) / 90 as Int64
        for index in 0..<10 as Range<Int64> {
            let time = start - 200 + index * 40
            try writer.write(picture(time, shown: time + 80, key: index == 0), track: 0, into: &output)
        }
        checkConformance(output)
        #expect(clocks(output).contains { $0 < 90_000 } && clocks(output).contains { $0 > 1 << 32 })
        let units = try read(output).units
        #expect(units.map(\.decodeTime.ticks) == (0..<10).map { (start - 200 + $0 * 40) * 90 })
        #expect(units.allSatisfy { $0.presentationTime - $0.decodeTime == TSTime(milliseconds: 80) })
    }

    @Test func timesBeforeZeroAreKeptByTheOffset() throws {
        var writer = try TSWriter(tracks: [videoTrack])
        var output = ByteBuffer()
        try writer.write(picture(-80, shown: 0, key: true), track: 0, into: &output)
        #expect(clocks(output) == [820 * 90])
        #expect(try read(output).units.map(\.presentationTime) == [TSTime(milliseconds: 1000)])
    }
}
