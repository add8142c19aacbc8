// Watches a stream to its end and counts its frames:
//
//     swift run CountFrames rtmp://localhost/live/talk

import FLV
import Glibc
import RTMP
import RTMPClient

guard CommandLine.arguments.count == 2 else {
    print("usage: CountFrames URL")
    exit(2)
}
let player = try await RTMPPlayer.connect(to: RTMPURL(parsing: CommandLine.arguments[1]))
var keyframes = 0
var pictures = 0
var sounds = 0
for try await tag in player {
    switch tag.type {
    case .video:
        let video = try VideoTag(parsing: tag.body)
        guard video.packets.contains(where: { $0.kind == .codedFrames }) else { continue }
        pictures += 1
        if video.frameType == .key { keyframes += 1 }
    case .audio: sounds += 1
    default: break
    }
}
print("\(pictures) pictures, \(keyframes) of them keyframes, and \(sounds) frames of sound")
