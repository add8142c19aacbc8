import Codecs
import NIOCore

/// Configurations that FFmpeg 5.1 wrote, with libx264 164, libx265 3.5, libaom 3.6, libsvtav1 1.4 and libvpx 1.12.
enum VideoVectors {
    /// 1280x720, 30 frames a second.
    static let h264High = hex(
        "0164001fffe1001a6764001facd9405005bb0110000003001000000303c0f183196001000668ebe3cb22c0fdf8"
            + "f800")
    /// 640x360, 25 frames a second, baseline.
    static let h264Baseline = hex(
        "0142c01effe100196742c01eda0280bfe5c044000003000400000300c83c58ba8001000468ce0fc8")
    /// 638x358, 30000/1001 frames a second.
    static let h264Main = hex(
        "014d401effe10018674d401eeca05017f536022000007d20001d4c01e2c5b2c001000568ebe3cb20")
    /// 1920x1080, interlaced, BT.709.
    static let h264Interlaced = hex(
        "01640028ffe1001e67640028acd94078044fde02d4040405000003000100000300321f162d9601000668fba3cb"
            + "22c0fdf8f800")
    /// 854x480, 10 bits, 24 frames a second.
    static let h264High10 = hex(
        "016e001effe1001b676e001ea6cd940d83de6f011000000300100000030300f162d96001000668ebe3cb22c0fd"
            + "fafa00")
    /// 322x242, 4:2:2, 50 frames a second.
    static let h264High422 = hex(
        "017a0015ffe1001b677a0015bcd9415087888fc044000003000400000301903c58b65801000668ebe3cb22c0fe"
            + "f8f800")
    /// 100x76, 4:4:4, 60 frames a second.
    static let h264High444 = hex(
        "01f4000bffe1001a67f4000b919b28e5f1b2e022000003000200000300f01e28532c01000668ebe3c44844fff8"
            + "f800")
    /// 176x144, full range, 15 frames a second.
    static let h264FullRange = hex(
        "0164000affe100196764000af3650b13b016c8000003000800000300f078912cb001000668ebe3cb22c0fcf8f8"
            + "00")
    /// 1920x1080, 60 frames a second, buffering information, pixels of 4:3.
    static let h264Buffering = hex(
        "0164002affe100266764002aacd940780227e5c384000003000400000301e1920003d090007a13934e01e30632"
            + "c001000568ebecb22cfdf8f800")
    /// 352x288, scaling matrices, three slices.
    static let h264Matrices = hex(
        "0164000dffe100196764000dacd9416096c044000003000400000300f03c50a65801000768ebe3cb3002c0fdf8"
            + "f800")
    /// 1920x1080, 30 frames a second. The SEI array is left out.
    static let hevcMain = hex(
        "01016000000090000000000078f000fcfdf8f800000f03a00001001840010c01ffff0160000003009000000300"
            + "00030078959809a10001002a420101016000000300900000030000030078a003c08010e596566924caf0168080"
            + "000003008000000f04a2000100074401c172b46240")
    /// 3840x2160, 10 bits, PQ, buffering information, 60 frames a second.
    static let hevcMain10 = hex(
        "01022000000090000000000099f000fcfdfafa00000f03a00001001840010c01ffff0220000003009000000300"
            + "00030099959409a100010039420101022000000300900000030000030099a001e020021c4d965654a4c2f016a1"
            + "22012080000003008000001e30d64c3f0007a12000f42440a2000100064401c073c189")
    /// 322x182, 4:4:4, 25 frames a second.
    static let hevc444 = hex(
        "0104080000009e08000000003cf000fcfff8f800000f03a00001001740010c01ffff0408000003009e08000003"
            + "00003c959809a10001002b4201010408000003009e0800000300003c90014901739ef2cacd249caf0168080000"
            + "03000800000300c840a2000100084401c172860c4624")
    /// 1366x766, two temporal layers, 24000/1001 frames a second.
    static let hevcLayers = hex(
        "01016000000090000000000078f000fcfdf8f800001303a00001001c40010c02ffff0160000003009000000300"
            + "0003007800009598acc048a10001002e4201020160000003009000000300000300780000a002ac80301d565959"
            + "8acd24995e02d01000003e900005dc0080a2000100074401c172b46240")
    /// 640x360, by libaom.
    static let av1Main = hex(
        "81010c000a0b0000000cc4ff6736be4010")
    /// 322x182, 10 bits, PQ.
    static let av1Main10 = hex(
        "81004c000a0e000000043d06d4daf95091009040")
    /// 320x180, 4:4:4.
    static let av1High = hex(
        "812000000a0a200000043cfeccdaf902")
    /// 1280x720, by SVT-AV1.
    static let av1SVT = hex(
        "81050c000a0b0000002d4cffb3c02f8004")
    /// 640x360, with the version and flags of the box.
    static let vp9Profile0 = hex(
        "010000000015820202020000")
    /// 642x362, 10 bits.
    static let vp9Profile2 = hex(
        "010000000215a20202020000")
    /// 320x180, 4:4:4.
    static let vp9Profile1 = hex(
        "01000000010b860202020000")
}
