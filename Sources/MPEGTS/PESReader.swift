import Codecs
import NIOCore

/// Where a stream's reader puts what it finds.
struct UnitOutput {
    let id: PacketID
    var elements: [TSReader.Element]

    mutating func unit(_ unit: TSAccessUnit) {
        elements.append(.accessUnit(id, unit))
    }

    mutating func configuration(_ bytes: ByteBuffer) {
        elements.append(.configuration(id, bytes))
    }

    mutating func damage(_ error: TSError) {
        elements.append(.damage(id, error))
    }

    mutating func discontinuity() {
        elements.append(.discontinuity(id))
    }
}

/// What the streams of a reader have in common.
struct SharedState: Sendable {
    let limits: TSLimits
    /// Bytes of all PES packets that are not complete.
    var pendingBytes = 0
    /// The newest time of any stream; a stream's first time lies near it.
    var newest: TSTime?
}

/// Joins the PES packets of one elementary stream and reads what is in them.
/// Specification: ISO/IEC 13818-1, 2.4.3.6.
struct PESReader: Sendable {
    /// Who reads the bytes.
    private enum Units: Sendable {
        case video(VideoUnits)
        case audio(AudioFrames)
        case opus(OpusPackets)
        /// A PES packet is one access unit.
        case whole
        case none
    }

    /// A PES packet that has come whole.
    private struct Whole: Sendable {
        var payload: ByteBuffer
        var decodeTime: TSTime?
        var presentationTime: TSTime?
    }

    let stream: ElementaryStream
    private let limits: TSLimits
    private var units: Units
    private var continuity = Continuity()
    /// The PES packet that is coming, from its first byte; nil between packets, and after damage.
    private var pending: ByteBuffer?
    private var header: PESHeader?
    /// A PES packet that is as long as one can be: the next one may bring the rest of its access unit.
    private var held: Whole?
    private var lastTime: TSTime?
    private var isScrambled = false

    /// Bytes from which on a PES packet of video may be the first part of an access unit. Some writers give video lengths,
    /// and those do not reach beyond 65 535.
    private static let longPacketBytes = 0xF000

    init(_ stream: ElementaryStream, limits: TSLimits) {
        self.stream = stream
        self.limits = limits
        switch stream.content {
        case .video(let codec): units = .video(VideoUnits(isHEVC: codec == .hvc1, limits: limits))
        case .audio(.opus): units = .opus(OpusPackets(stream, limits: limits))
        case .audio(let codec): units = .audio(AudioFrames(codec: codec, limits: limits))
        case .timedID3, .privateData: units = .whole
        case .unknown: units = .none
        }
    }

    mutating func receive(
        _ packet: UnsafeRawBufferPointer, _ header: PacketHeader, shared: inout SharedState,
        into output: inout UnitOutput
    ) {
        if case .none = units { return }
        switch continuity.check(header) {
        case .next: break
        case .duplicate: return
        case .gap:
            drop(&shared)
            output.damage(TSError(.packetsLost, "continuity_counter \(header.continuity)"))
        case .signalledDiscontinuity:
            if header.startsUnit { finish(shared: &shared, into: &output) }
            drop(&shared)
            output.discontinuity()
        }
        guard !header.payload.isEmpty else { return }
        guard !header.isScrambled else {
            drop(&shared)
            if !isScrambled { output.damage(TSError(.scrambled, "transport_scrambling_control")) }
            isScrambled = true
            return
        }
        isScrambled = false
        if header.startsUnit {
            finish(shared: &shared, into: &output)
            pending = ByteBuffer()
        }
        append(UnsafeRawBufferPointer(rebasing: packet[header.payload]), shared: &shared, into: &output)
    }

    private mutating func append(
        _ bytes: UnsafeRawBufferPointer, shared: inout SharedState, into output: inout UnitOutput
    ) {
        guard let length = pending?.readableBytes else { return }
        guard length + bytes.count <= limits.pesBytesMax else {
            drop(&shared)
            return output.damage(TSError(.limitExceeded, "PES packet of more than \(limits.pesBytesMax) bytes"))
        }
        guard shared.pendingBytes + bytes.count <= limits.pendingBytesMax else {
            drop(&shared)
            return output.damage(TSError(.limitExceeded, "PES packets together over \(limits.pendingBytesMax) bytes"))
        }
        pending?.writeBytes(bytes)
        shared.pendingBytes += bytes.count
        do {
            if header == nil {
                header = try pending?.withUnsafeReadableBytes { bytes throws(TSError) in try PESHeader(bytes) }
            }
        } catch {
            drop(&shared)
            return output.damage(error)
        }
        if let header, header.packetLength > 0, length + bytes.count >= header.packetLength + PESHeader.prefixBytes {
            finish(shared: &shared, into: &output)
        }
    }

