import Codecs
import NIOCore

/// Writes one program: tables, and access units of its tracks as they come.
///
/// Bytes are appended to a buffer of the caller's, which is grown once for each access unit; nothing else is allocated.
/// Specification: ISO/IEC 13818-1, 2.4.
public struct TSWriter: Sendable {
    /// What a track needs to know while it is written.
    private struct TrackState: Sendable {
        var track: TSTrack
        var packaging: Packaging
        let streamID: UInt8
        let id: PacketID
        /// continuity_counter of the next packet with a payload.
        var continuity: UInt8 = 0
        /// Whether nothing has been written since the segment began.
        var beginsSegment = true
        var beginsAfterDiscontinuity = false
    }

    /// Tracks of a writer at most: what one program map section holds with descriptors.
    public static let tracksMax = 32

    private let configuration: TSWriterConfiguration
    private var states: [TrackState]
    private var tables: TableWriter
    private var clock: ProgramClock
    private let clockTrack: Int

    /// - Parameters:
    ///   - tracks: at least one. The first video track, or else the first audio track, carries the program clock.
    ///   - configuration: how to write.
    /// - Throws: ``TSError/Code/unsupported`` for codecs and configurations that have no place in a transport stream,
    ///   ``TSError/Code/limitExceeded`` when the tracks do not fit into one program.
    public init(tracks: [TSTrack], configuration: TSWriterConfiguration = .init()) throws(TSError) {
        guard !tracks.isEmpty else { throw TSError(.unknownTrack, "no tracks") }
        guard tracks.count <= Self.tracksMax else { throw TSError(.limitExceeded, "\(tracks.count) tracks") }
        self.configuration = configuration
        clockTrack = tracks.firstIndex(where: \.isVideo) ?? tracks.firstIndex(where: \.isAudio) ?? 0
        var states: [TrackState] = []
        for (index, track) in tracks.enumerated() {
            let earlier = tracks[..<index]
            let number: UInt8 = UInt8(
                truncatingIfNeeded: earlier.count { $0.isVideo == track.isVideo && $0.isAudio == track.isAudio })
            states.append(
                TrackState(
                    track: track, packaging: try Packaging(track), streamID: Self.streamID(track, number: number),
                    id: PacketID(field: configuration.firstTrackID.rawValue &+ UInt16(truncatingIfNeeded: index))))
        }
        self.states = states
        clock = ProgramClock(configuration)
        let map = try Self.map(states, clockTrack: clockTrack, configuration)
        tables = try TableWriter(map, configuration)
    }

    /// stream_id. Specification: ISO/IEC 13818-1, Table 2-22. What is private data to MPEG goes as private_stream_1.
    private static func streamID(_ track: TSTrack, number: UInt8) -> UInt8 {
        switch track.content {
        case .video: 0xE0 | number & 0x0F
        case .audio(.mp4a), .audio(.mp3): 0xC0 | number & 0x1F
        default: 0xBD
        }
    }

    private static func map(
        _ states: [TrackState], clockTrack: Int, _ configuration: TSWriterConfiguration
    ) throws(TSError) -> ProgramMap {
        var map = ProgramMap(
            number: configuration.programNumber, clockID: states[clockTrack].id, streams: [])
        for state in states { map.streams.append(try state.track.elementaryStream(id: state.id)) }
        if states.contains(where: { $0.track.content == .timedID3 }) {
            map.descriptors.append(.timedID3Pointer(program: configuration.programNumber))
        }
        return map
    }

    /// The program as the tables tell of it. Its streams are the tracks in their order.
    public var program: ProgramMap {
        tables.map
    }

    /// Takes a track's new decoder configuration, which the next keyframe brings.
    ///
    /// - Throws: as ``init(tracks:configuration:)``; nothing has changed then.
    public mutating func setConfiguration(_ bytes: ByteBuffer, track index: Int) throws(TSError) {
        guard states.indices.contains(index) else { throw TSError(.unknownTrack, "track \(index)") }
        var changed = states
        changed[index].track.configuration = bytes
        changed[index].packaging = try Packaging(changed[index].track)
        let map = try Self.map(changed, clockTrack: clockTrack, configuration)
        try tables.update(map)
        states = changed
    }

    /// Begins a segment: writes the tables, and makes the next access unit of each track one to begin with.
    ///
    /// - Parameters:
    ///   - isDiscontinuous: whether times and packets do not go on from those written before.
    ///   - buffer: where to append.
    public mutating func beginSegment(isDiscontinuous: Bool = false, into buffer: inout ByteBuffer) {
        tables.write(at: nil, into: &buffer)
        clock.beginSegment(isDiscontinuous: isDiscontinuous)
        for index in states.indices {
            states[index].beginsSegment = true
            states[index].beginsAfterDiscontinuity = isDiscontinuous || states[index].beginsAfterDiscontinuity
        }
    }

