import Codecs
import NIOCore

/// Reads the Opus packets of PES packets. Source: OpusTS of the Xiph wiki, 0.1.3 draft.
struct OpusPackets: Sendable {
    private let channelConfiguration: UInt8?
    private let limits: TSLimits
    private var clock: SampleClock?
    private var hasConfiguration = false

    init(_ stream: ElementaryStream, limits: TSLimits) {
        channelConfiguration = stream.descriptors.opusChannelConfiguration
        self.limits = limits
    }

    /// Forgets the time, since packets are missing.
    mutating func reset() {
        clock = nil
    }

    mutating func read(_ payload: ByteBuffer, time: TSTime?, into output: inout UnitOutput) {
        var bytes = payload
        if let time { clock = SampleClock(begin: time) }
        for _ in 0..<limits.unitsPerPESMax {
            guard bytes.readableBytes > 0 else { return }
            guard let header = OpusInTS.ControlHeader.read(&bytes),
                let packet = bytes.readSlice(length: header.packetBytes), let samples = OpusPacket.sampleCount(packet)
            else { return output.damage(TSError(.badUnit, "opus_access_unit")) }
            guard configure(header, &output), var clock else { return }
            output.unit(TSAccessUnit(decodeTime: clock.now, payload: packet))
            clock.advance(samples, sampleRate: 48_000)
            self.clock = clock
        }
        if bytes.readableBytes > 0 {
            output.damage(TSError(.limitExceeded, "more than \(limits.unitsPerPESMax) packets in a PES packet"))
        }
    }

    /// - Returns: whether the layout of the channels is one that we can tell.
    private mutating func configure(_ header: OpusInTS.ControlHeader, _ output: inout UnitOutput) -> Bool {
        if hasConfiguration { return true }
        guard let code = channelConfiguration,
            let head = OpusInTS.head(channelConfiguration: code, preSkip: header.startTrim)
        else {
            output.damage(TSError(.unsupported, "channel_config_code \(channelConfiguration.map(String.init) ?? "-")"))
            return false
        }
        var bytes = ByteBuffer()
        head.write(to: &bytes)
        output.configuration(bytes)
        hasConfiguration = true
        return true
    }
}
