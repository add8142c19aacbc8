/// Everything an operator can set. Every value has a default, so `ServerConfiguration()` is a server that works.
///
/// Only this target knows what the keys are called in a file, in the environment and on the command line
/// (``ConfigurationKey/all``); each part of the server receives the values it needs, never the whole.
package struct ServerConfiguration: Sendable, Equatable {
    /// Where publishers and viewers connect over RTMP.
    package var rtmp = RTMP()
    /// Where viewers, the page and the control API connect over HTTP.
    package var http = HTTP()
    /// The same, encrypted.
    package var https = HTTPS()
    /// How many event loops (threads) carry the traffic; `nil` is one for each core.
    package var loops: Int?
    /// How long bytes for viewers may be gathered before they are sent.
    package var mergeWindow = MergeWindow()
    /// What a peer may cost.
    package var limits = Limits()
    /// How streams are kept.
    package var streams = Streams()
    /// How streams are cut into segments.
    package var hls = HLS()
    /// What is logged, and how.
    package var log = Log()

    /// The defaults.
    package init() {}

    /// RTMP listeners.
    package struct RTMP: Sendable, Equatable {
        /// Addresses to listen at; none turns RTMP off.
        package var listen = [ListenAddress(host: "0.0.0.0", port: 1935)]
    }

    /// HTTP listeners.
    package struct HTTP: Sendable, Equatable {
        /// Addresses to listen at; none turns HTTP off.
        package var listen = [ListenAddress(host: "0.0.0.0", port: 8080)]
    }

    /// HTTPS listeners, with HTTP/2 for clients that speak it.
    package struct HTTPS: Sendable, Equatable {
        /// Addresses to listen at; none is ``defaultListen`` where there is a certificate, and turns HTTPS off else.
        package var listen: [ListenAddress] = []
        /// A PEM file with the server's certificate and those between it and a root.
        package var certificate: String?
        /// A PEM file with the private key; `nil` where it is in the certificate's file.
        package var privateKey: String?
        /// Whether to make a certificate at the start, for development.
        package var selfSigned = false

        /// Where HTTPS listens when only a certificate is given.
        package static let defaultListen = ListenAddress(host: "0.0.0.0", port: 8443)

        /// Whether anything asks for HTTPS.
        package var isOn: Bool { !listen.isEmpty || certificate != nil || selfSigned }

        /// The addresses to listen at.
        package var addresses: [ListenAddress] { isOn && listen.isEmpty ? [Self.defaultListen] : listen }
    }

    /// How long bytes for viewers may be gathered before they are sent: a floor the operator asks for and a ceiling
    /// that the server, which widens its window by itself under load, must not pass.
    package struct MergeWindow: Sendable, Equatable {
        /// The least time between two sends to a viewer; zero sends with every video frame.
        package var floor: Duration
        /// The most the window may widen to under load; never less than the floor.
        package var ceiling: Duration

        /// The widest window of a server that was given no ceiling.
        package static let defaultCeiling = Duration.milliseconds(350)

        /// - Parameters:
        ///   - floor: the least time between two sends to a viewer.
        ///   - ceiling: the most under load; raised to the floor when it is less.
        package init(floor: Duration = .zero, ceiling: Duration = defaultCeiling) {
            self.floor = floor
            self.ceiling = max(floor, ceiling)
        }
    }

    /// What a peer may cost.
    package struct Limits: Sendable, Equatable {
        /// Connections of all kinds together.
        package var connectionsMax = 20_000
        /// Connections from one address. Loopback is not counted: reverse proxies live there.
        package var connectionsPerAddressMax = 512
        /// Streams published at once.
        package var streamsMax = 10_000
        /// Streams that have viewers waiting and no publisher, at once.
        package var waitingStreamsMax = 1_000
        /// How long a stranger may take from connecting to the end of the handshake.
        package var handshakeTimeout = Duration.seconds(10)
        /// How long a publisher may be silent, and a connection that neither publishes nor plays may stay.
        package var idleTimeout = Duration.seconds(30)
        /// How long a viewer may take nothing at all before it is closed.
        package var viewerStuckTimeout = Duration.seconds(30)
        /// One RTMP message.
        package var messageBytesMax = 8 << 20
        /// How many bytes a viewer may lag before it skips to the newest keyframe.
        package var viewerLagBytesMax = 8 << 20
        /// How long a viewer may lag before it skips to the newest keyframe.
        package var viewerLagDurationMax = Duration.seconds(5)
    }

    /// How streams are kept.
    package struct Streams: Sendable, Equatable {
        /// How long viewers wait for a publisher whose connection died.
        package var publisherGrace = Duration.seconds(15)
        /// The most that one stream's log may hold, in each format that is being watched.
        package var bufferBytesMax = 16 << 20
        /// The longest time one stream's log may hold.
        package var bufferDurationMax = Duration.seconds(30)
        /// The most that the newest groups of pictures of all streams together may hold, kept for the first viewer.
        package var cacheBytesMax = 512 << 20
    }

    /// What is logged, and how.
    package struct Log: Sendable, Equatable {
        /// The least severe level that is written.
        package var level = Level.info
        /// Lines for people, or JSON for machines.
        package var format = Format.text

        /// The severity of a line, named as swift-log names it.
        package enum Level: String, Sendable, CaseIterable {
            case trace, debug, info, notice, warning, error, critical
        }

        /// The shape of a line.
        package enum Format: String, Sendable, CaseIterable {
            /// A line for people.
            case text
            /// One JSON object a line.
            case json
        }
    }
}
