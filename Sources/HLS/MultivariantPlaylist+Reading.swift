import NIOCore

extension MultivariantPlaylist {
    /// Reads a multivariant playlist. Tags that are not known are passed over, and so are variants of keyframes alone.
    ///
    /// - Throws: ``HLSError`` when it cannot be understood, passes a limit, or has variables.
    public init(parsing bytes: ByteBuffer, limits: HLSLimits = HLSLimits()) throws(HLSError) {
        var reader = MultivariantPlaylistReader(limits: limits)
        try reader.read(bytes)
        self = try reader.end()
    }
}

/// Puts a multivariant playlist together, line by line. Specification: RFC 8216bis, 4.4.6.
private struct MultivariantPlaylistReader: PlaylistReader {
    let limits: HLSLimits
    private var playlist = MultivariantPlaylist(variants: [])
    /// The attributes of the variant whose URI comes next.
    private var pending: AttributeList?

    init(limits: HLSLimits) {
        self.limits = limits
    }

    mutating func read(uri: Substring) throws(HLSError) {
        guard let attributes = pending else { throw HLSError(.missing, "EXT-X-STREAM-INF in front of a URI") }
        guard playlist.variants.count < limits.listedMax else { throw HLSError(.limitExceeded, "variants") }
        playlist.variants.append(try Variant(attributes, uri: String(uri)))
        pending = nil
    }

    mutating func read(tag name: Substring, _ value: Substring) throws(HLSError) {
        // The URI must be the next line. 4.4.6.2.
        guard pending == nil else { throw HLSError(.malformed, "EXT-X-STREAM-INF without a URI behind it") }
        switch name {
        case "EXT-X-VERSION":
            let version = try Int(decimal: value, "EXT-X-VERSION")
            guard version <= newestKnownVersion else { throw HLSError(.unsupported, "EXT-X-VERSION \(version)") }
        case "EXT-X-INDEPENDENT-SEGMENTS": playlist.hasIndependentSegments = true
        case "EXT-X-START": playlist.start = try PlaylistStart(try AttributeList(value, limits: limits))
        case "EXT-X-MEDIA":
            guard playlist.renditions.count < limits.listedMax else { throw HLSError(.limitExceeded, "renditions") }
            playlist.renditions.append(try Rendition(try AttributeList(value, limits: limits)))
        case "EXT-X-STREAM-INF": pending = try AttributeList(value, limits: limits)
        case "EXTINF", "EXT-X-TARGETDURATION":
            throw HLSError(.contradictory, "\(name) in a multivariant playlist")
        case "EXT-X-DEFINE": throw HLSError(.unsupported, String(name))
        default: break
        }
    }

    func end() throws(HLSError) -> MultivariantPlaylist {
        guard pending == nil else { throw HLSError(.truncated, "EXT-X-STREAM-INF without a URI behind it") }
        return playlist
    }
}
