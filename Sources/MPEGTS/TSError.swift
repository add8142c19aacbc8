/// Why bytes are not an MPEG transport stream, or why something cannot be said in one.
public struct TSError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of fault.
    public enum Code: Sendable, Hashable {
        /// No packets are found within ``TSLimits/syncSearchBytesMax``.
        case noSync
        /// Bytes between packets were passed over.
        case syncLost
        /// A packet's header or adaptation field contradicts itself, or the packet says that it is damaged.
        case badPacket
        /// Packets are missing; what they were part of is dropped.
        case packetsLost
        /// A stream is encrypted; we have no keys.
        case scrambled
        /// A section's checksum is wrong, or its lengths contradict each other.
        case badSection
        /// A PES packet's header contradicts itself, or its time is missing.
        case badPES
        /// An access unit cannot be read.
        case badUnit
        /// A codec, or a form of one, that has no place in a transport stream, or none in this library.
        case unsupported
        /// A peer passes one of the ``TSLimits``, or an access unit is longer than the format can say.
        case limitExceeded
        /// There is no such track.
        case unknownTrack
    }

    /// How far the damage goes.
    public enum Damage: Sendable, Hashable {
        /// This access unit, packet or table only.
        case unit
        /// The reader's place in the byte stream is lost: close it.
        case stream
    }

    /// The kind of fault.
    public var code: Code
    /// What was found, for the log.
    public var detail: String

    /// Makes an error; see the properties.
    public init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    /// How far the damage goes.
    public var damage: Damage {
        code == .noSync ? .stream : .unit
    }

    /// The code and the detail.
    public var description: String {
        "\(code): \(detail)"
    }
}

/// What a peer can make the reader hold or do at most.
public struct TSLimits: Sendable, Equatable {
    /// The longest PES packet in bytes. A keyframe of 100 Mbit/s video is 2 to 4 MB; the format has no bound for video.
    public var pesBytesMax: Int
    /// What all PES packets that have begun and not ended may hold together, in bytes: two large pictures.
    public var pendingBytesMax: Int
    /// The most programs of a stream. A broadcast multiplex has 10 to 30.
    public var programsMax: Int
    /// The most elementary streams, all programs together. A program with many languages has 20.
    public var streamsMax: Int
    /// The most bytes passed over in search of packets before the stream is given up: 348 packets.
    public var syncSearchBytesMax: Int
    /// The most access units in one PES packet. A second of Opus in frames of 2.5 ms has 400.
    public var unitsPerPESMax: Int
    /// The most NAL units in one PES packet. A picture of 8K video has up to 600 slices.
    public var nalUnitsPerPESMax: Int
    /// The longest parameter set in bytes. Those with scaling lists and all extensions have under 1000.
    public var parameterSetBytesMax: Int

    /// Makes limits; see the properties.
    public init(
        pesBytesMax: Int = 8 << 20, pendingBytesMax: Int = 16 << 20, programsMax: Int = 64, streamsMax: Int = 64,
        syncSearchBytesMax: Int = 64 << 10, unitsPerPESMax: Int = 1024, nalUnitsPerPESMax: Int = 4096,
        parameterSetBytesMax: Int = 4096
    ) {
        self.pesBytesMax = pesBytesMax
        self.pendingBytesMax = pendingBytesMax
        self.programsMax = programsMax
        self.streamsMax = streamsMax
        self.syncSearchBytesMax = syncSearchBytesMax
        self.unitsPerPESMax = unitsPerPESMax
        self.nalUnitsPerPESMax = nalUnitsPerPESMax
        self.parameterSetBytesMax = parameterSetBytesMax
    }
}
