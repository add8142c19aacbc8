import HLS
import MediaTesting
import NIOCore
import Testing

/// Whatever is read from a damaged playlist must be written so that the same is read again.
@Suite("Damaged playlists")
struct MutationTests {
    /// What damage is made of: what means something in a playlist.
    private static let pieces = [
        ",", "=", "\"", "\n", "\r\n", ":", "@", "-", ".", "0", "9", "99999999999999999999", "YES", "#", "#EXTINF:1,\n",
        "#EXT-X-DISCONTINUITY\n", "#EXT-X-PART:DURATION=1,URI=\"p\"\n", "#EXT-X-MAP:URI=\"m\"\n", "\t", " ", "é", "x",
        "#EXT-X-BYTERANGE:9\n", "#EXT-X-ENDLIST\n", "#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n", "BYTERANGE=\"1@2\"",
    ].map { Array($0.utf8) }

    private static func damaged(_ text: String, _ random: inout SplitMix64) -> ByteBuffer {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let start = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, start + Int.random(in: 0...12, using: &random))
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes.removeSubrange(start..<end)
            case 1: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: start)
            default:
                bytes.insert(contentsOf: Array(bytes[start..<end]), at: Int.random(in: 0...bytes.count, using: &random))
            }
        }
        return ByteBuffer(bytes: bytes)
    }

    @Test(arguments: MediaPlaylistTests.examples)
    func mediaPlaylistsThatAreStillReadComeBack(_ example: MediaPlaylistTests.Example) {
        var random = SplitMix64(seed: UInt64(example.text.utf8.count))
        var read = 0
        for _ in 0..<500 {
            let bytes = Self.damaged(example.text, &random)
            guard let playlist = try? MediaPlaylist(parsing: bytes) else { continue }
            read += 1
            let again = try? MediaPlaylist(parsing: playlist.text())
            if again != playlist { Issue.record("\(String(buffer: bytes))\n\n\(String(buffer: playlist.text()))") }
        }
        #expect(read > 50)
    }

    @Test func multivariantPlaylistsThatAreStillReadComeBack() {
        var random = SplitMix64(seed: 1)
        var read = 0
        for _ in 0..<1000 {
            let bytes = Self.damaged(MultivariantPlaylistTests.text, &random)
            guard let playlist = try? MultivariantPlaylist(parsing: bytes) else { continue }
            read += 1
            let again = try? MultivariantPlaylist(parsing: playlist.text())
            if again != playlist { Issue.record("\(String(buffer: bytes))\n\n\(String(buffer: playlist.text()))") }
        }
        #expect(read > 50)
    }
}