    /// Writes an access unit as a PES packet of its own.
    ///
    /// - Parameters:
    ///   - unit: length-prefixed NAL units (of the length that the configuration tells), a raw frame of audio, an ID3
    ///     tag, or private data.
    ///   - track: the track's place among those the writer was made with.
    ///   - buffer: where to append; a whole number of transport packets.
    /// - Throws: ``TSError/Code/badUnit`` when the unit cannot be read, ``TSError/Code/limitExceeded`` when it is longer
    ///   than 65 000 bytes and not video. Nothing has been written then.
    public mutating func write(_ unit: TSAccessUnit, track: Int, into buffer: inout ByteBuffer) throws(TSError) {
        try write(
            CollectionOfOne(unit.payload), decodeTime: unit.decodeTime, presentationTime: unit.presentationTime,
            isKeyframe: unit.isKeyframe, track: track, into: &buffer)
    }

    /// Writes several frames of audio that follow each other as one PES packet, which saves the most at low bit rates.
    ///
    /// - Parameters:
    ///   - frames: raw frames of audio.
    ///   - time: when the first of them is played.
    ///   - track: the track's place among those the writer was made with.
    ///   - buffer: where to append.
    /// - Throws: as ``write(_:track:into:)``.
    public mutating func write(
        frames: [ByteBuffer], at time: TSTime, track: Int, into buffer: inout ByteBuffer
    ) throws(TSError) {
        guard !frames.isEmpty else { return }
        try write(
            frames, decodeTime: time, presentationTime: time, isKeyframe: true, track: track, into: &buffer)
    }

    private mutating func write(
        _ units: some Collection<ByteBuffer>, decodeTime: TSTime, presentationTime: TSTime, isKeyframe: Bool,
        track: Int, into buffer: inout ByteBuffer
    ) throws(TSError) {
        guard states.indices.contains(track) else { throw TSError(.unknownTrack, "track \(track)") }
        let payloadBytes = try payloadByteCount(units, isKeyframe: isKeyframe, track: track)
        let times = (
            decode: decodeTime + configuration.timeOffset, presentation: presentationTime + configuration.timeOffset
        )
        let header = PESHeaderBytes(
            streamID: states[track].streamID, times.decode, presentation: times.presentation, payloadBytes: payloadBytes
        )
        guard header.packetLength <= 0xFFFF || states[track].track.isVideo else {
            throw TSError(.limitExceeded, "access unit of \(payloadBytes) bytes")
        }
        tables.writeIfDue(at: times.decode, into: &buffer)
        let start = start(track: track, decodeTime: times.decode, isKeyframe: isKeyframe, into: &buffer)
        let byteCount = header.byteCount + payloadBytes
        let packets = PacketFiller.packetCount(payloadBytes: byteCount, start: start)
        let state = states[track]
        _ = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: packets * PacketHeader.packetBytes) { space in
            var filler = PacketFiller(
                UnsafeMutableRawBufferPointer(rebasing: space.prefix(packets * PacketHeader.packetBytes)),
                id: state.id, continuity: state.continuity, start: start, payloadBytes: byteCount)
            header.withBytes { filler.append($0) }
            for unit in units {
                unit.withUnsafeReadableBytes { bytes in
                    _ = state.packaging.forEachPiece(of: bytes, isKeyframe: isKeyframe) { filler.append($0) }
                }
            }
            return packets * PacketHeader.packetBytes
        }
        states[track].continuity = UInt8(truncatingIfNeeded: Int(state.continuity) &+ packets) & 0x0F
        states[track].beginsSegment = false
        states[track].beginsAfterDiscontinuity = false
    }

    private func payloadByteCount(
        _ units: some Collection<ByteBuffer>, isKeyframe: Bool, track: Int
    ) throws(TSError) -> Int {
        var count = 0
        for unit in units {
            let isReadable = unit.withUnsafeReadableBytes { bytes in
                states[track].packaging.forEachPiece(of: bytes, isKeyframe: isKeyframe) { count += $0.count }
            }
            guard isReadable else { throw TSError(.badUnit, "track \(track), \(unit.readableBytes) bytes") }
        }
        return count
    }

    /// What the first packet of an access unit says beside the payload. Clock references that are due before it are
    /// written as packets of their own.
    private mutating func start(
        track: Int, decodeTime: TSTime, isKeyframe: Bool, into buffer: inout ByteBuffer
    ) -> PacketFiller.Start {
        let state = states[track]
        var start = PacketFiller.Start(
            isDiscontinuous: state.beginsAfterDiscontinuity,
            isRandomAccess: isKeyframe && (state.track.isVideo || state.beginsSegment && state.track.isAudio))
        let isClockTrack = track == clockTrack
        while let time = clock.overdue(decodeTime) { writeClock(time, into: &buffer) }
        if isClockTrack, let reference = clock.reference(decodeTime) {
            start.clock = reference.time.wire
            start.isDiscontinuous = start.isDiscontinuous || reference.isDiscontinuous
        }
        return start
    }

    /// A packet without payload; the continuity counter does not count it. Specification: ISO/IEC 13818-1, 2.4.3.3.
    private func writeClock(_ time: TSTime, into buffer: inout ByteBuffer) {
        let state = states[clockTrack]
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: PacketHeader.packetBytes) { space in
            PacketFiller.storeHeader(
                id: state.id, continuity: state.continuity &- 1, startsUnit: false, hasPayload: false,
                adaptationBytes: PacketHeader.packetBytes - 4, start: PacketFiller.Start(clock: time.wire),
                to: UnsafeMutableRawBufferPointer(rebasing: space.prefix(PacketHeader.packetBytes)))
            return PacketHeader.packetBytes
        }
    }
}
