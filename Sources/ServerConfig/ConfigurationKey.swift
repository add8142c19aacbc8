/// One thing an operator can set. ``all`` drives the file, the environment, the flags, the example file and
/// `check-config`.
package struct ConfigurationKey: Sendable {
    /// The name in the file, sections joined by dots: "limits.streamsMax".
    package let name: String
    /// The flag of `sluice serve`, for the common ones.
    package let flag: String?
    /// What the value means, in a sentence or two.
    package let sentence: String
    /// What a value looks like.
    package let expectation: String
    /// Whether several values may be given.
    package let isList: Bool
    /// Reads the values into a configuration.
    let apply: @Sendable (inout ServerConfiguration, [String]) throws(ValueProblem) -> Void
    /// The values as they would be written.
    package let values: @Sendable (ServerConfiguration) -> [String]

    /// The environment variable: "limits.streamsMax" is SLUICE_LIMITS_STREAMS_MAX.
    package var environmentName: String {
        var result = "SLUICE_"
        for character in name {
            if character == "." {
                result.append("_")
            } else {
                if character.isUppercase {
                    result.append("_")
                }
                result.append(character.uppercased())
            }
        }
        return result
    }

    /// The section of the file: "limits"; empty for keys at the top.
    package var section: Substring {
        name.lastIndex(of: ".").map { name[..<$0] } ?? ""
    }

    /// The name within the section: "streamsMax".
    package var leaf: Substring {
        name.lastIndex(of: ".").map { name[name.index(after: $0)...] } ?? name[...]
    }

    /// A key with one value.
    static func one<Value>(
        _ name: String, _ path: any WritableKeyPath<ServerConfiguration, Value> & Sendable,
        _ syntax: ValueSyntax<Value>,
        flag: String? = nil, _ sentence: String
    ) -> Self {
        Self(
            name: name, flag: flag, sentence: sentence, expectation: syntax.expectation, isList: false,
            apply: { configuration, texts throws(ValueProblem) in
                guard let text = texts.first, texts.count == 1 else {
                    throw ValueProblem("\"\(name)\" takes one value: \(syntax.expectation)")
                }
                configuration[keyPath: path] = try syntax.parse(text)
            },
            values: { [syntax.format($0[keyPath: path])] })
    }

    /// A key with any number of values.
    static func many<Value>(
        _ name: String, _ path: any WritableKeyPath<ServerConfiguration, [Value]> & Sendable,
        _ syntax: ValueSyntax<Value>,
        flag: String? = nil, _ sentence: String
    ) -> Self {
        Self(
            name: name, flag: flag, sentence: sentence, expectation: syntax.expectation, isList: true,
            apply: { configuration, texts throws(ValueProblem) in
                var values: [Value] = []
                for text in texts {
                    values.append(try syntax.parse(text))
                }
                configuration[keyPath: path] = values
            },
            values: { $0[keyPath: path].map(syntax.format) })
    }
}
