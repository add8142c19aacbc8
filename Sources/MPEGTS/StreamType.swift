/// How an elementary stream is coded: stream_type. Specification: ISO/IEC 13818-1, Table 2-34.
public struct StreamType: RawRepresentable, Hashable, Sendable {
    /// The byte in the program map table.
    public var rawValue: UInt8

    /// - Parameter rawValue: the byte in the program map table.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// MPEG-1 audio; layer III is MP3.
    public static let mpeg1Audio = StreamType(rawValue: 0x03)
    /// MPEG-2 audio: the sample rates under 32 kHz.
    public static let mpeg2Audio = StreamType(rawValue: 0x04)
    /// PES packets of private data; descriptors say what it is. Opus, and AC-3 in Europe, come so.
    public static let privateData = StreamType(rawValue: 0x06)
    /// AAC with ADTS headers.
    public static let adts = StreamType(rawValue: 0x0F)
    /// Metadata in PES packets; timed ID3 comes so.
    public static let metadata = StreamType(rawValue: 0x15)
    /// H.264.
    public static let h264 = StreamType(rawValue: 0x1B)
    /// HEVC.
    public static let hevc = StreamType(rawValue: 0x24)
    /// AC-3. Specification: ATSC A/52, A.3.
    public static let ac3 = StreamType(rawValue: 0x81)
    /// E-AC-3. Specification: ATSC A/52, G.3.
    public static let eac3 = StreamType(rawValue: 0x87)
}
