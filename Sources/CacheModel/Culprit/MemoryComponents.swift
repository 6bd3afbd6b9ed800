internal import RedisValues

/// What a node's memory consists of, as `INFO` says it at one instant.
struct MemoryComponents: Equatable, Sendable {
    enum Component: String, CaseIterable, Sendable {
        case dataset, clients = "client buffers", replicas = "replica buffers", backlog = "replication backlog",
            appendBuffer = "AOF buffer"
        /// What none of the others has.
        case rest = "memory of no key"
    }

    var at: Duration
    /// Bytes in use.
    var bytesUsed: Double
    var evicted: Int?
    // What it is made of, in bytes; what a server does not tell is nil, and a part of the rest.
    private var dataset: Double?
    private var clients: Double?
    private var replicas: Double?
    private var backlog: Double?
    private var appendBuffer: Double?

    /// - Returns: nil where the server does not tell what it uses.
    init?(_ node: NodeSnapshot, at now: Duration) {
        guard let info = node.info, let used = info.memory.used else { return nil }
        (at, bytesUsed, evicted) = (now, Double(used.bytes), info.stats.evictedKeys)
        // A key's entry and object are its own, though INFO counts them as overhead.
        dataset = node.sizeBudget ?? info.memory.dataset.map { Double($0.bytes) }
        clients = info.memory.clients.map { Double($0.bytes) }
        // What nobody but this compares has no property of its own.
        replicas = info.unknown["mem_clients_slaves"].flatMap { Double($0) }
        backlog = info.unknown["mem_replication_backlog"].flatMap { Double($0) }
        appendBuffer = info.unknown["mem_aof_buffer"].flatMap { Double($0) }
    }

    subscript(component: Component) -> Double? {
        switch component {
        case .dataset: dataset
        case .clients: clients
        case .replicas: replicas
        case .backlog: backlog
        case .appendBuffer: appendBuffer
        case .rest: nil
        }
    }
}

/// A node's memory over the last minutes.
struct MemoryTrack: Equatable, Sendable {
    /// Oldest first.
    private var samples: [MemoryComponents] = []
    private var latest: MemoryComponents?

    private static let spacing = Duration.seconds(10)
    private static let reach = RateBins.window + RateBins.baseline
    /// A rise that is less than this part of it, and less than so many bytes, is none.
    private static let leastPart = 0.005
    private static let leastBytes = 262_144.0

    mutating func note(_ sample: MemoryComponents) {
        latest = sample
        guard samples.last.map({ sample.at - $0.at >= Self.spacing }) ?? true else { return }
        samples.append(sample)
        samples.removeAll { sample.at - $0.at > Self.reach }
    }

    /// What has grown since its memory was the least.
    struct Growth: Equatable, Sendable {
        var used: Double
        var over: Duration
        /// Those that have grown.
        var rises: Rises
        var datasetIsKnown: Bool

        /// Which part of the growth a component is.
        func part(of component: MemoryComponents.Component) -> Estimated {
            rises.all.first { $0.name == component.rawValue }.map(rises.part) ?? Estimated(exactly: 0)
        }
    }

    /// - Returns: nil where nothing is known, or it has not grown.
    var growth: Growth? {
        guard let latest, let start = samples.min(by: { ($0.bytesUsed, $1.at) < ($1.bytesUsed, $0.at) }),
            start.at < latest.at
        else { return nil }
        let used = latest.bytesUsed - start.bytesUsed
        guard used > max(Self.leastBytes, Self.leastPart * start.bytesUsed) else { return nil }
        var (rises, sum) = ([Rise](), 0.0)
        for component in MemoryComponents.Component.allCases {
            guard let now = latest[component], let before = start[component] else { continue }
            sum += now - before
            rises.append(Rise(name: component.rawValue, amount: Estimated(exactly: max(0, now - before))))
        }
        let rest = max(0, used - sum)
        rises.append(Rise(name: MemoryComponents.Component.rest.rawValue, amount: Estimated(exactly: rest)))
        return Growth(
            used: used, over: latest.at - start.at, rises: Rises(rises, whole: used),
            datasetIsKnown: latest[.dataset] != nil && start[.dataset] != nil)
    }

    /// Whether keys were evicted in the last minute: the memory does not grow then, and what grows takes others' place.
    var isEvicting: Bool {
        guard let latest, let now = latest.evicted,
            let before = samples.first(where: { latest.at - $0.at <= RateBins.window })?.evicted
        else { return false }
        return now > before
    }
}
