import BitStream
import Codecs
import NIOCore

/// The configuration of AC-3 and E-AC-3 tracks, which these codecs repeat in every frame instead of having one.
/// Specification: ETSI TS 102 366, F.4 (`dac3`) and F.6 (`dec3`).
public enum AC3Configuration {
    /// The body of the `dac3` or `dec3` box, for ``SampleDescription/configuration``.
    ///
    /// - Parameter firstFrame: any frame of the stream. Of E-AC-3 the first independent substream is told of.
    /// - Throws: ``ISOBMFFError`` with ``ISOBMFFError/Code/malformed`` when it is no frame.
    public static func body(firstFrame: ByteBuffer) throws(ISOBMFFError) -> ByteBuffer {
        let info: AC3SyncInfo
        do { info = try AC3SyncInfo(firstFrame) } catch { throw ISOBMFFError(.malformed, "\(error)") }
        let frame = BitReader(Array(firstFrame.readableBytesView.prefix(8)))
        guard let body = info.codec == .ac3 ? ac3(frame) : eac3(frame, info) else {
            throw ISOBMFFError(.malformed, "syncinfo")
        }
        return ByteBuffer(bytes: body)
    }

    /// fscod UB[2], bsid UB[5], bsmod UB[3], acmod UB[3], lfeon UB[1], bit_rate_code UB[5], reserved UB[5].
    private static func ac3(_ frame: BitReader) -> [UInt8]? {
        var frame = frame
        guard frame.skip(32) != nil, let fscod = frame.u64(2), let frmsizecod = frame.u64(6), let bsid = frame.u64(5),
            let bsmod = frame.u64(3), let acmod = frame.u64(3)
        else { return nil }
        // cmixlev, surmixlev, dsurmod: ETSI TS 102 366, 4.3.2.
        let mixBits = (acmod & 1 != 0 && acmod != 1 ? 2 : 0) + (acmod & 4 != 0 ? 2 : 0) + (acmod == 2 ? 2 : 0)
        guard frame.skip(mixBits) != nil, let lfeon = frame.u64(1) else { return nil }
        var box = BitWriter()
        box.u(2, fscod)
        box.u(5, bsid)
        box.u(3, bsmod)
        box.u(3, acmod)
        box.u(1, lfeon)
        box.u(5, frmsizecod >> 1)
        box.u(5, 0)
        return box.bytes
    }

    /// data_rate UB[13], num_ind_sub UB[3]; then fscod UB[2], bsid UB[5], reserved UB[1], asvc UB[1], bsmod UB[3],
    /// acmod UB[3], lfeon UB[1], reserved UB[3], num_dep_sub UB[4], reserved UB[1].
    private static func eac3(_ frame: BitReader, _ info: AC3SyncInfo) -> [UInt8]? {
        var frame = frame
        guard frame.skip(32) != nil, let fscod = frame.u64(2), frame.skip(2) != nil, let acmod = frame.u64(3),
            let lfeon = frame.u64(1), let bsid = frame.u64(5)
        else { return nil }
        let bitRate = info.frameLength * 8 * info.sampleRate / max(1, info.samplesPerFrame)
        var box = BitWriter()
        box.u(13, UInt64(bitRate / 1000))
        box.u(3, 0)
        box.u(2, fscod)
        box.u(5, bsid)
        box.u(2, 0)
        box.u(3, 0)
        box.u(3, acmod)
        box.u(1, lfeon)
        box.u(3, 0)
        box.u(4, 0)
        box.u(1, 0)
        return box.bytes
    }
}
