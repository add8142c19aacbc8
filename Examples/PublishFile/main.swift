// Publishes a file at the pace that it plays at:
//
//     swift run PublishFile talk.mp4 rtmp://localhost/live/talk

import FLV
import Glibc
import MediaFiles
import RTMP
import RTMPClient

guard CommandLine.arguments.count == 3 else {
    print("usage: PublishFile FILE URL")
    exit(2)
}
let file = try await MediaFile.open(CommandLine.arguments[1])
let publisher = try await RTMPPublisher.connect(to: RTMPURL(parsing: CommandLine.arguments[2]))
let start = ContinuousClock.now
for try await tag in file {
    try await Task.sleep(until: start + .milliseconds(Int64(tag.timestamp)))
    try await publisher.send(tag)
}
await publisher.close()
