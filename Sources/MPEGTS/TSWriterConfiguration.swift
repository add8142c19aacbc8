/// How a ``TSWriter`` writes.
public struct TSWriterConfiguration: Sendable, Equatable {
    /// transport_stream_id.
    public var transportStreamID: UInt16
    /// program_number, not 0.
    public var programNumber: UInt16
    /// The packets of the program map table.
    public var mapID: PacketID
    /// version_number of the first program map, 0 to 31; for a writer that takes the place of another.
    public var mapVersion: UInt8
    /// The packets of the first track; the others have the numbers behind it.
    public var firstTrackID: PacketID
    /// What is added to all times. It keeps the clock, and the decode times of reordered pictures, from lying before
    /// zero at a stream's beginning.
    public var timeOffset: TSTime
    /// How long before its decode time an access unit arrives by the program clock.
    public var clockLead: TSTime
    /// Times between clock references on the clock's track at least. The specification wants one every 100 ms, and so it
    /// is whatever is said here.
    public var clockInterval: TSTime
    /// Times between tables inside a segment at most, for those who join a stream without segments.
    public var tableInterval: TSTime

    /// Makes a configuration; see the properties.
    public init(
        transportStreamID: UInt16 = 1, programNumber: UInt16 = 1, mapID: PacketID = PacketID(rawValue: 0x1000),
        mapVersion: UInt8 = 0,
        firstTrackID: PacketID = PacketID(rawValue: 0x0100), timeOffset: TSTime = TSTime(milliseconds: 1000),
        clockLead: TSTime = TSTime(milliseconds: 100), clockInterval: TSTime = TSTime(milliseconds: 40),
        tableInterval: TSTime = TSTime(milliseconds: 500)
    ) {
        self.transportStreamID = transportStreamID
        self.programNumber = programNumber
        self.mapID = mapID
        self.mapVersion = mapVersion
        self.firstTrackID = firstTrackID
        self.timeOffset = timeOffset
        self.clockLead = clockLead
        self.clockInterval = clockInterval
        self.tableInterval = tableInterval
    }
}
