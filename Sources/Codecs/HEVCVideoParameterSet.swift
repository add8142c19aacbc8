import NIOCore

/// An HEVC video parameter set, of which a server needs the timing.
/// Specification: ISO/IEC 23008-2, 7.3.2.1.
public struct HEVCVideoParameterSet: Sendable, Hashable {
    /// vps_video_parameter_set_id, 0 to 15.
    public private(set) var id: Int
    /// Temporal layers, 1 to 7.
    public private(set) var temporalLayers: Int
    /// What a decoder must be able to do.
    public private(set) var profileTierLevel: HEVCProfileTierLevel
    /// The clock of the pictures; nil where unspecified.
    public private(set) var timing: HEVCTiming?

    /// Reads a parameter set.
    ///
    /// - Parameter unit: the NAL unit, header included.
    /// - Throws: ``CodecError`` when it is another NAL unit, cut short, or a field is out of its range.
    public init(_ unit: ByteBuffer) throws(CodecError) {
        guard HEVCNALUnitType(of: unit) == .videoParameterSet else {
            throw CodecError(.malformed, "not a video parameter set")
        }
        var reader = SyntaxReader(EmulationPrevention.removed(from: unit))
        try reader.skip(16)
        id = try reader.u(4)
        try reader.skip(2 + 6)  // vps_base_layer_internal_flag, _available_flag, vps_max_layers_minus1
        let subLayersMinus1 = try reader.u(3)
        guard subLayersMinus1 <= 6 else { throw CodecError(.malformed, "vps_max_sub_layers_minus1 is 7") }
        temporalLayers = subLayersMinus1 + 1
        try reader.skip(1 + 16)  // vps_temporal_id_nesting_flag, vps_reserved_0xffff_16bits
        profileTierLevel = try HEVCProfileTierLevel(&reader, subLayersMinus1: subLayersMinus1)
        let isOrderingPresentForAll = try reader.flag()
        for _ in (isOrderingPresentForAll ? 0 : subLayersMinus1)...subLayersMinus1 {
            for _ in 0..<3 { _ = try reader.ue() }
        }
        let layerIDMax = try reader.u(6)
        let layerSets = try reader.ue("vps_num_layer_sets_minus1", 0...1023)
        try reader.skip(layerSets * (layerIDMax + 1))  // layer_id_included_flag
        if try reader.flag() { timing = try HEVCTiming(&reader) }
    }
}
