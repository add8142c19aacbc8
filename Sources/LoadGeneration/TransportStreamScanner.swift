import NIOCore

/// Notes the frames of an MPEG transport stream. Specification: ISO/IEC 13818-1, 2.4.
///
/// A picture is noted when its clock has been seen, or as much of it as may hold one: where it ends is known only when
/// the next one begins.
package final class TransportStreamScanner: StreamScanner {
    private static let packetBytes = 188
    private static let syncByte: UInt8 = 0x47

    private var tables = ProgramTables()
    private var head = ByteBuffer()
    private var pending: ScannedFrame?

    /// A scanner at the beginning of a stream.
    package init() {}

    package func beginResource() {
        pending = nil
    }

    package func scan(_ buffer: inout ByteBuffer, into output: inout ScanOutput) throws(ScanError) {
        while buffer.readableBytes >= Self.packetBytes {
            try readPacket(buffer, at: buffer.readerIndex, &output)
            buffer.moveReaderIndex(forwardBy: Self.packetBytes)
        }
    }

    /// One packet. Specification: ISO/IEC 13818-1, 2.4.3.2.
    private func readPacket(_ buffer: ByteBuffer, at start: Int, _ output: inout ScanOutput) throws(ScanError) {
        guard let header = buffer.getInteger(at: start, as: UInt32.self),
            UInt8(truncatingIfNeeded: header >> 24) == Self.syncByte
        else { throw ScanError("what the server sends is no MPEG transport stream") }
        let pid = UInt16(truncatingIfNeeded: header >> 8) & 0x1FFF
        let begins = header & 0x40_0000 != 0
        let end = start + Self.packetBytes
        var index = start + 4
        var isRandomAccess = false
        if header & 0x20 != 0 {
            let length = Int(buffer.getInteger(at: index, as: UInt8.self) ?? 0)
            isRandomAccess = length > 0 && (buffer.getInteger(at: index + 1, as: UInt8.self) ?? 0) & 0x40 != 0
            index += 1 + length
        }
        guard header & 0x10 != 0, index < end else { return }
        switch tables.use(of: pid) {
        case .table: if begins { tables.read(pid, buffer, at: index, end: end) }
        case .video:
            if begins { beginPicture(isRandomAccess, buffer, &index, end, &output) }
            gather(buffer, at: index, end: end, &output)
        case .audio:
            if begins { output.frames.append(ScannedFrame(kind: .audio, milliseconds: Self.pes(buffer, &index, end))) }
        case .other: return
        }
    }

    private func beginPicture(
        _ isRandomAccess: Bool, _ buffer: ByteBuffer, _ index: inout Int, _ end: Int, _ output: inout ScanOutput
    ) {
        if let frame = pending { output.frames.append(frame) }
        let milliseconds = Self.pes(buffer, &index, end)
        pending = ScannedFrame(kind: .video, isKey: isRandomAccess, milliseconds: milliseconds)
        head.clear()
    }

    private func gather(_ buffer: ByteBuffer, at index: Int, end: Int, _ output: inout ScanOutput) {
        guard var frame = pending, index < end else { return }
        var rest = buffer
        rest.moveReaderIndex(to: index)
        head.writeImmutableBuffer(rest.getSlice(at: index, length: end - index) ?? ByteBuffer())
        frame.stamp = FrameStamp.find(in: head, at: head.readerIndex, count: head.readableBytes)
        guard frame.stamp != nil || head.readableBytes >= FrameStamp.searchBytes else { return }
        output.frames.append(frame)
        pending = nil
    }

    /// Reads a PES header; the index is behind it then. Specification: ISO/IEC 13818-1, 2.4.3.6.
    ///
    /// - Returns: the decode time in milliseconds, or the presentation time where it is the same; 0 without.
    private static func pes(_ buffer: ByteBuffer, _ index: inout Int, _ end: Int) -> Int64 {
        let start = index
        guard end - start >= 9, buffer.getInteger(at: start, as: UInt32.self).map({ $0 >> 8 }) == 1,
            let flags = buffer.getInteger(at: start + 7, as: UInt8.self),
            let length = buffer.getInteger(at: start + 8, as: UInt8.self)
        else {
            index = end
            return 0
        }
        index = min(end, start + 9 + Int(length))
        let field = flags & 0x40 != 0 ? start + 14 : start + 9
        guard flags & 0x80 != 0, field + 5 <= end, let top = buffer.getInteger(at: field, as: UInt8.self),
            let middle = buffer.getInteger(at: field + 1, as: UInt16.self),
            let low = buffer.getInteger(at: field + 3, as: UInt16.self)
        else { return 0 }
        return (Int64(top >> 1 & 7) << 30 | Int64(middle >> 1) << 15 | Int64(low >> 1)) / 90
    }
}

/// Which packets hold what. Specification: ISO/IEC 13818-1, 2.4.4.
private struct ProgramTables {
    enum Use { case table, video, audio, other }

    private var map: UInt16?
    private var video: UInt16?
    private var audio: UInt16?

    func use(of pid: UInt16) -> Use {
        if pid == video { return .video }
        if pid == audio { return .audio }
        return pid == 0 || pid == map ? .table : .other
    }

    /// Reads a table that begins in a packet; of one that does not end there, what is there.
    mutating func read(_ pid: UInt16, _ buffer: ByteBuffer, at index: Int, end: Int) {
        let start = index + 1 + Int(buffer.getInteger(at: index, as: UInt8.self) ?? 0)
        guard start + 12 <= end, let header = buffer.getInteger(at: start, as: UInt32.self) else { return }
        let sectionEnd = min(end, start + 3 + Int(header >> 8 & 0xFFF)) - 4
        if header >> 24 == 0, pid == 0 {
            map = buffer.getInteger(at: start + 10, as: UInt16.self).map { $0 & 0x1FFF }
        } else if header >> 24 == 2, let word = buffer.getInteger(at: start + 10, as: UInt16.self) {
            readMap(buffer, at: start + 12 + Int(word & 0xFFF), end: sectionEnd)
        }
    }

    private mutating func readMap(_ buffer: ByteBuffer, at index: Int, end: Int) {
        var index = index
        (video, audio) = (nil, nil)
        while index + 5 <= end {
            guard let type = buffer.getInteger(at: index, as: UInt8.self),
                let pid = buffer.getInteger(at: index + 1, as: UInt16.self),
                let length = buffer.getInteger(at: index + 3, as: UInt16.self)
            else { return }
            switch type {
            // MPEG-2, MPEG-4, H.264, HEVC, VVC.
            case 0x02, 0x10, 0x1B, 0x24, 0x33: video = video ?? pid & 0x1FFF
            // MPEG audio, AAC in ADTS and LATM, AC-3, E-AC-3.
            case 0x03, 0x04, 0x0F, 0x11, 0x81, 0x87: audio = audio ?? pid & 0x1FFF
            default: break
            }
            index += 5 + Int(length & 0xFFF)
        }
    }
}
