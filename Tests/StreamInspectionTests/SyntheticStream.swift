import Codecs
import HLS
import NIOCore
import StreamInspection

/// A stream made of numbers: pictures of H.264 and frames of AAC, whose payloads are as small as may be.
struct SyntheticStream {
    /// A picture.
    struct Picture {
        var type: Character
        /// Milliseconds.
        var decodeTime: Int64
        var presentationTime: Int64
        var isKeyframe: Bool
        var payload: ByteBuffer

        init(_ type: Character, at decodeTime: Int64, shown: Int64? = nil, isKeyframe: Bool? = nil) {
            self.type = type
            self.decodeTime = decodeTime
            presentationTime = shown ?? decodeTime
            self.isKeyframe = isKeyframe ?? (type == "I")
            payload = SyntheticStream.picture(type)
        }
    }

    var container = SourceTrack.Container.flv
    var size: PictureSize?
    var codec = FourCC.avc1
    var pictures: [Picture] = []
    /// Decode times of frames of sound, in milliseconds.
    var sounds: [Int64] = []
    var videoConfiguration: ByteBuffer? = SyntheticStream.h264
    var audioConfiguration: ByteBuffer? = ByteBuffer(bytes: [0x11, 0x90])
    var damages: [String] = []
    var cutShort: String?
    var variant: Variant?

    /// Ten groups of a second each, IPPP at 30 pictures a second, and sound of 48 kHz.
    static var healthy: SyntheticStream {
        var stream = SyntheticStream()
        stream.pictures = (0..<300).map { index in
            Picture(index % 30 == 0 ? "I" : "P", at: Int64(index) * 100 / 3)
        }
        stream.sounds = (0..<469).map { Int64($0) * 64 / 3 }
        return stream
    }

    /// The same with two B pictures between the others.
    static var reordered: SyntheticStream {
        var stream = healthy
        stream.pictures = (0..<300).map { index in
            let time = { (index: Int) in Int64(index) * 100 / 3 }
            let place = index % 30
            // Decoded I P B B P B B … P P, and shown one picture later at the earliest.
            if place == 0 { return Picture("I", at: time(index), shown: time(index + 1)) }
            if place > 27 { return Picture("P", at: time(index), shown: time(index + 1)) }
            return place % 3 == 1
                ? Picture("P", at: time(index), shown: time(index + 3))
                : Picture("B", at: time(index), shown: time(index))
        }
        return stream
    }

    /// One slice: first_mb_in_slice 0, slice_type, pic_parameter_set_id 0.
    static func picture(_ type: Character) -> ByteBuffer {
        let unit: [UInt8] =
            switch type {
            case "I": [0x65, 0x88, 0x84]
            case "B": [0x01, 0x9E, 0x00]
            default: [0x41, 0x9A, 0x00]
            }
        return ByteBuffer(bytes: [0, 0, 0, UInt8(unit.count)] + unit)
    }

    /// What x264 wrote for 320×180 pixels, 30 pictures a second, two of them reordered.
    static let sequenceParameterSet: [UInt8] = [
        0x67, 0x64, 0x00, 0x0D, 0xAC, 0xD9, 0x41, 0x41, 0x9F, 0x9F, 0x01, 0x10, 0x00, 0x00, 0x03, 0x00, 0x10, 0x00,
        0x00,
        0x03, 0x03, 0xC0, 0xF1, 0x42, 0x99, 0x60,
    ]

    /// The record with it.
    static let h264 = ByteBuffer(
        bytes: [1, 0x64, 0, 0x0D, 0xFF, 0xE1, 0, UInt8(sequenceParameterSet.count)] + sequenceParameterSet
            + [1, 0, 6, 0x68, 0xEB, 0xE3, 0xCB, 0x22, 0xC0, 0xFD, 0xF8, 0xF8, 0x00])

    /// What an inspection finds of it.
    var report: StreamReport {
        var inspection = Inspection()
        if !pictures.isEmpty {
            inspection.receive(.track(track(0, .video, codec)))
            if let videoConfiguration { inspection.receive(.configuration(track: 0, videoConfiguration)) }
        }
        let sound = pictures.isEmpty ? 0 : 1
        if !sounds.isEmpty {
            inspection.receive(.track(track(sound, .audio, .mp4a)))
            if let audioConfiguration { inspection.receive(.configuration(track: sound, audioConfiguration)) }
        }
        var rest = sounds[...]
        for picture in pictures {
            while let next = rest.first, next <= picture.decodeTime {
                inspection.receive(.sample(frame(next, track: sound)))
                rest = rest.dropFirst()
            }
            inspection.receive(
                .sample(
                    SourceSample(
                        track: 0, decodeTime: picture.decodeTime, presentationTime: picture.presentationTime,
                        isKeyframe: picture.isKeyframe, payload: picture.payload)))
        }
        for next in rest { inspection.receive(.sample(frame(next, track: sound))) }
        for damage in damages { inspection.receive(.damage(damage)) }
        if let cutShort { inspection.receive(.cutShort(cutShort)) }
        var report = inspection.soFar
        report.variant = variant
        return report
    }

    private func track(_ number: Int, _ kind: SourceTrack.Kind, _ codec: FourCC) -> SourceTrack {
        SourceTrack(
            number: number, name: "track \(number)", kind: kind, codec: codec, container: container, timescale: 1000,
            size: kind == .video ? size : nil)
    }

    private func frame(_ time: Int64, track: Int) -> SourceSample {
        SourceSample(
            track: track, decodeTime: time, presentationTime: time, isKeyframe: true,
            payload: ByteBuffer(repeating: 0x21, count: 16))
    }
}
