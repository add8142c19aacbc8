extension ConfigurationKey {
    /// Every key there is, in the order of the example file.
    package static let all: [ConfigurationKey] = listeners + traffic + limits + streams + hls + log

    /// The key of that name.
    package static func named(_ name: String) -> ConfigurationKey? {
        all.first { $0.name == name }
    }

    private static let listeners: [ConfigurationKey] = [
        .many(
            "rtmp.listen", \.rtmp.listen, .address, flag: "--rtmp",
            "Where publishers and viewers connect over RTMP. An empty list turns RTMP off."),
        .many(
            "http.listen", \.http.listen, .address, flag: "--http",
            "Where HTTP-FLV viewers, the page and the control API connect. An empty list turns HTTP off."),
        .many(
            "https.listen", \.https.listen, .address, flag: "--https",
            "The same over HTTPS, with HTTP/2. Without an address it is 0.0.0.0:8443 where there is a certificate, and "
                + "HTTPS is off where there is none."),
        .one(
            "https.certificate", \.https.certificate, .path, flag: "--https-certificate",
            "A PEM file: the server's certificate first, then those between it and a root. Read again on SIGHUP and "
                + "when it changes."),
        .one(
            "https.privateKey", \.https.privateKey, .path, flag: "--https-key",
            "A PEM file with the certificate's private key, without a passphrase; none where the certificate's file "
                + "holds both."),
        .one(
            "https.selfSigned", \.https.selfSigned, .flag, flag: "--https-self-signed",
            "Make a certificate at the start that nobody vouches for: for development."),
    ]

    private static let traffic: [ConfigurationKey] = [
        .one(
            "loops", \.loops, .loops, flag: "--loops",
            "How many event loops (threads) carry the traffic."),
        .one(
            "mergeWindow", \.mergeWindow, .mergeWindow, flag: "--merge-window",
            "How long bytes for viewers may be gathered before they are sent: a floor, and a ceiling for the widening "
                + "under load. A floor of 100ms costs a quarter of the CPU time of 0ms, and up to 100 ms of delay."),
    ]

    private static let limits: [ConfigurationKey] = [
        .one(
            "limits.connectionsMax", \.limits.connectionsMax, .count(1...10_000_000),
            "Connections of all kinds together; more are closed as they arrive."),
        .one(
            "limits.connectionsPerAddressMax", \.limits.connectionsPerAddressMax, .count(1...10_000_000),
            "Connections from one address. Loopback is not counted: reverse proxies live there."),
        .one(
            "limits.streamsMax", \.limits.streamsMax, .count(1...1_000_000),
            "Streams published at once."),
        .one(
            "limits.waitingStreamsMax", \.limits.waitingStreamsMax, .count(0...1_000_000),
            "Streams that have viewers waiting and no publisher, at once. Counted apart, so that strangers who play "
                + "invented names keep no publisher out."),
        .one(
            "limits.handshakeTimeout", \.limits.handshakeTimeout, .duration(.milliseconds(100)...(.seconds(300))),
            "How long a connection may take from its first byte to the end of the handshake or the request's head."),
        .one(
            "limits.idleTimeout", \.limits.idleTimeout, .duration(.seconds(1)...(.seconds(86_400))),
            "How long a publisher may be silent, and a connection that neither publishes nor plays may stay."),
        .one(
            "limits.viewerStuckTimeout", \.limits.viewerStuckTimeout, .duration(.seconds(1)...(.seconds(86_400))),
            "How long a viewer may take no byte at all before it is closed."),
        .one(
            "limits.messageBytesMax", \.limits.messageBytesMax, .bytes((64 << 10)...(15 << 20)),
            "The largest RTMP message a peer may send."),
        .one(
            "limits.viewerLagBytesMax", \.limits.viewerLagBytesMax, .bytes((64 << 10)...(1 << 30)),
            "How many bytes a viewer may lag behind before it skips to the newest keyframe."),
        .one(
            "limits.viewerLagDurationMax", \.limits.viewerLagDurationMax,
            .duration(.milliseconds(500)...(.seconds(600))),
            "How far a viewer may lag behind in time before it skips to the newest keyframe."),
    ]

    private static let streams: [ConfigurationKey] = [
        .one(
            "streams.publisherGrace", \.streams.publisherGrace, .duration(.zero...(.seconds(3_600))),
            "How long viewers wait for a publisher whose connection died; it may return with other settings."),
        .one(
            "streams.bufferBytesMax", \.streams.bufferBytesMax, .bytes((1 << 20)...(4 << 30)),
            "The most one stream's log may hold for each format watched. A publisher that never sends a keyframe costs "
                + "no more."),
        .one(
            "streams.bufferDurationMax", \.streams.bufferDurationMax, .duration(.seconds(1)...(.seconds(600))),
            "The longest time one stream's log may hold. Keyframes further apart than this do not help joiners."),
        .one(
            "streams.cacheBytesMax", \.streams.cacheBytesMax, .bytes((1 << 20)...(1 << 40)),
            "The most that the newest groups of pictures of all streams together may hold, kept so that the first viewer "
                + "of a stream starts at once, too."),
    ]

    private static let log: [ConfigurationKey] = [
        .one(
            "log.level", \.log.level, .word, flag: "--log-level",
            "The least severe level that is written."),
        .one(
            "log.format", \.log.format, .word, flag: "--log-format",
            "Lines for people, or one JSON object a line for machines."),
    ]
}
