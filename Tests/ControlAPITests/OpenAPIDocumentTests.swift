import ControlAPI
import HTTPTypes
import Hummingbird
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The parts of an OpenAPI document that are held against the server.
private struct Document: Decodable {
    struct Schema: Decodable {
        var type: String?
        var required: [String]?
        var properties: [String: Property]?
    }

    struct Property: Decodable {
        enum CodingKeys: String, CodingKey {
            case type, items
            case words = "enum"
            case reference = "$ref"
        }

        var type: String?
        var words: [String]?
        var reference: String?
        var items: Reference?
    }

    struct Reference: Decodable {
        enum CodingKeys: String, CodingKey {
            case reference = "$ref"
        }

        var reference: String?
    }

    struct Operation: Decodable {}

    struct Components: Decodable {
        var schemas: [String: Schema]
    }

    var openapi: String
    var paths: [String: [String: Operation]]
    var components: Components
}

/// Any JSON, to look at what is really sent.
private enum JSON: Decodable {
    case object([String: JSON])
    case array([JSON])
    case leaf

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            self = .object(try container.decode([String: JSON].self))
        } catch DecodingError.typeMismatch {
            do {
                self = .array(try container.decode([JSON].self))
            } catch DecodingError.typeMismatch {
                self = .leaf
            }
        }
    }
}

@Suite("OpenAPI document")
struct OpenAPIDocumentTests {
    private func document() async throws -> Document {
        let answer = try await RouterHarness().ask("/api/v1/openapi.json")
        return try JSONDecoder().decode(Document.self, from: Data(answer.body.utf8))
    }

    @Test func pathsAreTheRoutes() async throws {
        let routes = RouterHarness().router.routes.filter { $0.method == .get }.map { "\($0.path)" }
        let api = routes.filter { $0.hasPrefix("/api/") || $0 == "/healthz" || $0 == "/readyz" }
        let document = try await document()
        #expect(Set(document.paths.keys) == Set(api))
        #expect(document.paths.values.allSatisfy { Array($0.keys) == ["get"] })
        #expect(document.openapi == "3.1.0")
    }

    @Test(arguments: [
        ("/api/v1/streams", "StreamList"), ("/api/v1/streams/live/show", "StreamReport"),
        ("/api/v1/server", "ServerReport"), ("/healthz", "HealthReport"), ("/readyz", "HealthReport"),
    ])
    func everyFieldSentIsDescribed(path: String, schema: String) async throws {
        let document = try await document()
        let answer = try await RouterHarness([.full]).ask(path)
        let value = try JSONDecoder().decode(JSON.self, from: Data(answer.body.utf8))
        expectFields(of: value, toBe: schema, in: document, all: true)
    }

    @Test func requiredFieldsAreThereWhenNothingIsKnown() async throws {
        let document = try await document()
        let answer = try await RouterHarness([.bare]).ask("/api/v1/streams")
        let value = try JSONDecoder().decode(JSON.self, from: Data(answer.body.utf8))
        expectFields(of: value, toBe: "StreamList", in: document, all: false)
    }

    @Test func wordsAreThoseOfTheReports() async throws {
        let schemas = try await document().components.schemas
        let words = { (schema: String, property: String) in schemas[schema]?.properties?[property]?.words.map(Set.init)
        }
        #expect(words("StreamReport", "state") == Set(StreamReport.State.allCases.map(\.rawValue)))
        #expect(words("Track", "kind") == Set(StreamReport.Track.Kind.allCases.map(\.rawValue)))
        #expect(words("HealthReport", "status") == Set(Readiness.allCases.map(\.rawValue)))
    }

    @Test func failureHasTheDescribedShape() async throws {
        let answer = try await RouterHarness().ask("/api/v1/streams/a/b")
        #expect(answer.status == .notFound)
        #expect(answer.body.contains("there is no such stream"))
    }

    /// - Parameter all: whether every described field must be sent, or only the required ones.
    private func expectFields(of value: JSON, toBe name: String, in document: Document, all: Bool) {
        guard case .object(let fields) = value, let schema = document.components.schemas[name] else {
            Issue.record("\(name) is not described, or not an object")
            return
        }
        let properties = schema.properties ?? [:]
        let sent = Set(fields.keys)
        #expect(sent.isSubset(of: properties.keys), "\(name)")
        // A video track has no sample rate and an audio track no size; the full sample's video track has all.
        if all, name != "Track" || sent.contains("width") {
            #expect(sent == Set(properties.keys), "\(name)")
        }
        #expect(Set(schema.required ?? []).isSubset(of: sent), "\(name)")
        for (field, property) in properties {
            guard let reference = (property.reference ?? property.items?.reference)?.split(separator: "/").last else {
                continue
            }
            switch fields[field] {
            case .object?: fields[field].map { expectFields(of: $0, toBe: String(reference), in: document, all: all) }
            case .array(let items)?:
                items.forEach { expectFields(of: $0, toBe: String(reference), in: document, all: all) }
            case .leaf?, nil: break
            }
        }
    }
}
