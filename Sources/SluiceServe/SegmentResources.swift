#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import HLSTransport
import HTTPTransport
import NIOCore
import ServerConfig

/// Live streams as segments, for the HTTP transport.
struct SegmentResources: HTTPResourceProvider {
    let service: HLSService

    func answer(_ request: HTTPResourceRequest, on eventLoop: any EventLoop) -> HTTPResourceAnswer? {
        let answer = service.answer(
            method: request.method, path: request.path, query: request.query, on: eventLoop)
        return switch answer {
        case nil: nil
        case .now(let resource): .now(HTTPResource(resource))
        case .later(let resource): .later(resource.map(HTTPResource.init))
        }
    }
}

extension HTTPResource {
    fileprivate init(_ resource: HLSResource) {
        self.init(
            status: resource.status, contentType: resource.contentType, cacheControl: resource.cacheControl,
            etag: resource.etag, body: resource.body, isRangeable: resource.isRangeable, headers: resource.headers)
    }
}

/// The time of day at moments of the clock that is never set.
enum WallClock {
    /// Nanoseconds since 1970 at `moment`, by the present difference of the two clocks.
    @Sendable static func unixNanoseconds(at moment: NIODeadline) -> Int64 {
        let date = Int64(Date.now.timeIntervalSince1970 * 1e9)
        return date &+ (moment - .now()).nanoseconds
    }
}

extension ServerConfiguration.HLS {
    /// What the transport is given.
    var transport: HLSConfiguration {
        var hls = HLSConfiguration()
        hls.start = start == .publish ? .publish : .request
        hls.segmentDuration = TimeAmount(segmentDuration)
        hls.partDuration = TimeAmount(partDuration)
        hls.window = TimeAmount(window)
        hls.dvr = dvr.map { .limited(TimeAmount($0)) } ?? .unlimited
        hls.dvrPath = dvrPath
        hls.dvrBytesMax = dvrBytesMax
        hls.memoryBytesMax = memoryBytesMax
        hls.idleTimeout = TimeAmount(idleTimeout)
        hls.streamsMax = streamsMax
        hls.blockedRequestsMax = blockedRequestsMax
        return hls
    }
}
