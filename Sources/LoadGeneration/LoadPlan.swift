/// What a run does; all of it bounded.
package struct LoadPlan: Sendable {
    /// What viewers watch: one row of the report each, with a target for each stream.
    package var groups: [Group]
    /// Viewers in all; they take the groups and the streams in turn.
    package var viewers: Int
    /// New viewers a second.
    package var viewersPerSecond: Double
    /// Viewers a second that leave and are replaced while it is measured.
    package var churnPerSecond: Double
    /// How many of the viewers read slowly or not at all while it is measured.
    package var slowViewers: Int
    /// How long it is measured, after all viewers have come.
    package var seconds: Int
    /// Threads that viewers are spread over.
    package var threads: Int
    /// Where streams are published to, and what.
    package var publications: [Publication]
    /// The server's processes, whose CPU time and memory are read.
    package var serverProcesses: [Int]

    /// One row: a URL, and its targets, one for each stream.
    package struct Group: Sendable {
        package var url: String
        package var targets: [LoadTarget]
        package var addresses: [ServerAddress]

        package init(url: String, targets: [LoadTarget], addresses: [ServerAddress]) {
            self.url = url
            self.targets = targets
            self.addresses = addresses
        }
    }

    /// One stream that is published.
    package struct Publication: Sendable {
        package var target: LoadTarget
        package var address: ServerAddress
        package var source: PublishedStream

        package init(target: LoadTarget, address: ServerAddress, source: PublishedStream) {
            self.target = target
            self.address = address
            self.source = source
        }
    }

    /// The most viewers of a run: source addresses and memory end somewhere.
    package static let viewersMax = 100_000
    /// The most streams published by a run.
    package static let publishersMax = 2_000
    /// The longest run.
    package static let secondsMax = 3_600
    /// After the last viewer has come, this long passes until it is measured: joining is over then.
    package static let settlingSeconds = 3
    /// This long, at most, viewers that are connected may take to their first frame until it is measured all the same.
    package static let joiningSecondsMax = 20

    /// Makes a plan; see the properties.
    package init(
        groups: [Group], viewers: Int, viewersPerSecond: Double = 1000, churnPerSecond: Double = 0,
        slowViewers: Int = 0,
        seconds: Int = 10, threads: Int = 1, publications: [Publication] = [], serverProcesses: [Int] = []
    ) {
        self.groups = groups
        self.viewers = viewers
        self.viewersPerSecond = viewersPerSecond
        self.churnPerSecond = churnPerSecond
        self.slowViewers = slowViewers
        self.seconds = seconds
        self.threads = threads
        self.publications = publications
        self.serverProcesses = serverProcesses
    }
}

extension LoadPlan {
    /// Rows of counters: the groups, and one for viewers that read slowly.
    package var rows: Int {
        groups.count + (slowViewers > 0 ? 1 : 0)
    }

    /// One of the viewers. The last ones are slow, every other of them stalls.
    func viewer(_ number: Int) -> Viewer {
        let row = number % groups.count
        let group = groups[row]
        let stream = number / groups.count % group.targets.count
        let isSlow = number >= viewers - slowViewers
        return Viewer(
            row: isSlow ? groups.count : row, target: group.targets[stream], address: group.addresses[stream],
            pace: !isSlow ? .inTime : (viewers - number) % 2 == 0 ? .trickle : .stall)
    }
}
