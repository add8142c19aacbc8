import NIOCore

/// Requests that wait for something that a stream will have soon, by the event loop they came on.
struct WaitingRequests: Sendable {
    /// One request.
    struct Request: Sendable {
        let wanted: WantedResource
        let promise: EventLoopPromise<HLSResource>
        let deadline: NIODeadline
    }

    private struct Group: Sendable {
        let eventLoop: any EventLoop
        var requests: [Request] = []
        /// Whether the loop has been told to look after its requests, and has not yet.
        var isWoken = false
    }

    private var groups: [Group] = []
    /// How many there are.
    private(set) var count = 0

    /// Takes up a request. - Returns: its answer.
    mutating func add(
        _ wanted: WantedResource, deadline: NIODeadline, on eventLoop: any EventLoop
    ) -> EventLoopFuture<HLSResource> {
        let promise = eventLoop.makePromise(of: HLSResource.self)
        let index =
            groups.firstIndex { $0.eventLoop === eventLoop }
            ?? {
                groups.append(Group(eventLoop: eventLoop))
                return groups.count - 1
            }()
        groups[index].requests.append(Request(wanted: wanted, promise: promise, deadline: deadline))
        count += 1
        return promise.futureResult
    }

    /// The loops that should look after their requests, and have not been told so.
    mutating func loopsToWake() -> [any EventLoop] {
        guard count > 0 else { return [] }
        var loops: [any EventLoop] = []
        for index in groups.indices where !groups[index].isWoken && !groups[index].requests.isEmpty {
            groups[index].isWoken = true
            loops.append(groups[index].eventLoop)
        }
        return loops
    }

    /// A loop's requests, taken out; those that still wait are to be put back.
    mutating func take(on eventLoop: any EventLoop) -> [Request] {
        guard let index = groups.firstIndex(where: { $0.eventLoop === eventLoop }) else { return [] }
        groups[index].isWoken = false
        let requests = groups[index].requests
        groups[index].requests = []
        count -= requests.count
        return requests
    }

    /// Requests that wait on.
    mutating func putBack(_ requests: [Request], on eventLoop: any EventLoop) {
        guard !requests.isEmpty, let index = groups.firstIndex(where: { $0.eventLoop === eventLoop }) else { return }
        groups[index].requests += requests
        count += requests.count
    }
}
