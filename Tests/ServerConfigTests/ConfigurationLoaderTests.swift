import ServerConfig
import Testing

@Suite("Sources of the configuration")
struct ConfigurationLoaderTests {
    private func load(
        _ yaml: String? = nil, environment: [String: String] = [:], flags: [String: [String]] = [:]
    ) throws -> LoadedConfiguration {
        let file = yaml.map { (name: "sluice.yaml", text: $0) }
        return try ConfigurationLoader(file: file, environment: environment, flags: flags).load()
    }

    @Test(arguments: ["", "\n", "# only a comment\n", "---\n", "rtmp:\n", "limits:\n  streamsMax:\n", "{}"])
    func emptyFileIsTheDefaults(yaml: String) throws {
        #expect(try load(yaml).configuration == ServerConfiguration())
    }

    @Test func fileSetsValues() throws {
        let yaml = """
            rtmp:
              listen: ["127.0.0.1:1935", "[::1]:1935"]
            http: { listen: ":80" }
            loops: 4
            mergeWindow: 100ms..400ms
            limits:
              streamsMax: 7
              idleTimeout: 1m
              messageBytesMax: 1MiB
            log:
              format: json
            """
        let configuration = try load(yaml).configuration
        #expect(
            configuration.rtmp.listen == [
                ListenAddress(host: "127.0.0.1", port: 1935), ListenAddress(host: "::1", port: 1935),
            ])
        #expect(configuration.http.listen == [ListenAddress(host: "0.0.0.0", port: 80)])
        #expect(configuration.loops == 4)
        #expect(
            configuration.mergeWindow
                == ServerConfiguration.MergeWindow(floor: .milliseconds(100), ceiling: .milliseconds(400)))
        #expect(configuration.limits.streamsMax == 7)
        #expect(configuration.limits.idleTimeout == .seconds(60))
        #expect(configuration.limits.messageBytesMax == 1 << 20)
        #expect(configuration.log.format == .json)
    }

    @Test func laterSourceWins() throws {
        let yaml = "loops: 2\nlog:\n  level: debug\nlimits:\n  streamsMax: 5\n"
        let loaded = try load(
            yaml, environment: ["SLUICE_LOOPS": "3", "SLUICE_LOG_LEVEL": "trace"], flags: ["loops": ["4"]])
        #expect(loaded.configuration.loops == 4)
        #expect(loaded.configuration.log.level == .trace)
        #expect(loaded.configuration.limits.streamsMax == 5)
        #expect(
            loaded.places == [
                "loops": .flag("--loops"), "log.level": .environment("SLUICE_LOG_LEVEL"),
                "limits.streamsMax": .file(name: "sluice.yaml", line: 5, column: 15),
            ])
    }

    @Test func listInTheEnvironmentIsSeparatedByCommas() throws {
        let loaded = try load(environment: ["SLUICE_RTMP_LISTEN": "127.0.0.1:1, 127.0.0.1:2"])
        #expect(loaded.configuration.rtmp.listen.map(\.port) == [1, 2])
    }

    @Test func emptyListTurnsAListenerOff() throws {
        #expect(try load("http:\n  listen: []\n").configuration.http.listen.isEmpty)
    }

    @Test func emptyVariableAndFlagWithoutValuesAreLeftAlone() throws {
        let loaded = try load(environment: ["SLUICE_LOOPS": ""], flags: ["rtmp.listen": []])
        #expect(loaded.configuration == ServerConfiguration())
    }

    @Test(arguments: [
        ("rtmp:\n  lisen: 1\n", "sluice.yaml:2:3: unknown key \"rtmp.lisen\"; did you mean \"rtmp.listen\"?"),
        ("rtpm:\n  listen: 1\n", "sluice.yaml:1:1: unknown key \"rtpm\"; did you mean \"rtmp\"?"),
        (
            "rtmp:\n  streamsMax: 1\n",
            "sluice.yaml:2:3: unknown key \"rtmp.streamsMax\"; did you mean \"limits.streamsMax\"?"
        ),
        ("utterly: 1\n", "sluice.yaml:1:1: unknown key \"utterly\""),
        ("loops: many\n", "sluice.yaml:1:8: loops: \"many\" is neither auto nor a whole number from 1 to 1024"),
        (
            "loops: [1, 2]\n",
            "sluice.yaml:1:8: \"loops\" takes one value: auto (one for each core) or a whole number from 1 to 1024"
        ),
        ("limits: 3\n", "sluice.yaml:1:9: \"limits\" must hold keys and values, such as \"connectionsMax: …\""),
        ("- 1\n", "sluice.yaml:1:1: the file must hold keys and values, such as \"listen: …\""),
        ("loops: 1\nloops: 2\n", "sluice.yaml:1:1: this section sets \"loops\" more than once"),
        (
            "rtmp:\n  listen: [[1]]\n",
            "sluice.yaml:2:12: \"rtmp.listen\" is a list of values, each ADDRESS:PORT, such as 0.0.0.0:1935, :1935 or [::1]:1935"
        ),
        ("limits:\n  idleTimeout: 30\n", "sluice.yaml:2:16: limits.idleTimeout: \"30\" needs a unit: 30ms, 30s or 30m"),
    ])
    func mistakeInAFileIsOneLine(yaml: String, line: String) {
        let error = #expect(throws: ConfigurationError.self) { try load(yaml) }
        #expect(error?.description == line)
    }

    @Test(arguments: ["a: b: c\n", "rtmp: [\n", "\tloops: 1\n", "loops: *nowhere\n", "\"\n", "a: \u{1}\n"])
    func brokenYAMLIsOneProblem(yaml: String) {
        let error = #expect(throws: ConfigurationError.self) { try load(yaml) }
        #expect(error?.problems.count == 1)
        #expect(error?.description.contains("\n") == false)
        #expect(error?.description.hasPrefix("sluice.yaml") == true)
    }

    @Test func everyProblemOfEverySourceIsReported() {
        let error = #expect(throws: ConfigurationError.self) {
            try load(
                "loops: x\nnope: 1\n", environment: ["SLUICE_LOG_LEVEL": "loud"], flags: ["http.listen": ["here"]])
        }
        #expect(
            error?.problems.map(\.place) == [
                .file(name: "sluice.yaml", line: 2, column: 1), .file(name: "sluice.yaml", line: 1, column: 8),
                .environment("SLUICE_LOG_LEVEL"), .flag("--http"),
            ])
        #expect(error?.concernsOnlyFlags == false)
    }

    @Test func mistakesInFlagsAloneAreMistakesInUsage() {
        let error = #expect(throws: ConfigurationError.self) { try load(flags: ["loops": ["0"]]) }
        #expect(error?.concernsOnlyFlags == true)
    }

    @Test func nearlyRightVariableIsWarnedAbout() throws {
        let loaded = try load(environment: [
            "SLUICE_LOG_LEVLE": "debug", "SLUICE_SERVICE_HOST": "10.0.0.1", "HOME": "/",
        ])
        #expect(
            loaded.warnings.map(\.description) == ["SLUICE_LOG_LEVLE: unknown variable; did you mean SLUICE_LOG_LEVEL?"]
        )
    }

    @Test func everyPrefixOfAFileIsReadOrRefused() {
        let text = ConfigurationDocument.exampleFile
        for length in stride(from: 0, to: text.count, by: 13) {
            do throws(ConfigurationError) {
                _ = try ConfigurationLoader(file: (name: "cut.yaml", text: String(text.prefix(length)))).load()
            } catch {
                #expect(error.problems.allSatisfy { $0.description.hasPrefix("cut.yaml:") })
            }
        }
    }
}
