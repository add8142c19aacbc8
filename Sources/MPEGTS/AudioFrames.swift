import Codecs
import NIOCore

/// Cuts the frames of AAC, MPEG audio, AC-3 and E-AC-3 out of PES packets. They need not begin or end together.
struct AudioFrames: Sendable {
    /// A frame as its codec's syntax tells of it.
    private struct Frame {
        var payload: ByteBuffer
        var samples: Int
        var sampleRate: Int
        /// AAC: what the header says of the decoder's configuration.
        var configuration: ADTSHeader?
    }

    /// What stands at the beginning of some bytes.
    private enum Finding {
        case frame(Frame)
        /// A frame that this library does not interpret, of so many bytes.
        case unsupported(Int, String)
        /// The frame is not complete.
        case incomplete
        /// Something else.
        case garbage
    }

    private let codec: FourCC
    private let limits: TSLimits
    /// A frame that goes on in the next PES packet: at most 8191 bytes, as its length says.
    private var remainder = ByteBuffer()
    private var clock: SampleClock?
    private var configuration: AudioSpecificConfig?

    init(codec: FourCC, limits: TSLimits) {
        self.codec = codec
        self.limits = limits
    }

    /// Forgets what has begun, since packets are missing.
    mutating func reset() {
        remainder.clear()
        clock = nil
    }

    /// Reads the frames of one PES packet.
    ///
    /// - Parameter time: of the first frame that begins in the packet; nil where it is not said.
    mutating func read(_ payload: ByteBuffer, time: TSTime?, into output: inout UnitOutput) {
        var bytes = payload
        let boundary = remainder.readableBytes
        if boundary > 0 {
            remainder.writeImmutableBuffer(payload)
            bytes = remainder
        }
        remainder = ByteBuffer()
        let start = bytes.readerIndex
        var time = time
        var hasGarbage = false
        for _ in 0..<limits.unitsPerPESMax {
            guard bytes.readableBytes > 0 else { break }
            if bytes.readerIndex - start >= boundary, let first = time.take() { clock = SampleClock(begin: first) }
            switch next(&bytes) {
            case .frame(let frame): emit(frame, &output)
            case .unsupported(let count, let detail):
                output.damage(TSError(.unsupported, detail))
                bytes.moveReaderIndex(forwardBy: min(max(1, count), bytes.readableBytes))
            case .incomplete:
                // A copy: the packet may be much longer than the rest of it.
                remainder = ByteBuffer(bytes: bytes.readableBytesView)
                return
            case .garbage:
                if !hasGarbage { output.damage(TSError(.badUnit, "no frame of \(codec)")) }
                hasGarbage = true
                skipGarbage(&bytes)
            }
        }
        if bytes.readableBytes > 0 {
            output.damage(TSError(.limitExceeded, "more than \(limits.unitsPerPESMax) frames in a PES packet"))
        }
    }

    private mutating func emit(_ frame: Frame, _ output: inout UnitOutput) {
        if let header = frame.configuration, header.configuration != configuration {
            configuration = header.configuration
            var bytes = ByteBuffer()
            header.configuration.write(to: &bytes)
            output.configuration(bytes)
        }
        guard var clock else { return }
        output.unit(TSAccessUnit(decodeTime: clock.now, payload: frame.payload))
        clock.advance(frame.samples, sampleRate: frame.sampleRate)
        self.clock = clock
    }

    /// On to the next byte that could begin a frame.
    private func skipGarbage(_ bytes: inout ByteBuffer) {
        let sync: UInt8 = codec == .ac3 || codec == .eac3 ? 0x0B : 0xFF
        let view = bytes.readableBytesView
        let next = view.dropFirst().firstIndex(of: sync) ?? view.endIndex
        bytes.moveReaderIndex(to: next)
    }

    private func next(_ bytes: inout ByteBuffer) -> Finding {
        do {
            switch codec {
            case .mp4a: return try Self.nextADTS(&bytes)
            case .mp3: return try Self.nextMPEGAudio(&bytes)
            default: return try Self.nextAC3(&bytes)
            }
        } catch {
            return .garbage
        }
    }

    private static func nextADTS(_ bytes: inout ByteBuffer) throws(CodecError) -> Finding {
        let before = bytes.readableBytes
        guard let (header, payload) = try ADTSHeader.readFrame(&bytes) else { return .incomplete }
        guard header.rawDataBlocks == 1, header.channelConfiguration > 0 else {
            let count = before - bytes.readableBytes
            bytes.moveReaderIndex(to: bytes.readerIndex - count)
            return .unsupported(
                count, "ADTS with \(header.rawDataBlocks) blocks, \(header.channelConfiguration) channels")
        }
        return .frame(
            Frame(payload: payload, samples: 1024, sampleRate: header.sampleRate, configuration: header))
    }

    private static func nextMPEGAudio(_ bytes: inout ByteBuffer) throws(CodecError) -> Finding {
        guard bytes.readableBytes >= 4 else { return .incomplete }
        let header = try MPEGAudioHeader(bytes)
        guard let length = header.frameLength else { return .unsupported(bytes.readableBytes, "free format") }
        guard let payload = bytes.readSlice(length: length) else { return .incomplete }
        return .frame(Frame(payload: payload, samples: header.samplesPerFrame, sampleRate: header.sampleRate))
    }

    private static func nextAC3(_ bytes: inout ByteBuffer) throws(CodecError) -> Finding {
        guard bytes.readableBytes >= 8 else { return .incomplete }
        let info = try AC3SyncInfo(bytes)
        guard bytes.readableBytes >= info.frameLength else { return .incomplete }
        var length = info.frameLength
        while let more = dependentFrameLength(bytes, behind: length), length + more <= bytes.readableBytes {
            length += more
        }
        guard let payload = bytes.readSlice(length: length) else { return .incomplete }
        return .frame(Frame(payload: payload, samples: info.samplesPerFrame, sampleRate: info.sampleRate))
    }

    /// E-AC-3: frames of dependent substreams, and of other programs, are played with the frame in front of them. Writers
    /// put them into the same PES packet; where one begins the next packet, it is taken for a frame of its own.
    /// Specification: ETSI TS 102 366, E.1.3.1.1 (strmtyp) and E.1.3.1.2 (substreamid).
    private static func dependentFrameLength(_ bytes: ByteBuffer, behind length: Int) -> Int? {
        guard let rest = bytes.getSlice(at: bytes.readerIndex + length, length: bytes.readableBytes - length),
            let third = rest.getInteger(at: rest.readerIndex + 2, as: UInt8.self)
        else { return nil }
        do {
            let info = try AC3SyncInfo(rest)
            return info.codec == .eac3 && (third >> 6 == 1 || third >> 3 & 7 != 0) ? info.frameLength : nil
        } catch {
            return nil
        }
    }
}

/// Counts samples from a time on, so that rounding does not add up.
struct SampleClock: Sendable {
    private var begin: TSTime
    private var samples: Int64 = 0
    private var sampleRate: Int64 = 0

    init(begin: TSTime) {
        self.begin = begin
    }

    /// The time of the next frame.
    var now: TSTime {
        guard sampleRate > 0 else { return begin }
        return begin + TSTime(ticks: samples &* TSTime.ticksPerSecond / sampleRate)
    }

    mutating func advance(_ count: Int, sampleRate rate: Int) {
        if Int64(rate) != sampleRate {
            begin = now
            samples = 0
            sampleRate = Int64(rate)
        }
        samples &+= Int64(count)
    }
}
