import FanOut
import MediaCore
import NIOCore
import RTMP

/// One play of a connection: where it stands in the stream, and what of it is wanted.
final class RTMPSubscriber: ViewerDelegate {
    let id: MessageStreamID
    let name: StreamName
    private let service: RTMPService
    private let channel: any Channel
    private let ended: (RTMPSubscriber, ViewerEnd) -> Void
    private var log: BroadcastLog?
    private var seat: ViewerSeat?
    private(set) var viewer: Viewer?
    private var wantsAudio = true
    private var wantsVideo = true
    private var isPaused = false
    /// When what was last sent plays; a return begins no earlier.
    private var lastTime: MediaTime?

    init(
        id: MessageStreamID, name: StreamName, channel: any Channel, service: RTMPService,
        ended: @escaping (RTMPSubscriber, ViewerEnd) -> Void
    ) {
        self.id = id
        self.name = name
        self.channel = channel
        self.service = service
        self.ended = ended
    }

    /// Begins, or goes on, at the newest place that is not in the viewer's past.
    ///
    /// - Throws: when as many streams are waited for as the server allows.
    func join(_ delivery: ViewerDelivery) throws(SubscribeRefusal) {
        let format = LogFormat.rtmp(id, audio: wantsAudio, video: wantsVideo)
        let subscription = try service.registry.subscribe(
            name, format: format, viewer: ViewerInfo(transport: "rtmp"), waits: true, after: lastTime)
        log = subscription.log
        seat = subscription.seat
        viewer = service.fanOut.loop(of: channel.eventLoop)?.join(
            channel, at: ViewerStart(subscription), delivery: delivery, delegate: self)
    }

    /// Leaves the stream at the end of a message, so that the connection can be used for others.
    func leave() {
        if let viewer {
            if !viewer.isBetweenMessages { viewer.deliverThroughChannel() }
            lastTime = viewer.position.flatMap { log?.time(at: $0) } ?? lastTime
            viewer.leave()
        }
        viewer = nil
        giveUpSeat()
    }

    /// Does what the player asks. - Returns: whether it has to join again.
    func control(_ control: PlayControl) -> Bool {
        switch control {
        case .pause(let pause, _):
            guard pause != isPaused else { return false }
            isPaused = pause
        case .receiveAudio(let wanted):
            guard wanted != wantsAudio else { return false }
            wantsAudio = wanted
        case .receiveVideo(let wanted):
            guard wanted != wantsVideo else { return false }
            wantsVideo = wanted
        case .seek, .bufferLength:
            return false
        }
        leave()
        return !isPaused
    }

    func viewerEnded(_ viewer: Viewer, _ end: ViewerEnd) {
        self.viewer = nil
        giveUpSeat()
        ended(self, end)
    }

    private func giveUpSeat() {
        seat?.leave()
        seat = nil
        log = nil
    }
}
