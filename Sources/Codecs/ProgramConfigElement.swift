import BitStream

/// The channels of AAC one by one, where they are no common layout.
/// Specification: ISO/IEC 14496-3, 4.4.1.1 (program_config_element).
public struct ProgramConfigElement: Sendable, Hashable {
    /// One element that carries a channel or a pair of them.
    public struct Element: Sendable, Hashable {
        /// Whether it carries two channels.
        public var isPair: Bool
        /// element_instance_tag, 0 to 15.
        public var tag: UInt8

        /// Makes an element; see the properties.
        public init(isPair: Bool, tag: UInt8) {
            self.isPair = isPair
            self.tag = tag
        }
    }

    /// element_instance_tag, 0 to 15.
    public var tag: UInt8 = 0
    /// object_type: the AAC object type less one, 0 to 3.
    public var objectType: UInt8 = 1
    /// sampling_frequency_index.
    public var samplingFrequencyIndex: UInt8 = 3
    /// Elements in front, at most 15.
    public var front: [Element] = []
    /// Elements at the sides, at most 15.
    public var side: [Element] = []
    /// Elements behind, at most 15.
    public var back: [Element] = []
    /// Tags of low frequency effects channels, at most 3.
    public var lowFrequency: [UInt8] = []
    /// Tags of associated data, at most 7.
    public var associatedData: [UInt8] = []
    /// Coupling channels, at most 15; a pair is one that is switched independently.
    public var coupling: [Element] = []
    /// Tag of the mono mixdown element.
    public var monoMixdown: UInt8?
    /// Tag of the stereo mixdown element.
    public var stereoMixdown: UInt8?
    /// matrix_mixdown_idx and pseudo_surround_enable, in three bits.
    public var matrixMixdown: UInt8?
    /// Anything, at most 255 bytes.
    public var comment: [UInt8] = []

    /// An element without channels.
    public init() {}

    /// Channels that come out.
    public var channels: Int {
        (front + side + back).reduce(lowFrequency.count) { $0 + ($1.isPair ? 2 : 1) }
    }

    init(_ reader: inout SyntaxReader) throws(CodecError) {
        tag = try Self.tag(&reader)
        objectType = UInt8(truncatingIfNeeded: try reader.u(2))
        samplingFrequencyIndex = UInt8(truncatingIfNeeded: try reader.u(4))
        let (fronts, sides, backs) = (try reader.u(4), try reader.u(4), try reader.u(4))
        let (lowFrequencies, data, couplings) = (try reader.u(2), try reader.u(3), try reader.u(4))
        if try reader.flag() { monoMixdown = try Self.tag(&reader) }
        if try reader.flag() { stereoMixdown = try Self.tag(&reader) }
        if try reader.flag() { matrixMixdown = UInt8(truncatingIfNeeded: try reader.u(3)) }
        front = try Self.elements(&reader, count: fronts)
        side = try Self.elements(&reader, count: sides)
        back = try Self.elements(&reader, count: backs)
        for _ in 0..<lowFrequencies { lowFrequency.append(try Self.tag(&reader)) }
        for _ in 0..<data { associatedData.append(try Self.tag(&reader)) }
        coupling = try Self.elements(&reader, count: couplings)
        reader.alignToByte()
        for _ in 0..<(try reader.u(8)) { comment.append(try reader.byte()) }
    }

    private static func tag(_ reader: inout SyntaxReader) throws(CodecError) -> UInt8 {
        UInt8(truncatingIfNeeded: try reader.u(4))
    }

    private static func elements(_ reader: inout SyntaxReader, count: Int) throws(CodecError) -> [Element] {
        var elements: [Element] = []
        for _ in 0..<count { elements.append(Element(isPair: try reader.flag(), tag: try tag(&reader))) }
        return elements
    }

    func write(to writer: inout BitWriter) {
        let front = front.prefix(15), side = side.prefix(15), back = back.prefix(15), coupling = coupling.prefix(15)
        let lowFrequency = lowFrequency.prefix(3), associatedData = associatedData.prefix(7)
        writer.u(4, UInt64(tag))
        writer.u(2, UInt64(objectType))
        writer.u(4, UInt64(samplingFrequencyIndex))
        for count in [front.count, side.count, back.count] { writer.u(4, UInt64(count)) }
        writer.u(2, UInt64(lowFrequency.count))
        writer.u(3, UInt64(associatedData.count))
        writer.u(4, UInt64(coupling.count))
        for (value, bits) in [(monoMixdown, 4), (stereoMixdown, 4), (matrixMixdown, 3)] {
            writer.flag(value != nil)
            if let value { writer.u(bits, UInt64(value)) }
        }
        Self.write(front + side + back, to: &writer)
        for tag in lowFrequency + associatedData { writer.u(4, UInt64(tag)) }
        Self.write(coupling, to: &writer)
        writer.alignToByte()
        writer.u(8, UInt64(min(comment.count, 255)))
        for byte in comment.prefix(255) { writer.u(8, UInt64(byte)) }
    }

    private static func write(_ elements: some Sequence<Element>, to writer: inout BitWriter) {
        for element in elements {
            writer.flag(element.isPair)
            writer.u(4, UInt64(element.tag))
        }
    }
}
