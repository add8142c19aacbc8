import ArgumentParser
import Logging
import ServerConfig

/// `sluice serve`: reads the configuration and runs the server until a signal ends it.
package struct ServeCommand: AsyncParsableCommand {
    /// What `sluice serve --help` says.
    package static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the server.",
        discussion: """
            Settings come from the defaults, the file, the environment (SLUICE_…) and the
            flags; the later wins. SIGTERM and SIGINT let connections drain and end the
            program with exit code 0; SIGHUP reads the certificate files again.

            EXAMPLES:
              sluice serve
              sluice serve --demo
              sluice serve --rtmp 127.0.0.1:1935 --rtmp '[::1]:1935'
              sluice serve --https :443 --https-certificate chain.pem --https-key key.pem
              sluice serve --merge-window 100ms  a quarter of the CPU, 100 ms more delay
              SLUICE_LOG_LEVEL=debug sluice serve

            THEN:
              ffmpeg -re -i FILE -c copy -f flv rtmp://localhost/live/show
              ffplay http://localhost:8080/live/show.flv
            """)

    @Option(name: .customLong("rtmp"), help: ArgumentHelp("Listen for RTMP (repeatable).", valueName: "address:port"))
    package var rtmpListen: [String] = []

    @Option(name: .customLong("http"), help: ArgumentHelp("Listen for HTTP (repeatable).", valueName: "address:port"))
    package var httpListen: [String] = []

    @Option(
        name: .customLong("https"), help: ArgumentHelp("Listen for HTTPS (repeatable).", valueName: "address:port"))
    package var httpsListen: [String] = []

    @Option(help: ArgumentHelp("The certificate chain of HTTPS, a PEM file.", valueName: "file"))
    package var httpsCertificate: String?

    @Option(help: ArgumentHelp("The certificate's private key, a PEM file.", valueName: "file"))
    package var httpsKey: String?

    @Flag(help: "Serve HTTPS with a certificate made at the start, for development.")
    package var httpsSelfSigned = false

    @Option(help: ArgumentHelp("Event loops that carry the traffic (default: one a core).", valueName: "n"))
    package var loops: String?

    @Option(
        help: ArgumentHelp("Gather viewers' bytes so long before sending, as 100ms.", valueName: "floor[..ceiling]"))
    package var mergeWindow: String?

    @Option(help: ArgumentHelp("A YAML file of settings (default: SLUICE_CONFIG).", valueName: "file"))
    package var config: String?

    @Flag(help: "Play a bundled clip as the stream live/demo.")
    package var demo = false

    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    package var logLevel: String?

    @Option(help: ArgumentHelp("text, or json for machines.", valueName: "format"))
    package var logFormat: String?

    /// Made by ArgumentParser.
    package init() {}

    /// The flags' values by key name.
    package var settings: [String: [String]] {
        [
            "rtmp.listen": rtmpListen,
            "http.listen": httpListen,
            "https.listen": httpsListen,
            "https.certificate": httpsCertificate.map { [$0] } ?? [],
            "https.privateKey": httpsKey.map { [$0] } ?? [],
            "https.selfSigned": httpsSelfSigned ? ["true"] : [],
            "loops": loops.map { [$0] } ?? [],
            "mergeWindow": mergeWindow.map { [$0] } ?? [],
            "log.level": logLevel.map { [$0] } ?? [],
            "log.format": logFormat.map { [$0] } ?? [],
        ]
    }

    /// Reads the configuration, then runs the server.
    package func run() async throws {
        let loaded = try ConfigurationSources(file: config, flags: settings).load()
        let configuration = loaded.configuration
        LogOutput.bootstrap(configuration.log)
        let logger = Logger(label: "sluice")
        for warning in loaded.warnings {
            logger.warning("\(warning)")
        }
        try await Server(configuration: configuration, logger: logger, demo: demo).run()
    }
}
