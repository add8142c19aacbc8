import NIOCore

extension MultivariantPlaylist {
    /// Appends the playlist's text. Nothing in it needs a version, so it names none. Specification: RFC 8216bis, 8.
    public func write(into buffer: inout ByteBuffer) {
        buffer.writeString("#EXTM3U\n")
        if hasIndependentSegments { buffer.writeString("#EXT-X-INDEPENDENT-SEGMENTS\n") }
        start?.write(into: &buffer)
        for rendition in renditions { rendition.write(into: &buffer) }
        for variant in variants { variant.write(into: &buffer) }
    }

    /// The playlist's text.
    public func text() -> ByteBuffer {
        var buffer = ByteBuffer()
        write(into: &buffer)
        return buffer
    }
}

extension Rendition {
    fileprivate func write(into buffer: inout ByteBuffer) {
        buffer.writeString("#EXT-X-MEDIA:TYPE=\(kind.rawValue)")
        for (name, value) in [
            (",GROUP-ID=", group), (",NAME=", name), (",LANGUAGE=", language), (",INSTREAM-ID=", instreamID),
            (",CHANNELS=", channels), (",URI=", uri),
        ] {
            guard let value else { continue }
            buffer.writeString(name)
            buffer.writeQuoted(value)
        }
        if isDefault { buffer.writeString(",DEFAULT=YES") }
        // What is the default must also be what a player may choose. 4.4.6.1.
        if isAutoselect || isDefault { buffer.writeString(",AUTOSELECT=YES") }
        buffer.writeString("\n")
    }
}

extension Variant {
    fileprivate func write(into buffer: inout ByteBuffer) {
        buffer.writeString("#EXT-X-STREAM-INF:BANDWIDTH=\(bandwidth)")
        if let averageBandwidth { buffer.writeString(",AVERAGE-BANDWIDTH=\(averageBandwidth)") }
        if !codecs.isEmpty {
            buffer.writeString(",CODECS=")
            buffer.writeQuoted(codecs.joined(separator: ","))
        }
        if let resolution { buffer.writeString(",RESOLUTION=\(resolution.width)x\(resolution.height)") }
        if let frameRate, let thousandths = Int64(exactly: (frameRate * 1000).rounded()), thousandths > 0 {
            let fraction = String(thousandths % 1000)
            let zeros = String(repeating: "0", count: 3 - fraction.utf8.count)
            buffer.writeString(",FRAME-RATE=\(thousandths / 1000).\(zeros)\(fraction)")
        }
        if let videoRange { buffer.writeString(",VIDEO-RANGE=\(videoRange)") }
        for (name, value) in [(",AUDIO=", audioGroup), (",SUBTITLES=", subtitlesGroup)] {
            guard let value else { continue }
            buffer.writeString(name)
            buffer.writeQuoted(value)
        }
        buffer.writeString("\n")
        buffer.writeLine(uri)
    }
}
