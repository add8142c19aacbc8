import NIOCore

/// Reads fragmented MP4 as its bytes come: a file, or an endless stream. Specification: ISO/IEC 14496-12; 23000-19.
///
/// Boxes that it does not interpret are passed over without being held. Of unfragmented files it returns the init
/// segment and no samples; see ``Movie`` for those.
public struct FragmentReader: Sendable {
    /// What the reader returns.
    public enum Element: Sendable, Equatable {
        /// `ftyp`.
        case fileType(FileType)
        /// `styp`: a segment or a part begins.
        case segmentType(FileType)
        /// `moov`: the tracks, for all fragments that follow.
        case initSegment(InitSegment)
        /// `moof` with the `mdat` behind it. Payloads are slices of the buffer that was read.
        case fragment(Fragment)
        /// `emsg`.
        case event(EventMessage)
        /// `prft`.
        case producerReferenceTime(ProducerReferenceTime)
        /// `sidx`.
        case segmentIndex(SegmentIndex)
    }

    private enum State {
        /// Between two boxes.
        case box
        /// In a box that nobody wants; nil for one that has no end.
        case passing(bytes: UInt64?)
    }

    private var state = State.box
    private let limits: ISOBMFFLimits
    /// Where the next byte to be read lies in the file.
    private var offset: UInt64 = 0
    private var fileType = FileType.initSegment
    private var initSegment: InitSegment?
    /// A `moof` whose `mdat` has not come, and where it began.
    private var pendingFragment: (box: Box, offset: UInt64)?
    private var nextDecodeTimes: [UInt32: UInt64] = [:]

    /// - Parameter limits: what the peer can make the reader do.
    public init(limits: ISOBMFFLimits = .init()) {
        self.limits = limits
    }

    /// Reads the next element.
    ///
    /// - Parameter buffer: the bytes at hand; what has been read is consumed.
    /// - Returns: the element, or nil when its bytes have not all come.
    /// - Throws: ``ISOBMFFError``; where the damage is that of a box, that box has been consumed and one can read on.
    public mutating func read(from buffer: inout ByteBuffer) throws(ISOBMFFError) -> Element? {
        while true {
            switch state {
            case .passing(let bytes):
                let wanted = Int(clamping: bytes ?? .max)
                let count = min(wanted, buffer.readableBytes)
                buffer.moveReaderIndex(forwardBy: count)
                offset &+= UInt64(count)
                guard count == wanted else {
                    state = .passing(bytes: bytes.map { $0 - UInt64(count) })
                    return nil
                }
                state = .box
            case .box:
                var rest = buffer
                guard let header = try BoxHeader(parsing: &rest) else { return nil }
                guard let bytesMax = bytesMax(header.type) else {
                    state = .passing(bytes: header.boxBytes)
                    continue
                }
                guard let bytes = header.payloadBytes else {
                    throw ISOBMFFError(.badBoxSize, "\(header.type) without an end")
                }
                guard bytes <= UInt64(max(0, bytesMax)) else {
                    throw ISOBMFFError(.boxTooLarge, "\(header.type) of \(bytes) bytes, at most \(bytesMax)")
                }
                guard let payload = rest.readSlice(length: Int(bytes)) else { return nil }
                let start = offset
                buffer = rest
                offset &+= UInt64(header.headerBytes) &+ bytes
                if let element = try interpret(Box(type: header.type, payload: payload), at: start) { return element }
            }
        }
    }

    /// The longest payload of a box of a type; nil for those that are passed over.
    private func bytesMax(_ type: BoxType) -> Int? {
        switch type {
        case .moov: limits.movieBytesMax
        case .ftyp, .styp, .moof, .sidx, .prft, .emsg: limits.boxBytesMax
        case .mdat: pendingFragment == nil ? nil : limits.mediaBytesMax
        default: nil
        }
    }

    private mutating func interpret(_ box: Box, at start: UInt64) throws(ISOBMFFError) -> Element? {
        switch box.type {
        case .ftyp:
            fileType = try FileType(parsing: box)
            return .fileType(fileType)
        case .styp: return .segmentType(try FileType(parsing: box))
        case .moov:
            let parsed = try InitSegment(parsing: box, fileType: fileType, limits: limits)
            initSegment = parsed
            nextDecodeTimes = [:]
            return .initSegment(parsed)
        case .moof:
            pendingFragment = (box, start)
            return nil
        case .mdat: return try readFragment(box)
        case .emsg: return .event(try EventMessage(parsing: box))
        case .prft: return .producerReferenceTime(try ProducerReferenceTime(parsing: box))
        case .sidx: return .segmentIndex(try SegmentIndex(parsing: box))
        default: return nil
        }
    }

    private mutating func readFragment(_ box: Box) throws(ISOBMFFError) -> Element? {
        guard let pending = pendingFragment else { return nil }
        pendingFragment = nil
        guard let initSegment else { throw ISOBMFFError(.unknownTrack, "moof before moov") }
        var parser = FragmentParser(
            initSegment: initSegment, limits: limits, fragmentOffset: pending.offset, media: box.payload,
            mediaOffset: offset &- UInt64(box.payload.readableBytes), nextDecodeTimes: nextDecodeTimes)
        let fragment = try parser.parse(pending.box)
        nextDecodeTimes = parser.nextDecodeTimes
        return .fragment(fragment)
    }
}
