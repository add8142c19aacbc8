import ServerConfig
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("The table of keys")
struct ConfigurationKeyTests {
    private static var documents: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "docs")
    }

    @Test(arguments: [
        ("limits.streamsMax", "SLUICE_LIMITS_STREAMS_MAX"), ("mergeWindow", "SLUICE_MERGE_WINDOW"),
        ("rtmp.listen", "SLUICE_RTMP_LISTEN"),
    ])
    func environmentNameFollowsFromTheName(name: String, environmentName: String) throws {
        #expect(try #require(ConfigurationKey.named(name)).environmentName == environmentName)
    }

    @Test func namesAreUnique() {
        let keys = ConfigurationKey.all
        #expect(Set(keys.map(\.name)).count == keys.count)
        #expect(Set(keys.map(\.environmentName)).count == keys.count)
        let flags = keys.compactMap(\.flag)
        #expect(Set(flags).count == flags.count)
    }

    @Test(arguments: ConfigurationKey.all)
    func defaultReadsBackFromEverySource(key: ConfigurationKey) throws {
        let defaults = ServerConfiguration()
        let values = key.values(defaults)
        let environment = [key.environmentName: values.joined(separator: ",")]
        #expect(try ConfigurationLoader(environment: environment).load().configuration == defaults)
        #expect(try ConfigurationLoader(flags: [key.name: values]).load().configuration == defaults)
    }

    @Test(arguments: ConfigurationKey.all)
    func everyKeyIsExplained(key: ConfigurationKey) {
        #expect(key.sentence.hasSuffix("."))
        #expect(!key.expectation.isEmpty)
    }

    @Test func exampleFileIsTheDefaults() throws {
        let loader = ConfigurationLoader(file: (name: "example", text: ConfigurationDocument.exampleFile))
        let loaded = try loader.load()
        #expect(loaded.configuration == ServerConfiguration())
        #expect(loaded.places.count == ConfigurationKey.all.count)
    }

    @Test func exampleFileInTheDocumentsIsTheOneWritten() throws {
        let text = try String(contentsOf: Self.documents.appending(path: "sluice.example.yaml"), encoding: .utf8)
        #expect(text == ConfigurationDocument.exampleFile, "run `make docs`")
    }

    @Test func tableInTheDocumentsIsTheOneWritten() throws {
        let text = try String(contentsOf: Self.documents.appending(path: "configuration.md"), encoding: .utf8)
        #expect(text.contains(ConfigurationDocument.markdownTable), "run `make docs`")
    }

    @Test func summaryNamesPlaces() throws {
        let summary = ConfigurationDocument.summary(of: try ConfigurationLoader(flags: ["loops": ["3"]]).load())
        let lines = summary.split(separator: "\n")
        #expect(lines.count == ConfigurationKey.all.count)
        #expect(lines.contains { $0.hasPrefix("loops ") && $0.hasSuffix(" --loops") })
        #expect(lines.contains { $0.hasPrefix("rtmp.listen ") && $0.hasSuffix(" default") })
    }
}
