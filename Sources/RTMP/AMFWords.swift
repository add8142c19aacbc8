import AMF
import NIOCore

/// AMF values in words: `connect(1, {app: "live", …})`. What a peer sends may be large; the words are not.
struct AMFWords {
    /// The most values and properties shown. The largest that are of interest, connect's and onMetaData's, have 30.
    static let valuesMax = 96
    /// The deepest object shown open.
    static let depthMax = 6

    private(set) var text = ""
    private var values = 0
    /// No more is shown.
    private(set) var isFull = false

    /// Appends text as it is.
    mutating func write(_ text: String) {
        guard !isFull else { return }
        self.text += text
        guard self.text.utf8.count > WireWords.bytesMax - 64 else { return }
        isFull = true
        self.text += "…"
    }

    /// Appends a string of the peer's, in quotation marks.
    mutating func write(quoted string: String) {
        write("\"\(SecretText.shown(string))\"")
    }

    /// Appends values with commas between.
    mutating func write(_ values: [AMF0Value], depth: Int = 0) {
        write(list: values) { $0.write($1, depth: depth) }
    }

    /// Appends a value.
    ///
    /// - Parameter depth: of the containers around it.
    mutating func write(_ value: AMF0Value, depth: Int = 0) {
        guard count() else { return }
        switch value {
        case .number(let number): write(Self.words(number))
        case .boolean(let flag): write(flag ? "true" : "false")
        case .string(let string): write(quoted: string)
        case .null: write("null")
        case .undefined: write("undefined")
        case .unsupported: write("unsupported")
        case .date(let milliseconds, _): write("date \(Self.words(milliseconds))")
        case .xmlDocument(let document):
            write("XML ")
            write(quoted: document)
        case .strictArray(let elements):
            write(container: "[", "]", depth) { $0.write(elements, depth: depth + 1) }
        case .object(let object), .ecmaArray(let object):
            write(object, depth)
        case .typedObject(let className, let object):
            write(SecretText.shown(className) + " ")
            write(object, depth)
        case .amf3(let value): write(value, depth: depth)
        }
    }

    private mutating func write(_ object: AMF0Object, _ depth: Int) {
        write(container: "{", "}", depth) { words in
            words.write(list: object.properties) { words, property in
                words.write(name: property.name)
                if SecretText.isSecret(property.name.utf8.prefix(SecretText.bytesMax)), property.value.string != nil {
                    words.write("…")
                } else {
                    words.write(property.value, depth: depth + 1)
                }
            }
        }
    }

    // MARK: AMF 3

    private mutating func write(_ value: AMF3Value, depth: Int) {
        guard count() else { return }
        switch value {
        case .undefined: write("undefined")
        case .null: write("null")
        case .boolean(let flag): write(flag ? "true" : "false")
        case .integer(let number): write("\(number)")
        case .double(let number): write(Self.words(number))
        case .string(let string): write(quoted: string)
        case .xmlDocument(let document), .xml(let document):
            write("XML ")
            write(quoted: document)
        case .date(let milliseconds): write("date \(Self.words(milliseconds))")
        case .array(let array):
            write(container: "[", "]", depth) { words in
                words.write(array.associative, depth)
                if !array.associative.isEmpty, !array.dense.isEmpty { words.write(", ") }
                words.write(list: array.dense) { $0.write($1, depth: depth + 1) }
            }
        case .object(let object):
            if !object.className.isEmpty { write(SecretText.shown(object.className) + " ") }
            write(container: "{", "}", depth) { $0.write(object.sealed + (object.dynamic ?? []), depth) }
        case .externalizable(let className, let value):
            write(container: SecretText.shown(className) + "(", ")", depth) { $0.write(value, depth: depth + 1) }
        case .byteArray(let bytes): write("\(bytes.readableBytes) bytes")
        case .vectorInt(let numbers, _): write("\(numbers.count) integers")
        case .vectorUInt(let numbers, _): write("\(numbers.count) integers")
        case .vectorDouble(let numbers, _): write("\(numbers.count) numbers")
        case .vectorObject(let objects, _, _): write("\(objects.count) values")
        case .dictionary(let entries, _): write("dictionary of \(entries.count)")
        }
    }

    private mutating func write(_ properties: [AMF3Property], _ depth: Int) {
        write(list: properties) { words, property in
            words.write(name: property.name)
            if SecretText.isSecret(property.name.utf8.prefix(SecretText.bytesMax)), case .string = property.value {
                words.write("…")
            } else {
                words.write(property.value, depth: depth + 1)
            }
        }
    }

    // MARK: Parts

    private mutating func write(name: String) {
        write(SecretText.shown(name) + ": ")
    }

    private mutating func write(
        container opening: String, _ closing: String, _ depth: Int, _ body: (inout AMFWords) -> Void
    ) {
        guard depth < Self.depthMax else { return write(opening + "…" + closing) }
        write(opening)
        body(&self)
        write(closing)
    }

    private mutating func write<Item>(list: [Item], _ body: (inout AMFWords, Item) -> Void) {
        for (index, item) in list.enumerated() {
            guard !isFull else { return }
            if index > 0 { write(", ") }
            body(&self, item)
        }
    }

    private mutating func count() -> Bool {
        guard !isFull else { return false }
        values += 1
        guard values > Self.valuesMax else { return true }
        write("…")
        isFull = true
        return false
    }

    /// Whole numbers without a point.
    static func words(_ number: Double) -> String {
        abs(number) < 1e15 && number == number.rounded() ? "\(Int64(number))" : "\(number)"
    }
}
