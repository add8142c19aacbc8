import NIOCore

/// What stands in front of every section of a table.
/// Specification: ISO/IEC 13818-1, 2.4.4.3 and 2.4.4.8 (the first eight bytes, which all tables share).
struct SectionHeader: Sendable, Hashable {
    /// table_id.
    var tableID: UInt8
    /// transport_stream_id or program_number.
    var number: UInt16
    /// version_number, 0 to 31.
    var version: UInt8
    /// current_next_indicator: whether the section is in force, or the one to come.
    var isCurrent = true
    /// section_number.
    var section: UInt8 = 0
    /// last_section_number.
    var lastSection: UInt8 = 0

    /// Bytes of a section at most, header and checksum included.
    static let sectionBytesMax = 1024

    /// Reads the header of a whole section whose checksum is right; what is left is the body and the checksum.
    init?(_ section: inout ByteBuffer) {
        guard let (tableID, flags) = section.readMultipleIntegers(as: (UInt8, UInt16).self), flags & 0x8000 != 0,
            let (number, version, part, last) = section.readMultipleIntegers(as: (UInt16, UInt8, UInt8, UInt8).self),
            part <= last
        else { return nil }
        self.init(
            tableID: tableID, number: number, version: version >> 1 & 0x1F, isCurrent: version & 1 != 0, section: part,
            lastSection: last)
    }

    init(
        tableID: UInt8, number: UInt16, version: UInt8, isCurrent: Bool = true, section: UInt8 = 0,
        lastSection: UInt8 = 0
    ) {
        self.tableID = tableID
        self.number = number
        self.version = version
        self.isCurrent = isCurrent
        self.section = section
        self.lastSection = lastSection
    }

    /// The section with its length and checksum.
    func section(_ body: ByteBuffer) -> ByteBuffer {
        var section = ByteBuffer()
        let length = UInt16(truncatingIfNeeded: 5 &+ body.readableBytes &+ 4)
        section.writeMultipleIntegers(tableID, 0xB000 | length & 0x0FFF, number)
        section.writeMultipleIntegers(0xC0 | version << 1 | (isCurrent ? 1 : 0), self.section, lastSection)
        section.writeImmutableBuffer(body)
        section.writeInteger(CRC32.checksum(section.readableBytesView))
        return section
    }
}

/// Where the programs of a stream are: the program association table. Specification: ISO/IEC 13818-1, 2.4.4.3.
public struct ProgramAssociation: Sendable, Hashable {
    /// A program and the packets that carry its map.
    public struct Program: Sendable, Hashable {
        /// program_number, not 0.
        public var number: UInt16
        /// program_map_PID.
        public var mapID: PacketID

        /// Makes a program; see the properties.
        public init(number: UInt16, mapID: PacketID) {
            self.number = number
            self.mapID = mapID
        }
    }

    /// transport_stream_id.
    public var transportStreamID: UInt16
    /// The programs, without the network information that number 0 stands for.
    public var programs: [Program]

    /// Makes a table; see the properties.
    public init(transportStreamID: UInt16, programs: [Program]) {
        self.transportStreamID = transportStreamID
        self.programs = programs
    }

    static let tableID: UInt8 = 0x00

    /// - Parameter body: what stands between a section's header and its checksum.
    init?(header: SectionHeader, body: ByteBuffer) {
        var body = body
        transportStreamID = header.number
        programs = []
        while body.readableBytes > 0 {
            guard let (number, field) = body.readMultipleIntegers(as: (UInt16, UInt16).self) else { return nil }
            if number != 0 { programs.append(Program(number: number, mapID: PacketID(field: field))) }
        }
    }

    func section(version: UInt8) -> ByteBuffer {
        var body = ByteBuffer()
        for program in programs { body.writeMultipleIntegers(program.number, 0xE000 | program.mapID.rawValue) }
        return SectionHeader(tableID: Self.tableID, number: transportStreamID, version: version).section(body)
    }
}

/// What a program is made of: the program map table. Specification: ISO/IEC 13818-1, 2.4.4.8.
public struct ProgramMap: Sendable, Hashable {
    /// program_number.
    public var number: UInt16
    /// The packets that carry the program clock reference; ``PacketID/null`` where there is none.
    public var clockID: PacketID
    /// What is said of the whole program.
    public var descriptors: [Descriptor]
    /// The program's streams.
    public var streams: [ElementaryStream]

    /// Makes a table; see the properties.
    public init(number: UInt16, clockID: PacketID, descriptors: [Descriptor] = [], streams: [ElementaryStream]) {
        self.number = number
        self.clockID = clockID
        self.descriptors = descriptors
        self.streams = streams
    }

    static let tableID: UInt8 = 0x02

    /// - Parameter body: what stands between a section's header and its checksum.
    init?(header: SectionHeader, body: ByteBuffer) {
        var body = body
        guard let (clock, length) = body.readMultipleIntegers(as: (UInt16, UInt16).self),
            let program = body.readSlice(length: Int(length & 0x0FFF)), let descriptors = [Descriptor](program)
        else { return nil }
        self.init(number: header.number, clockID: PacketID(field: clock), descriptors: descriptors, streams: [])
        while body.readableBytes > 0 {
            guard let (type, id, length) = body.readMultipleIntegers(as: (UInt8, UInt16, UInt16).self),
                let info = body.readSlice(length: Int(length & 0x0FFF)), let descriptors = [Descriptor](info)
            else { return nil }
            streams.append(
                ElementaryStream(id: PacketID(field: id), type: StreamType(rawValue: type), descriptors: descriptors))
        }
    }

    func section(version: UInt8) -> ByteBuffer {
        var body = ByteBuffer()
        body.writeMultipleIntegers(
            0xE000 | clockID.rawValue, 0xF000 | UInt16(truncatingIfNeeded: descriptors.byteCount))
        descriptors.write(to: &body)
        for stream in streams {
            let length = UInt16(truncatingIfNeeded: stream.descriptors.byteCount)
            body.writeMultipleIntegers(stream.type.rawValue, 0xE000 | stream.id.rawValue, 0xF000 | length)
            stream.descriptors.write(to: &body)
        }
        return SectionHeader(tableID: Self.tableID, number: number, version: version).section(body)
    }
}
