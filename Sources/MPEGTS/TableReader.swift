import NIOCore

/// Keeps the tables of a stream: which programs there are, and what they are made of.
/// Specification: ISO/IEC 13818-1, 2.4.4.
struct TableReader: Sendable {
    /// What a table changed.
    enum Change: Sendable {
        /// A program is new, or made of something else.
        case program(ProgramMap)
        /// A program is gone.
        case ended(UInt16)
        /// Something that cannot be read, or is too much.
        case damage(TSError)
    }

    private struct Program: Sendable {
        let mapID: PacketID
        var section: ByteBuffer?
        var map: ProgramMap?
    }

    /// The sections of the program association table that have come, of those that there are.
    private struct Association: Sendable {
        let header: SectionHeader
        var sections: [UInt8: ByteBuffer] = [:]
        var programs: [ProgramAssociation.Program] = []
    }

    private let limits: TSLimits
    private var assemblers: [PacketID: SectionAssembler] = [.programAssociation: SectionAssembler()]
    private var association: Association?
    private var programs: [UInt16: Program] = [:]

    init(limits: TSLimits) {
        self.limits = limits
    }

    /// The maps that have come, in the order of their numbers.
    var maps: [ProgramMap] {
        programs.values.compactMap(\.map).sorted { $0.number < $1.number }
    }

    /// Whether packets carry tables.
    func isTable(_ id: PacketID) -> Bool {
        assemblers[id] != nil
    }

    mutating func receive(_ packet: UnsafeRawBufferPointer, _ header: PacketHeader) -> [Change] {
        guard let sections = assemblers[header.id]?.receive(packet, header), !sections.isEmpty else { return [] }
        var changes: [Change] = []
        for section in sections {
            if header.id == .programAssociation {
                readAssociation(section, &changes)
            } else {
                readMap(section, id: header.id, &changes)
            }
        }
        return changes
    }

    /// The header and body of a section whose checksum is right and which is in force.
    private func open(
        _ section: ByteBuffer, _ changes: inout [Change]
    ) -> (header: SectionHeader, body: ByteBuffer)? {
        guard CRC32.checksum(section.readableBytesView) == 0 else {
            changes.append(.damage(TSError(.badSection, "CRC_32")))
            return nil
        }
        var rest = section
        guard let header = SectionHeader(&rest), let body = rest.readSlice(length: rest.readableBytes - 4) else {
            changes.append(.damage(TSError(.badSection, "header")))
            return nil
        }
        return header.isCurrent ? (header, body) : nil
    }

    private mutating func readAssociation(_ section: ByteBuffer, _ changes: inout [Change]) {
        guard section.getInteger(at: section.readerIndex, as: UInt8.self) == ProgramAssociation.tableID else { return }
        if let known = association?.sections.values, known.contains(section) { return }
        guard let (header, body) = open(section, &changes) else { return }
        guard let table = ProgramAssociation(header: header, body: body) else {
            return changes.append(.damage(TSError(.badSection, "program association table")))
        }
        var next = Association(
            header: SectionHeader(
                tableID: header.tableID, number: header.number, version: header.version, lastSection: header.lastSection
            ))
        // A section that differs under the same version is a writer's that forgot to count; it too begins anew.
        if let current = association, current.header == next.header, current.sections[header.section] == nil {
            next = current
        }
        next.sections[header.section] = section
        let room = max(0, limits.programsMax - next.programs.count)
        next.programs += table.programs.prefix(room)
        if table.programs.count > room {
            changes.append(.damage(TSError(.limitExceeded, "\(next.programs.count) programs")))
        }
        association = next
        if next.sections.count == Int(header.lastSection) + 1 { apply(next.programs, &changes) }
    }

    private mutating func apply(_ listed: [ProgramAssociation.Program], _ changes: inout [Change]) {
        var kept: [UInt16: Program] = [:]
        for program in listed where program.mapID != .programAssociation && program.mapID != .null {
            let known = programs[program.number]
            kept[program.number] = known?.mapID == program.mapID ? known : Program(mapID: program.mapID)
        }
        for (number, program) in programs.sorted(by: { $0.key < $1.key }) where program.map != nil {
            if kept[number]?.map == nil { changes.append(.ended(number)) }
        }
        programs = kept
        let ids = Set(kept.values.map(\.mapID) + [.programAssociation])
        assemblers = assemblers.filter { ids.contains($0.key) }
        for id in ids where assemblers[id] == nil { assemblers[id] = SectionAssembler() }
    }

    private mutating func readMap(_ section: ByteBuffer, id: PacketID, _ changes: inout [Change]) {
        guard section.getInteger(at: section.readerIndex, as: UInt8.self) == ProgramMap.tableID,
            let number: UInt16 = section.getInteger(at: section.readerIndex + 3),
            var program = programs[number], program.mapID == id, program.section != section,
            let (header, body) = open(section, &changes)
        else { return }
        guard let map = ProgramMap(header: header, body: body) else {
            return changes.append(.damage(TSError(.badSection, "program map table")))
        }
        let hasChanged = program.map != map
        program.section = section
        program.map = map
        programs[number] = program
        if hasChanged { changes.append(.program(map)) }
    }
}
