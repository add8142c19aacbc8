import AMF

extension RTMPClientSession {
    /// What a client wants of the server.
    public enum Purpose: Sendable, Hashable {
        /// To publish the URL's stream.
        case publish(PublishMode)
        /// To play the URL's stream. The start is in milliseconds: -1000 for live only, -2000 for live or recorded.
        case play(start: Double)
    }

    /// Whom a client session talks to, about what, and how much it lets the server do.
    public struct Configuration: Sendable {
        /// The server, the application and the stream.
        public var url: RTMPURL
        /// Publish or play.
        public var purpose: Purpose
        /// "flashVer". Servers take a name that begins with FMLE for an encoder.
        public var flashVersion: String
        /// The chunk size we announce and write with; see ``RTMPServerSession/Configuration/outboundChunkSize``.
        public var outboundChunkSize: Int
        /// After how many bytes we want an acknowledgement.
        public var windowAcknowledgementSizeBytes: UInt32
        /// How much a player says it buffers.
        public var bufferLengthMilliseconds: UInt32
        /// What we offer beyond RTMP 1.0.
        public var capabilities: EnhancedCapabilities
        /// Whether C1 holds a digest, which some servers ask of players of H.264.
        public var usesDigest: Bool
        /// What the server may make the chunk reader hold.
        public var chunkLimits: ChunkLimits
        /// What the server may put into one command.
        public var amfLimits: AMFLimits
        /// How many messages may be malformed before the connection ends.
        public var malformedMessagesMax: Int

        /// Makes a configuration; see the properties.
        public init(
            url: RTMPURL, purpose: Purpose, flashVersion: String = "FMLE/3.0 (compatible; Sluice)",
            outboundChunkSize: Int = 60_000, windowAcknowledgementSizeBytes: UInt32 = 2_500_000,
            bufferLengthMilliseconds: UInt32 = 1000, capabilities: EnhancedCapabilities = .forwardingEverything,
            usesDigest: Bool = true, chunkLimits: ChunkLimits = ChunkLimits(), amfLimits: AMFLimits = .command,
            malformedMessagesMax: Int = 64
        ) {
            self.url = url
            self.purpose = purpose
            self.flashVersion = flashVersion
            self.outboundChunkSize = min(max(outboundChunkSize, 128), 0xFF_FFFF)
            self.windowAcknowledgementSizeBytes = windowAcknowledgementSizeBytes
            self.bufferLengthMilliseconds = bufferLengthMilliseconds
            self.capabilities = capabilities
            self.usesDigest = usesDigest
            self.chunkLimits = chunkLimits
            self.amfLimits = amfLimits
            self.malformedMessagesMax = malformedMessagesMax
        }
    }
}
