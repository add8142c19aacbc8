/// A PES packet's header, to be written. Specification: ISO/IEC 13818-1, 2.4.3.6.
struct PESHeaderBytes: Sendable {
    /// What PES_packet_length would be if it had no bound.
    let packetLength: Int
    /// Bytes of the header.
    let byteCount: Int
    private let streamID: UInt8
    private let decode: UInt64
    private let presentation: UInt64

    init(streamID: UInt8, _ decodeTime: TSTime, presentation presentationTime: TSTime, payloadBytes: Int) {
        self.streamID = streamID
        decode = decodeTime.wire
        presentation = presentationTime.wire
        byteCount = decode == presentation ? 14 : 19
        packetLength = byteCount - PESHeader.prefixBytes + payloadBytes
    }

    /// Every packet begins with an access unit, which data_alignment_indicator says. A length beyond 16 bits is not told,
    /// which only video may do; all others are, so that a reader need not wait for the next packet.
    func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
        let length = packetLength <= 0xFFFF ? packetLength : 0
        let hasDecodeTime = byteCount == 19
        let times = (
            PESHeader.bytes(prefix: hasDecodeTime ? 3 : 2, time: presentation), PESHeader.bytes(prefix: 1, time: decode)
        )
        let head: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8) = (
            0, 0, 1, streamID, UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length), 0x84,
            hasDecodeTime ? 0xC0 : 0x80, hasDecodeTime ? 10 : 5
        )
        withUnsafeBytes(of: head, body)
        withUnsafeBytes(of: times.0, body)
        if hasDecodeTime { withUnsafeBytes(of: times.1, body) }
    }
}
