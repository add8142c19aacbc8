import HLS
import NIOCore

/// Playlists that were parsed lately: thousands of viewers get the same bytes.
struct PlaylistCache {
    /// The most playlists kept: a server's newest, of several streams and windows.
    static let countMax = 16

    private var entries: [(bytes: ByteBuffer, playlist: MediaPlaylist)] = []

    /// The playlist in these bytes.
    mutating func playlist(_ bytes: ByteBuffer) throws(ScanError) -> MediaPlaylist {
        if let entry = entries.last(where: { $0.bytes == bytes }) { return entry.playlist }
        let playlist: MediaPlaylist
        do throws(HLSError) {
            playlist = try MediaPlaylist(parsing: bytes)
        } catch {
            throw ScanError("a media playlist is wrong: \(error)")
        }
        if entries.count >= Self.countMax { entries.removeFirst() }
        entries.append((bytes, playlist))
        return playlist
    }
}
