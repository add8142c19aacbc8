import ServerConfig

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The sources of a process's configuration: the file it names, its environment, its flags.
struct ConfigurationSources {
    /// The file that a flag or argument names; otherwise SLUICE_CONFIG may name one.
    var file: String?
    /// The flags' values by key name.
    var flags: [String: [String]]

    func load() throws -> LoadedConfiguration {
        let environment = ProcessInfo.processInfo.environment
        let path = file ?? environment["SLUICE_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let source = try path.map { (name: $0, text: try Self.read($0)) }
        return try ConfigurationLoader(file: source, environment: environment, flags: flags).load()
    }

    private static func read(_ path: String) throws(StartupError) -> String {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
            throw StartupError("\(path): there is no such file")
        } catch let error as CocoaError where error.code == .fileReadNoPermission {
            throw StartupError("\(path): may not be read by this user")
        } catch {
            throw StartupError("\(path): cannot be read")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw StartupError("\(path): is not text in UTF-8")
        }
        return text
    }
}
