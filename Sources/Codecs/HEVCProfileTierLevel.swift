/// What a decoder must be able to do. Specification: ISO/IEC 23008-2, 7.3.3.
public struct HEVCProfileTierLevel: Sendable, Hashable {
    /// general_profile_space, 0 to 3; always 0 so far.
    public var profileSpace: UInt8
    /// general_tier_flag: the High tier, and not the Main tier.
    public var isHighTier: Bool
    /// general_profile_idc, 0 to 31: 1 is Main, 2 Main 10, 3 Main Still Picture, 4 the format range extensions.
    public var profile: UInt8
    /// general_profile_compatibility_flags; flag 0 in the highest bit.
    public var compatibilityFlags: UInt32
    /// The 48 bits from general_progressive_source_flag on, in the lowest bits.
    public var constraintFlags: UInt64
    /// general_level_idc: thirty times the level.
    public var level: UInt8

    /// Makes a value; see the properties.
    public init(
        profileSpace: UInt8 = 0, isHighTier: Bool, profile: UInt8, compatibilityFlags: UInt32, constraintFlags: UInt64,
        level: UInt8
    ) {
        self.profileSpace = profileSpace
        self.isHighTier = isHighTier
        self.profile = profile
        self.compatibilityFlags = compatibilityFlags
        self.constraintFlags = constraintFlags
        self.level = level
    }

    /// Reads the general part, as the decoder configuration record has it too.
    init(general reader: inout SyntaxReader) throws(CodecError) {
        profileSpace = UInt8(truncatingIfNeeded: try reader.u(2))
        isHighTier = try reader.flag()
        profile = UInt8(truncatingIfNeeded: try reader.u(5))
        compatibilityFlags = UInt32(truncatingIfNeeded: try reader.u(32))
        constraintFlags = try reader.u64(48)
        level = 0
    }

    /// Reads profile_tier_level(1, max_sub_layers_minus1).
    init(_ reader: inout SyntaxReader, subLayersMinus1: Int) throws(CodecError) {
        try self.init(general: &reader)
        level = try reader.byte()
        guard subLayersMinus1 > 0 else { return }
        var bits = 0
        for _ in 0..<subLayersMinus1 {
            if try reader.flag() { bits += 88 }  // sub_layer_profile_present_flag
            if try reader.flag() { bits += 8 }  // sub_layer_level_present_flag
        }
        try reader.skip(2 * (8 - subLayersMinus1) + bits)
    }

    /// The profile as the specification names it. Specification: A.3.
    public var profileName: String {
        switch profile {
        case 1: "Main"
        case 2: "Main 10"
        case 3: "Main Still Picture"
        case 4: "Range Extensions"
        case 5: "High Throughput"
        case 9: "Screen Content Coding"
        default: "Profile \(profile)"
        }
    }

    /// The level as people write it: "4.1".
    public var levelName: String {
        "\(level / 30).\(level % 30 / 3)"
    }

    /// The part behind the dot of a codecs parameter such as "hvc1.1.6.L93.90". Source: ISO/IEC 14496-15, Annex E.
    var codecsParameter: String {
        let space = profileSpace == 0 ? "" : ["", "A", "B", "C"][Int(profileSpace & 3)]
        var reversed: UInt32 = 0
        for bit in 0..<32 where compatibilityFlags & (1 << UInt32(bit)) != 0 { reversed |= 0x8000_0000 >> UInt32(bit) }
        var constraints = (0..<6).map { UInt8(truncatingIfNeeded: constraintFlags >> UInt64(40 - 8 * $0)) }
        while constraints.last == 0 { constraints.removeLast() }
        let parts =
            ["\(space)\(profile)", String(reversed, radix: 16, uppercase: true), "\(isHighTier ? "H" : "L")\(level)"]
            + constraints.map { String($0, radix: 16, uppercase: true) }
        return parts.joined(separator: ".")
    }
}
