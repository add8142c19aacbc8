import NIOCore

/// Writes the two tables of a program. Specification: ISO/IEC 13818-1, 2.4.4.
struct TableWriter: Sendable {
    private(set) var map: ProgramMap
    private let mapID: PacketID
    private let interval: TSTime
    private let associationPackets: ByteBuffer
    private var mapPackets: ByteBuffer
    private var mapVersion: UInt8
    private var associationContinuity: UInt8 = 0
    private var mapContinuity: UInt8 = 0
    /// Whether the tables are in the buffer, and since when.
    private var state = State.missing

    private enum State {
        /// Not written yet.
        case missing
        /// Written at the beginning of a segment; the next access unit says when that was.
        case justWritten
        case written(TSTime)
    }

    init(_ map: ProgramMap, _ configuration: TSWriterConfiguration) throws(TSError) {
        self.map = map
        mapID = configuration.mapID
        interval = configuration.tableInterval
        let association = ProgramAssociation(
            transportStreamID: configuration.transportStreamID,
            programs: [.init(number: configuration.programNumber, mapID: configuration.mapID)])
        associationPackets = Self.packets(association.section(version: 0), id: .programAssociation)
        mapVersion = configuration.mapVersion & 0x1F
        mapPackets = try Self.packets(map, version: mapVersion, id: configuration.mapID)
    }

    /// Takes a map that is to be written from now on. An equal one changes nothing.
    mutating func update(_ map: ProgramMap) throws(TSError) {
        guard map != self.map else { return }
        let version = (mapVersion &+ 1) & 0x1F
        mapPackets = try Self.packets(map, version: version, id: mapID)
        mapVersion = version
        self.map = map
        state = .missing
    }

    private static func packets(_ map: ProgramMap, version: UInt8, id: PacketID) throws(TSError) -> ByteBuffer {
        let section = map.section(version: version)
        guard section.readableBytes <= SectionHeader.sectionBytesMax else {
            throw TSError(.limitExceeded, "program map of \(section.readableBytes) bytes")
        }
        return packets(section, id: id)
    }

    /// A section behind a pointer_field of 0, cut into packets and filled up with ones.
    private static func packets(_ section: ByteBuffer, id: PacketID) -> ByteBuffer {
        var payload = ByteBuffer(bytes: [0])
        payload.writeImmutableBuffer(section)
        var packets = ByteBuffer()
        var startsUnit = true
        while payload.readableBytes > 0 {
            packets.writeMultipleIntegers(PacketHeader.syncByte, (startsUnit ? 0x4000 : 0) | id.rawValue, UInt8(0x10))
            let count = min(payload.readableBytes, PacketHeader.packetBytes - 4)
            if var piece = payload.readSlice(length: count) { packets.writeBuffer(&piece) }
            packets.writeRepeatingByte(0xFF, count: PacketHeader.packetBytes - 4 - count)
            startsUnit = false
        }
        return packets
    }

    mutating func writeIfDue(at time: TSTime, into buffer: inout ByteBuffer) {
        switch state {
        case .missing: write(at: time, into: &buffer)
        case .justWritten: state = .written(time)
        case .written(let last):
            // Backwards too: a stream that begins anew is one that somebody may join.
            if time - last >= interval || last - time >= interval { write(at: time, into: &buffer) }
        }
    }

    /// - Parameter time: the next access unit's; nil where it is not known yet.
    mutating func write(at time: TSTime?, into buffer: inout ByteBuffer) {
        Self.write(associationPackets, continuity: &associationContinuity, into: &buffer)
        Self.write(mapPackets, continuity: &mapContinuity, into: &buffer)
        state = time.map { .written($0) } ?? .justWritten
    }

    private static func write(_ packets: ByteBuffer, continuity: inout UInt8, into buffer: inout ByteBuffer) {
        let start = buffer.writerIndex
        buffer.writeImmutableBuffer(packets)
        for offset in stride(from: 3, to: packets.readableBytes, by: PacketHeader.packetBytes) {
            buffer.setInteger(0x10 | continuity, at: start + offset)
            continuity = (continuity &+ 1) & 0x0F
        }
    }
}
