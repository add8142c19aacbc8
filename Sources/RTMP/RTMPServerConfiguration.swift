import AMF

extension RTMPServerSession {
    /// What a server session says of itself and how much it lets a peer do.
    public struct Configuration: Sendable {
        /// The chunk size we announce and write with. At 60 000 bytes all but the largest keyframes are one chunk, and
        /// the message that announces it has been understood by every client tried.
        public var outboundChunkSize: Int
        /// After how many bytes we want an acknowledgement. Nothing depends on it here; players expect the message.
        public var windowAcknowledgementSizeBytes: UInt32
        /// The peer bandwidth we set; dynamic, so a client may ignore it.
        public var peerBandwidthBytes: UInt32
        /// What the peer may make the chunk reader hold.
        public var chunkLimits: ChunkLimits
        /// What the peer may put into one command.
        public var amfLimits: AMFLimits
        /// The most message streams at once. Encoders use 1; Flash used one per video on the page.
        public var messageStreamsMax: Int
        /// The longest stream name with its query, in bytes. Signed keys have a few hundred; the name goes into logs and
        /// tables, so it must not be a megabyte.
        public var streamNameBytesMax: Int
        /// The most bytes that wait unread while a question is open. A client that waits for its answers, as all known
        /// do, sends a few hundred; one that pipelines may send its first keyframe.
        public var heldBytesMax: Int
        /// The most bytes of chunks before connect is complete, so that a stranger's memory is small. A connect command
        /// has about 500 bytes, 2 KB with every capability of Enhanced RTMP.
        public var bytesBeforeConnectMax: Int
        /// How many messages may be malformed before the connection ends. One is a bug of an encoder that can be lived
        /// with; many are an attack, and each costs a line of the log.
        public var malformedMessagesMax: Int
        /// What we do beyond RTMP 1.0, answered to clients that offer the same.
        public var capabilities: EnhancedCapabilities
        /// "fmsVer": clients compare its number, so it names the Flash Media Server whose behaviour this is.
        public var serverVersion: String

        /// Makes a configuration; see the properties. A server that only passes codecs on can say so of all of them.
        public init(
            outboundChunkSize: Int = 60_000, windowAcknowledgementSizeBytes: UInt32 = 2_500_000,
            peerBandwidthBytes: UInt32 = 2_500_000, chunkLimits: ChunkLimits = ChunkLimits(),
            amfLimits: AMFLimits = .command, messageStreamsMax: Int = 16, streamNameBytesMax: Int = 1024,
            heldBytesMax: Int = 1 << 20, bytesBeforeConnectMax: Int = 64 << 10, malformedMessagesMax: Int = 64,
            capabilities: EnhancedCapabilities = .forwardingEverything, serverVersion: String = "FMS/3,5,7,7009"
        ) {
            self.outboundChunkSize = min(max(outboundChunkSize, 128), 0xFF_FFFF)
            self.windowAcknowledgementSizeBytes = windowAcknowledgementSizeBytes
            self.peerBandwidthBytes = peerBandwidthBytes
            self.chunkLimits = chunkLimits
            self.amfLimits = amfLimits
            self.messageStreamsMax = max(messageStreamsMax, 1)
            self.streamNameBytesMax = streamNameBytesMax
            self.heldBytesMax = heldBytesMax
            self.bytesBeforeConnectMax = bytesBeforeConnectMax
            self.malformedMessagesMax = malformedMessagesMax
            self.capabilities = capabilities
            self.serverVersion = serverVersion
        }
    }
}

extension EnhancedCapabilities {
    /// Passes every codec on, several tracks and nanosecond offsets included.
    public static let forwardingEverything = EnhancedCapabilities(
        fourCCs: ["*"], videoCodecs: [CodecInfo(codec: "*", use: .forward)],
        audioCodecs: [CodecInfo(codec: "*", use: .forward)], features: .all)
}
