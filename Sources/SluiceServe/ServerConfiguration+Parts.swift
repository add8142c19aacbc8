import FanOut
import HTTPTransport
import MediaCore
import NIOCore
import RTMP
import RTMPTransport
import ServerConfig

/// What each part of the server is given of the configuration.
extension ServerConfiguration {
    var registry: StreamRegistry.Configuration {
        var registry = StreamRegistry.Configuration()
        registry.streamsMax = limits.streamsMax
        registry.waitingStreamsMax = limits.waitingStreamsMax
        registry.cacheBytesMax = streams.cacheBytesMax
        registry.hub.publisherGrace = TimeAmount(streams.publisherGrace)
        registry.hub.log.bytesMax = streams.bufferBytesMax
        registry.hub.log.durationMax = MediaTime(nanoseconds: TimeAmount(streams.bufferDurationMax).nanoseconds)
        // A little more than the lag that is borne, so that a viewer is told to jump before the log overtakes it.
        registry.hub.log.lagDuration = MediaTime(
            nanoseconds: TimeAmount(limits.viewerLagDurationMax).nanoseconds + 1_000_000_000)
        return registry
    }

    var fanOut: FanOutConfiguration {
        var fanOut = FanOutConfiguration()
        fanOut.mergeWindow = FanOut.MergeWindow(
            floor: TimeAmount(mergeWindow.floor), ceiling: TimeAmount(mergeWindow.ceiling))
        fanOut.lagBytesMax = limits.viewerLagBytesMax
        fanOut.lagDurationMax = TimeAmount(limits.viewerLagDurationMax)
        fanOut.stuckTimeout = TimeAmount(limits.viewerStuckTimeout)
        return fanOut
    }

    var rtmpTransport: RTMPConfiguration {
        var rtmp = RTMPConfiguration()
        rtmp.handshakeTimeout = TimeAmount(limits.handshakeTimeout)
        rtmp.idleTimeout = TimeAmount(limits.idleTimeout)
        rtmp.session.chunkLimits.messageBytesMax = limits.messageBytesMax
        rtmp.session.chunkLimits.partialBytesMax = 2 * limits.messageBytesMax
        return rtmp
    }

    var httpTransport: HTTPConfiguration {
        var http = HTTPConfiguration()
        http.headTimeout = TimeAmount(limits.handshakeTimeout)
        http.keepAliveTimeout = TimeAmount(limits.idleTimeout)
        return http
    }
}
