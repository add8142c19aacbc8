import Codecs
import NIOCore

/// Reads a file or an endless stream as its bytes come: tables, then access units of all programs.
///
/// Damage is nearly always local in this format. What is damaged is dropped and told of as an element; only when there
/// are no packets any more does the reader throw, and must then not be used again.
/// Specification: ISO/IEC 13818-1, 2.4.
public struct TSReader: Sendable {
    /// What a stream is made of.
    public enum Element: Sendable, Equatable {
        /// A program is new, or made of something else than before.
        case program(ProgramMap)
        /// A program is gone.
        case programEnded(UInt16)
        /// A stream's decoder configuration, before the first access unit and when it changes: an
        /// AVCDecoderConfigurationRecord, an HEVCDecoderConfigurationRecord, an AudioSpecificConfig, or an Opus head. MP3,
        /// AC-3 and E-AC-3 have none.
        case configuration(PacketID, ByteBuffer)
        /// An access unit. Video comes from the first parameter sets on, which need not be a keyframe.
        case accessUnit(PacketID, TSAccessUnit)
        /// The sender says that a stream does not go on from what was before: its times may jump.
        case discontinuity(PacketID)
        /// Something is damaged or missing; nil where it is not one stream's. The reader goes on.
        case damage(PacketID?, TSError)
    }

    private enum Sync: Sendable {
        /// A packet comes next.
        case found
        /// Packets are looked for; so many bytes were passed over.
        case searching(Int)
    }

    private let limits: TSLimits
    private var sync = Sync.found
    private var tables: TableReader
    private var streams: [PacketID: PESReader] = [:]
    private var shared: SharedState
    private var ready: [Element] = []
    private var nextReady = 0

    /// - Parameter limits: what the peer can make the reader do.
    public init(limits: TSLimits = .init()) {
        self.limits = limits
        tables = TableReader(limits: limits)
        shared = SharedState(limits: limits)
    }

    /// The programs that there are now.
    public var programs: [ProgramMap] {
        tables.maps
    }

    /// Reads the next element.
    ///
    /// - Parameter buffer: the bytes at hand; whole packets are consumed.
    /// - Returns: the element, or nil when its bytes have not all come.
    /// - Throws: ``TSError`` with ``TSError/Damage/stream``.
    public mutating func read(from buffer: inout ByteBuffer) throws(TSError) -> Element? {
        while true {
            if nextReady < ready.count {
                defer { nextReady += 1 }
                return ready[nextReady]
            }
            ready.removeAll(keepingCapacity: true)
            nextReady = 0
            guard try readPacket(from: &buffer) else { return nil }
        }
    }

    /// The stream is at its end: gives out what was waiting for its next packet.
    public mutating func finish() -> [Element] {
        for id in streams.keys.sorted(by: { $0.rawValue < $1.rawValue }) { flush(id) }
        let elements = Array(ready[nextReady...])
        ready = []
        nextReady = 0
        return elements
    }

    /// - Returns: false when more bytes are needed.
    private mutating func readPacket(from buffer: inout ByteBuffer) throws(TSError) -> Bool {
        guard try synchronise(&buffer), buffer.readableBytes >= PacketHeader.packetBytes else { return false }
        buffer.withUnsafeReadableBytes { bytes in
            receive(UnsafeRawBufferPointer(rebasing: bytes.prefix(PacketHeader.packetBytes)))
        }
        buffer.moveReaderIndex(forwardBy: PacketHeader.packetBytes)
        return true
    }

    /// Passes over bytes until three packets in a row begin as packets do.
    ///
    /// - Returns: whether a packet comes next.
    private mutating func synchronise(_ buffer: inout ByteBuffer) throws(TSError) -> Bool {
        var passedOver: Int
        switch sync {
        case .searching(let count): passedOver = count
        case .found:
            guard let first: UInt8 = buffer.getInteger(at: buffer.readerIndex) else { return false }
            if first == PacketHeader.syncByte { return true }
            ready.append(.damage(nil, TSError(.syncLost, "byte \(first) where a packet should begin")))
            passedOver = 0
        }
        let needed = 2 * PacketHeader.packetBytes + 1
        let count = max(0, buffer.readableBytes - needed + 1)
        let offset = buffer.withUnsafeReadableBytes { bytes in
            (0..<count).first { offset in
                stride(from: offset, to: offset + needed, by: PacketHeader.packetBytes)
                    .allSatisfy { bytes[$0] == PacketHeader.syncByte }
            }
        }
        buffer.moveReaderIndex(forwardBy: offset ?? count)
        passedOver += offset ?? count
        guard passedOver <= limits.syncSearchBytesMax else {
            throw TSError(.noSync, "\(passedOver) bytes without a packet")
        }
        sync = offset == nil ? .searching(passedOver) : .found
        return offset != nil
    }

    private mutating func receive(_ packet: UnsafeRawBufferPointer) {
        let header: PacketHeader
        do {
            header = try PacketHeader(packet)
        } catch {
            return ready.append(.damage(nil, error))
        }
        if streams[header.id] != nil {
            withStream(header.id) { $0.receive(packet, header, shared: &$1, into: &$2) }
        } else if tables.isTable(header.id) {
            for change in tables.receive(packet, header) { apply(change, id: header.id) }
        }
    }

    private mutating func flush(_ id: PacketID) {
        withStream(id) { $0.flush(shared: &$1, into: &$2) }
    }

    /// Lends the elements to a stream's reader, which appends to them.
    private mutating func withStream(
        _ id: PacketID, _ body: (inout PESReader, inout SharedState, inout UnitOutput) -> Void
    ) {
        var output = UnitOutput(id: id, elements: [])
        swap(&output.elements, &ready)
        if streams[id] != nil { Self.with(&streams[id], &shared, &output, body) }
        swap(&output.elements, &ready)
    }

    private static func with(
        _ stream: inout PESReader?, _ shared: inout SharedState, _ output: inout UnitOutput,
        _ body: (inout PESReader, inout SharedState, inout UnitOutput) -> Void
    ) {
        guard var reader = stream.take() else { return }
        body(&reader, &shared, &output)
        stream = reader
    }

    private mutating func apply(_ change: TableReader.Change, id: PacketID) {
        switch change {
        case .damage(let error): ready.append(.damage(id, error))
        case .program(let map):
            updateStreams()
            ready.append(.program(map))
        case .ended(let number):
            updateStreams()
            ready.append(.programEnded(number))
        }
    }

    /// Streams that are no longer told of end; those that are told of as before go on.
    private mutating func updateStreams() {
        var wanted: [PacketID: ElementaryStream] = [:]
        for stream in tables.maps.flatMap(\.streams) where wanted[stream.id] == nil {
            guard stream.id != .null, !tables.isTable(stream.id) else { continue }
            guard wanted.count < limits.streamsMax else {
                ready.append(.damage(stream.id, TSError(.limitExceeded, "more than \(limits.streamsMax) streams")))
                break
            }
            wanted[stream.id] = stream
        }
        let ended = streams.values.map(\.stream).filter { wanted[$0.id] != $0 }.map(\.id)
        for id in ended.sorted(by: { $0.rawValue < $1.rawValue }) {
            flush(id)
            streams[id] = nil
        }
        for (id, stream) in wanted where streams[id] == nil { streams[id] = PESReader(stream, limits: limits) }
    }
}
