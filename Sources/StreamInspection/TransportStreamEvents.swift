import Codecs
import MPEGTS
import NIOCore

/// Finds tracks and samples in an MPEG transport stream.
public struct TransportStreamEvents: Sendable {
    private var reader = TSReader()
    private var numbers: [PacketID: Int] = [:]

    /// No bytes yet.
    public init() {}

    /// The events of the next element.
    ///
    /// - Parameter bytes: what is at hand; whole packets are consumed.
    /// - Returns: nil when more bytes are needed.
    /// - Throws: ``MPEGTS/TSError`` when there are no packets any more.
    public mutating func read(from bytes: inout ByteBuffer) throws(TSError) -> [SourceEvent]? {
        guard let element = try reader.read(from: &bytes) else { return nil }
        return events(of: element)
    }

    /// The events of what waited for its next packet.
    public mutating func finish() -> [SourceEvent] {
        var events: [SourceEvent] = []
        for element in reader.finish() { events += self.events(of: element) }
        return events
    }

    private mutating func events(of element: TSReader.Element) -> [SourceEvent] {
        switch element {
        case .program(let map): return map.streams.compactMap { track($0) }
        case .configuration(let id, let configuration):
            return numbers[id].map { [.configuration(track: $0, configuration)] } ?? []
        case .accessUnit(let id, let unit):
            guard let number = numbers[id] else { return [] }
            return [
                .sample(
                    SourceSample(
                        track: number, decodeTime: unit.decodeTime.ticks,
                        presentationTime: unit.presentationTime.ticks, isKeyframe: unit.isKeyframe,
                        payload: unit.payload))
            ]
        case .damage(let id, let error):
            return [.damage(id.map { "PID \($0.rawValue): \(error)" } ?? "\(error)")]
        case .programEnded, .discontinuity: return []
        }
    }

    private mutating func track(_ stream: ElementaryStream) -> SourceEvent? {
        guard numbers[stream.id] == nil, numbers.count < sourceTracksMax else { return nil }
        let number = numbers.count
        numbers[stream.id] = number
        let kind: SourceTrack.Kind
        let codec: FourCC
        switch stream.content {
        case .video(let fourCC): (kind, codec) = (.video, fourCC)
        case .audio(let fourCC): (kind, codec) = (.audio, fourCC)
        case .timedID3, .privateData, .unknown: (kind, codec) = (.data, FourCC(rawValue: 0))
        }
        return .track(
            SourceTrack(
                number: number, name: "PID \(stream.id.rawValue)", kind: kind, codec: codec, container: .mpegTS,
                timescale: TSTime.ticksPerSecond))
    }
}
