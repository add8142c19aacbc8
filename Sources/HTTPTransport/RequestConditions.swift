/// Comparisons of entity tags. Specification: RFC 9110, 8.8.3 and 13.1.
enum EntityTags {
    /// Whether a field If-None-Match names the tag; weakly, as that field compares.
    static func matches(_ tag: String, anyOf fields: [String]) -> Bool {
        let opaque = opaqueTag(Substring(tag))
        return fields.contains { field in
            var rest = field[...]
            while let start = rest.firstIndex(where: { $0 == "\"" || $0 == "*" }) {
                if rest[start] == "*" { return true }
                let afterStart = rest.index(after: start)
                guard let end = rest[afterStart...].firstIndex(of: "\"") else { return false }
                if rest[start...end] == opaque { return true }
                rest = rest[rest.index(after: end)...]
            }
            return false
        }
    }

    /// Whether a field If-Range names the tag; strongly. A date is never the same: there are none here.
    static func isSame(_ field: String, as tag: String?) -> Bool {
        field == tag && !field.hasPrefix("W/")
    }

    /// Without the mark of weakness.
    private static func opaqueTag(_ tag: Substring) -> Substring {
        tag.hasPrefix("W/") ? tag.dropFirst(2) : tag
    }
}

/// The field Accept-Encoding. Specification: RFC 9110, 12.5.3.
enum AcceptedEncodings {
    /// Whether a client takes gzip.
    static func hasGzip(_ fields: [String]) -> Bool {
        var accepted: Bool?
        var others = false
        for coding in fields.lazy.flatMap({ $0.split(separator: ",") }) {
            let parts = coding.split(separator: ";").map { $0.trimmingSpaces().lowercased() }
            let isAccepted = !parts.dropFirst().contains { $0.hasPrefix("q=0") && $0.dropFirst(3).allSatisfy(isZero) }
            switch parts.first {
            case "gzip"?, "x-gzip"?: accepted = isAccepted
            case "*"?: others = isAccepted
            case .some, .none: break
            }
        }
        return accepted ?? others
    }

    private static func isZero(_ character: Character) -> Bool {
        character == "." || character == "0"
    }
}

extension Substring {
    fileprivate func trimmingSpaces() -> Substring {
        let rest = drop { $0 == " " || $0 == "\t" }
        guard let last = rest.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return rest[...last]
    }
}