    /// Forgets what has begun.
    private mutating func drop(_ shared: inout SharedState) {
        shared.pendingBytes -= (pending?.readableBytes ?? 0) + (held?.payload.readableBytes ?? 0)
        pending = nil
        header = nil
        held = nil
        switch units {
        case .audio(var frames):
            frames.reset()
            units = .audio(frames)
        case .opus(var packets):
            packets.reset()
            units = .opus(packets)
        case .video, .whole, .none: break
        }
    }

    /// Reads everything that has come, also what may not be all.
    mutating func flush(shared: inout SharedState, into output: inout UnitOutput) {
        finish(shared: &shared, into: &output)
        release(shared: &shared, into: &output)
    }

    /// The PES packet is at its end.
    private mutating func finish(shared: inout SharedState, into output: inout UnitOutput) {
        guard let bytes = pending else { return }
        let header = header
        pending = nil
        self.header = nil
        shared.pendingBytes -= bytes.readableBytes
        guard let header else { return output.damage(TSError(.badPES, "header is cut short")) }
        let end = header.packetLength > 0 ? header.packetLength + PESHeader.prefixBytes : bytes.readableBytes
        let length = min(end, bytes.readableBytes) - header.byteCount
        guard let payload = bytes.getSlice(at: bytes.readerIndex + header.byteCount, length: length) else { return }
        var whole = Whole(payload: payload)
        readTimes(header, &whole, &shared)
        if var begun = held, whole.presentationTime == nil,
            begun.payload.readableBytes + payload.readableBytes <= limits.pesBytesMax
        {
            held = nil
            shared.pendingBytes -= begun.payload.readableBytes
            begun.payload.writeImmutableBuffer(payload)
            whole = begun
        }
        release(shared: &shared, into: &output)
        if case .video = units, header.packetLength >= Self.longPacketBytes {
            shared.pendingBytes += whole.payload.readableBytes
            held = whole
        } else {
            read(whole, shared, into: &output)
        }
    }

    private mutating func release(shared: inout SharedState, into output: inout UnitOutput) {
        guard let whole = held else { return }
        held = nil
        shared.pendingBytes -= whole.payload.readableBytes
        read(whole, shared, into: &output)
    }

    private mutating func readTimes(_ header: PESHeader, _ whole: inout Whole, _ shared: inout SharedState) {
        guard let presentation = header.presentationTime else { return }
        let decode = header.decodeTime ?? presentation
        let reference = lastTime ?? shared.newest ?? TSTime(ticks: Int64(bitPattern: decode))
        let decodeTime = TSTime.unwrap(decode, near: reference)
        whole.decodeTime = decodeTime
        whole.presentationTime = TSTime.unwrap(presentation, near: decodeTime)
        lastTime = decodeTime
        shared.newest = decodeTime
    }

    private mutating func read(_ whole: Whole, _ shared: SharedState, into output: inout UnitOutput) {
        switch units {
        case .video(var video):
            guard let decodeTime = whole.decodeTime, let presentationTime = whole.presentationTime else {
                return output.damage(TSError(.badPES, "video without a time"))
            }
            units = .none  // One owner only, so that nothing is copied.
            video.read(
                whole.payload, decodeTime: decodeTime, presentationTime: presentationTime, into: &output)
            units = .video(video)
        case .audio(var frames):
            units = .none
            frames.read(whole.payload, time: whole.presentationTime, into: &output)
            units = .audio(frames)
        case .opus(var packets):
            units = .none
            packets.read(whole.payload, time: whole.presentationTime, into: &output)
            units = .opus(packets)
        case .whole:
            guard let time = whole.presentationTime ?? shared.newest else {
                return output.damage(TSError(.badPES, "data without a time"))
            }
            output.unit(TSAccessUnit(decodeTime: time, payload: whole.payload))
        case .none: break
        }
    }
}
