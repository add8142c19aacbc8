import NIOCore

/// Joins the sections of tables, which begin anywhere in a packet and go on in the next ones.
/// Specification: ISO/IEC 13818-1, 2.4.4.1 and 2.4.4.2.
struct SectionAssembler: Sendable {
    private var continuity = Continuity()
    /// A section that has begun; it has 4098 bytes at most, as its length says.
    private var pending = ByteBuffer()
    private var isInSection = false

    /// Takes a packet.
    ///
    /// - Returns: the sections that it completes, header and checksum included.
    mutating func receive(_ packet: UnsafeRawBufferPointer, _ header: PacketHeader) -> [ByteBuffer] {
        switch continuity.check(header) {
        case .duplicate: return []
        case .gap, .signalledDiscontinuity: drop()
        case .next: break
        }
        var payload = UnsafeRawBufferPointer(rebasing: packet[header.payload])
        var sections: [ByteBuffer] = []
        if header.startsUnit {
            guard let pointer = payload.first, Int(pointer) < payload.count else {
                drop()
                return []
            }
            if isInSection {
                pending.writeBytes(payload[1..<1 + Int(pointer)])
                takeSections(&sections)
            }
            drop()
            payload = UnsafeRawBufferPointer(rebasing: payload.dropFirst(1 + Int(pointer)))
            isInSection = true
        }
        guard isInSection else { return sections }
        pending.writeBytes(payload)
        takeSections(&sections)
        return sections
    }

    private mutating func takeSections(_ sections: inout [ByteBuffer]) {
        while isInSection {
            guard let tableID: UInt8 = pending.getInteger(at: pending.readerIndex) else { return }
            // Behind the last section all is filled with ones.
            guard tableID != 0xFF else { return drop() }
            guard let field: UInt16 = pending.getInteger(at: pending.readerIndex + 1),
                let section = pending.readSlice(length: 3 + Int(field & 0x0FFF))
            else { return }
            sections.append(section)
        }
    }

    private mutating func drop() {
        pending.clear()
        isInSection = false
    }
}
