import NIOCore
import Testing

/// What every reader may expect of a stream: whole packets, tables first, counters without gaps, a clock every 100 ms
/// that does not run backwards. Specification: ISO/IEC 13818-1, 2.4.3.3, 2.4.4, 2.7.2.
func checkConformance(_ bytes: ByteBuffer, _ name: String = "") {
    #expect(bytes.readableBytes % 188 == 0, "\(name)")
    var counters: [UInt16: UInt8] = [:]
    var clocks: [Int64] = []
    let all = packets(bytes)
    #expect(all.first?.id == 0 && all.dropFirst().first?.id == 0x1000, "\(name)")
    for (index, packet) in all.enumerated() {
        #expect(packet.bytes[0] == 0x47, "\(name), packet \(index)")
        #expect(packet.bytes[3] & 0x30 != 0, "\(name), packet \(index)")
        let expected = counters[packet.id].map { packet.hasPayload ? ($0 + 1) & 0x0F : $0 }
        if let expected { #expect(packet.continuity == expected, "\(name), packet \(index)") }
        counters[packet.id] = packet.continuity
        if packet.bytes[3] & 0x20 != 0 {
            #expect(packet.hasPayload ? packet.bytes[4] <= 182 : packet.bytes[4] == 183, "\(name), packet \(index)")
        }
        if let clock = packet.clock { clocks.append(clock) }
    }
    #expect(!clocks.isEmpty, "\(name)")
    for (before, after) in zip(clocks, clocks.dropFirst()) {
        let distance = (after - before) & 0x1_FFFF_FFFF
        #expect(distance <= 9000, "\(name): clock \(before), then \(after)")
    }
}
