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
        // Sequence headers and the sequence's end stand at times of their own.
        let pictures = tags.filter(Self.isPicture).map(\.timestamp)
        let last = pictures.last ?? 0
        let duration = last + (pictures.count > 1 ? last - pictures[pictures.count - 2] : 40)
        durationMilliseconds = duration
        // Sound that reaches into the next round would be played twice.
        let firstSound = tags.first { $0.type == .audio && $0.timestamp > 0 }?.timestamp ?? 0
        self.tags = tags.filter { $0.type != .audio || $0.timestamp < duration + firstSound }
    }

    private static func isPicture(_ tag: FLVTag) -> Bool {
        guard tag.type == .video else { return false }
        do {
            return try VideoTag(parsing: tag.body).packets.contains { $0.kind == .codedFrames }
        } catch {
            return false
        }
    }
}
