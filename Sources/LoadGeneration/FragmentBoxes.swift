import NIOCore

/// A box's header. Specification: ISO/IEC 14496-12, 4.2.
struct BoxHead {
    /// Four characters, the first one highest.
    let type: UInt32
    /// The header's own bytes: 8, or 16 with a long size.
    let headBytes: Int
    /// All bytes, header included.
    let size: Int

    static let moov: UInt32 = 0x6D6F_6F76
    static let moof: UInt32 = 0x6D6F_6F66
    static let mdat: UInt32 = 0x6D64_6174
    static let trak: UInt32 = 0x7472_616B
    static let mdia: UInt32 = 0x6D64_6961
    static let tkhd: UInt32 = 0x746B_6864
    static let mdhd: UInt32 = 0x6D64_6864
    static let hdlr: UInt32 = 0x6864_6C72
    static let mvex: UInt32 = 0x6D76_6578
    static let trex: UInt32 = 0x7472_6578
    static let traf: UInt32 = 0x7472_6166
    static let tfhd: UInt32 = 0x7466_6864
    static let tfdt: UInt32 = 0x7466_6474
    static let trun: UInt32 = 0x7472_756E
    static let handlerVideo: UInt32 = 0x7669_6465
    static let handlerSound: UInt32 = 0x736F_756E
    /// The largest box that is passed over: more than a day of any stream.
    private static let sizeMax = UInt64(1) << 40

    /// Reads a header; nil until it is there.
    init?(_ buffer: ByteBuffer, at index: Int, end: Int) throws(ScanError) {
        guard end - index >= 8, let short = buffer.getInteger(at: index, as: UInt32.self),
            let type = buffer.getInteger(at: index + 4, as: UInt32.self)
        else { return nil }
        self.type = type
        var size = UInt64(short)
        var headBytes = 8
        if short == 1 {
            guard end - index >= 16, let long = buffer.getInteger(at: index + 8, as: UInt64.self) else { return nil }
            size = long
            headBytes = 16
        }
        guard size >= UInt64(headBytes), size <= Self.sizeMax else {
            throw ScanError("what the server sends is no fragmented MP4: a box of \(size) bytes")
        }
        self.headBytes = headBytes
        self.size = Int(size)
    }

    /// The boxes in a stretch of bytes; damage ends them.
    static func forEach(
        in buffer: ByteBuffer, at index: Int, end: Int, _ body: (_ box: BoxHead, _ content: Int, _ end: Int) -> Void
    ) {
        var index = index
        while index < end {
            let box: BoxHead
            do throws(ScanError) {
                guard let next = try BoxHead(buffer, at: index, end: end), next.size <= end - index else { return }
                box = next
            } catch { return }
            body(box, index + box.headBytes, index + box.size)
            index += box.size
        }
    }
}

/// What `moov` tells of a track.
struct FragmentTrack {
    var id: UInt32 = 0
    var timescale: UInt32 = 1000
    /// Nil for what is neither.
    var kind: ScannedFrame.Kind?
    var defaultDuration: UInt32 = 0
    var defaultSize: UInt32 = 0
    var defaultFlags: UInt32 = 0

    /// The most tracks; further ones are passed over.
    static let countMax = 16

    static func all(in buffer: ByteBuffer, at index: Int, end: Int) -> [FragmentTrack] {
        var tracks: [FragmentTrack] = []
        BoxHead.forEach(in: buffer, at: index, end: end) { box, content, end in
            guard box.type == BoxHead.trak, tracks.count < countMax else { return }
            tracks.append(FragmentTrack(in: buffer, at: content, end: end))
        }
        BoxHead.forEach(in: buffer, at: index, end: end) { box, content, end in
            guard box.type == BoxHead.mvex else { return }
            BoxHead.forEach(in: buffer, at: content, end: end) { box, content, end in
                guard box.type == BoxHead.trex, end - content >= 24 else { return }
                let word = { buffer.getInteger(at: content + $0, as: UInt32.self) ?? 0 }
                guard let index = tracks.firstIndex(where: { $0.id == word(4) }) else { return }
                tracks[index].defaultDuration = word(12)
                tracks[index].defaultSize = word(16)
                tracks[index].defaultFlags = word(20)
            }
        }
        return tracks
    }

    private init(in buffer: ByteBuffer, at index: Int, end: Int) {
        var track = FragmentTrack()
        BoxHead.forEach(in: buffer, at: index, end: end) { box, content, end in
            switch box.type {
            case BoxHead.tkhd: track.id = Self.field(buffer, content, end, short: 12, long: 20) ?? 0
            case BoxHead.mdia:
                BoxHead.forEach(in: buffer, at: content, end: end) { box, content, end in
                    if box.type == BoxHead.mdhd {
                        track.timescale = max(1, Self.field(buffer, content, end, short: 12, long: 20) ?? 1000)
                    } else if box.type == BoxHead.hdlr, end - content >= 12 {
                        switch buffer.getInteger(at: content + 8, as: UInt32.self) {
                        case BoxHead.handlerVideo?: track.kind = .video
                        case BoxHead.handlerSound?: track.kind = .audio
                        default: break
                        }
                    }
                }
            default: break
            }
        }
        self = track
    }

    private init() {}

    /// A field behind two times, whose length the version tells: 8.3.2 and 8.4.2.
    private static func field(_ buffer: ByteBuffer, _ content: Int, _ end: Int, short: Int, long: Int) -> UInt32? {
        let isLong = buffer.getInteger(at: content, as: UInt8.self) == 1
        let index = content + (isLong ? long : short)
        guard index + 4 <= end else { return nil }
        return buffer.getInteger(at: index, as: UInt32.self)
    }
}

/// Where a sample of a fragment is.
struct FragmentSample {
    /// From the beginning of `moof` on.
    let offset: Int
    let size: Int
    let frame: ScannedFrame
}
