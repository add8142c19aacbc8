import FLV
import MediaCore
import NIOCore
import RTMP

/// One publication of a connection: messages to frames.
final class RTMPPublisher {
    let name: StreamName
    let publication: Publication
    /// What those who look at the stream see; nil until the publisher has been told that it may begin.
    var conversation: RTMPConversation?
    private(set) var lastMedia: NIODeadline

    init(name: StreamName, publication: Publication, at now: NIODeadline) {
        self.name = name
        self.publication = publication
        lastMedia = now
    }

    /// Takes a media message; one that cannot be read is passed over by the hub and counted there.
    func receive(_ message: RTMPMessage, at now: NIODeadline) {
        lastMedia = now
        publication.receive(
            FLVTagType(rawValue: message.typeID.rawValue), timestamp: message.timestamp, body: message.payload, at: now)
    }
}
