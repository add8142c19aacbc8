import FLV
import NIOCore

/// The bundled clip as messages with their times, to be played again and again.
struct DemoClip {
    /// Audio, video and script tags in order of their timestamps.
    let tags: [FLVTag]
    /// Milliseconds from the clip's first picture to its first picture in the next round.
    let durationMilliseconds: UInt32

    /// Reads the clip that is built into the program.
    ///
    /// - Throws: ``FLVError`` when it is damaged.
    init() throws {
        var bytes = BundledClip.flv
        var reader = FLVReader()
        var tags: [FLVTag] = []
        while let element = try reader.read(from: &bytes) {
            if case .tag(let tag) = element { tags.append(tag) }
        }
        self.tags = tags
        let pictures = tags.filter { $0.type == .video }.map(\.timestamp)
        let last = pictures.last ?? 0
        let interval = pictures.count > 1 ? last - pictures[pictures.count - 2] : 40
        durationMilliseconds = last + interval
    }
}
