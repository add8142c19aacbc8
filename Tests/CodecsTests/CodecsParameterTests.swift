import Codecs
import NIOCore
import Testing

@Suite("RFC 6381: the codecs parameter")
struct CodecsParameterTests {
    @Test(
        arguments: [
            // A record without a sequence header tells no colours.
            (.av01, "81040C00", "av01.0.04M.08"), (.av01, "814DCC00", "av01.2.13H.10"),
            (.av01, "81080E00", "av01.0.08M.08"),
            (.av01, "81081C00", "av01.0.08M.08.1.110.01.01.01.0"),
            (.av01, "81480800", "av01.2.08M.08.0.100.01.01.01.0"),
            // Unspecified and BT.709 colours are what players assume.
            (.vp09, "0015820202020000", "vp09.00.21.08"), (.vp09, "0015820101010000", "vp09.00.21.08"),
            (.vp09, "021FA20910090000", "vp09.02.31.10.01.09.16.09.00"),
            (.vp09, "0015830202020000", "vp09.00.21.08.01.01.01.01.01"),
            (.vp09, "0115840202020000", "vp09.01.21.08.02.01.01.01.00"),
            // Players refuse a level of 0.
            (.vp09, "0000820202020000", "vp09.00.10.08"), (.vp08, "0000820202020000", "vp08.00.10.08"),
        ] as [(FourCC, String, String)])
    func videoIsNamed(codec: FourCC, configuration: String, parameter: String) {
        #expect(VideoFormat(codec: codec, configuration: hex(configuration))?.rfc6381 == parameter)
    }

    @Test(arguments: [
        ("FFFB9064", "mp4a.6B"), ("FFF340C4", "mp4a.69"), ("FFE318C4", "mp4a.69"), ("FFFD8404", "mp4a.6B"),
    ])
    func mpegAudioIsNamedByItsObjectType(frame: String, parameter: String) {
        #expect(AudioFormat(codec: .mp3, firstFrame: hex(frame))?.rfc6381 == parameter)
    }
}
