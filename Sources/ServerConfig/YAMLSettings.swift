import Yams

/// A key, its values as they were written, and where.
struct Setting: Sendable {
    var key: ConfigurationKey
    var values: [String]
    var place: SettingPlace
}

/// Reads the settings of a YAML file: mappings of sections, whose leaves are scalars or sequences of scalars.
struct YAMLSettings {
    private(set) var settings: [Setting] = []
    private(set) var problems: [ConfigurationProblem] = []
    private let fileName: String

    init(fileName: String, text: String) {
        self.fileName = fileName
        do {
            // An empty file, or one of comments only, has no node.
            if let root = try Yams.compose(yaml: text), !Self.isNull(root) {
                readSection(root, prefix: "")
            }
        } catch let error as YamlError {
            problems.append(Self.problem(error, fileName: fileName))
        } catch {
            problems.append(
                ConfigurationProblem(place: .file(name: fileName, line: 0, column: 0), explanation: "\(error)"))
        }
    }

    private mutating func readSection(_ node: Node, prefix: String) {
        guard case .mapping(let mapping) = node else {
            let name = prefix.isEmpty ? "the file" : "\"\(prefix)\""
            let example = ConfigurationKey.all.first { prefix.isEmpty || $0.section == prefix }
            report(node, "\(name) must hold keys and values" + (example.map { ", such as \"\($0.leaf): …\"" } ?? ""))
            return
        }
        for (keyNode, valueNode) in mapping {
            guard case .scalar(let scalar) = keyNode else {
                report(keyNode, "a key must be a word")
                continue
            }
            let name = prefix.isEmpty ? scalar.string : "\(prefix).\(scalar.string)"
            if let key = ConfigurationKey.named(name) {
                readValue(valueNode, of: key, at: place(of: keyNode))
            } else if ConfigurationKey.all.contains(where: { $0.section == name }) {
                if !Self.isNull(valueNode) {
                    readSection(valueNode, prefix: name)
                }
            } else {
                report(keyNode, Self.unknownKey(name))
            }
        }
    }

    private mutating func readValue(_ node: Node, of key: ConfigurationKey, at keyPlace: SettingPlace) {
        switch node {
        case _ where Self.isNull(node):
            return
        case .scalar(let scalar):
            settings.append(Setting(key: key, values: [scalar.string], place: place(of: node)))
        case .sequence(let sequence) where key.isList:
            var values: [String] = []
            for item in sequence {
                guard case .scalar(let scalar) = item else {
                    report(item, "\"\(key.name)\" is a list of values, each \(key.expectation)")
                    return
                }
                values.append(scalar.string)
            }
            settings.append(Setting(key: key, values: values, place: keyPlace))
        default:
            report(node, "\"\(key.name)\" takes one value: \(key.expectation)")
        }
    }

    private mutating func report(_ node: Node, _ explanation: String) {
        problems.append(ConfigurationProblem(place: place(of: node), explanation: explanation))
    }

    private func place(of node: Node) -> SettingPlace {
        .file(name: fileName, line: node.mark?.line ?? 0, column: node.mark?.column ?? 0)
    }

    private static func isNull(_ node: Node) -> Bool {
        guard case .scalar(let scalar) = node else {
            return false
        }
        return scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
    }

    private static func unknownKey(_ name: String) -> String {
        let sections = Set(ConfigurationKey.all.map { String($0.section) }).subtracting([""]).sorted()
        let candidates = ConfigurationKey.all.map(\.name) + sections
        // A key written in the wrong section has the right last word.
        let leaf = name.split(separator: ".").last ?? ""
        let suggestion =
            closest(to: name, among: candidates) ?? ConfigurationKey.all.first { $0.leaf == leaf }?.name
        return "unknown key \"\(name)\"" + (suggestion.map { "; did you mean \"\($0)\"?" } ?? "")
    }

    private static func problem(_ error: YamlError, fileName: String) -> ConfigurationProblem {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return ConfigurationProblem(
                place: .file(name: fileName, line: mark.line, column: mark.column),
                explanation: "this is not YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.map { "\"\($0)\"" }.joined(separator: ", ")
            return ConfigurationProblem(
                place: .file(name: fileName, line: context.mark.line, column: context.mark.column),
                explanation: "this section sets \(names) more than once")
        default:
            return ConfigurationProblem(
                place: .file(name: fileName, line: 0, column: 0), explanation: "this cannot be read as YAML in UTF-8")
        }
    }
}
