internal import RedisValues

/// What one service has counted in one namespace within a while.
struct CountedLine: Equatable, Sendable {
    var service: String
    var namespace: String
    var counts: StoreCounts
    /// From one publication to another.
    var over: Duration

    var missesPerSecond: Double { over > .zero ? Double(counts.misses) / (over / .seconds(1)) : 0 }
}

/// What services have counted over the last while, from one publication to another.
///
/// Processes publish every ten seconds, so what lies between two polls is nothing or ten seconds' worth: a service's
/// figures are compared as they were when they changed. A figure that fell was counted anew, since the hash was flushed,
/// evicted or reset: what was before it is not compared with what comes.
struct CounterWindow: Equatable, Sendable {
    private struct Sample: Equatable, Sendable {
        var at: Duration
        var service: CounterReading.Service
    }

    /// Of each service, oldest first; the first one stands at the window's beginning or before it.
    private var samples: [String: [Sample]] = [:]

    /// So many samples are enough for any window.
    private static let most = 32

    mutating func note(_ services: [String: CounterReading.Service], at now: Duration, span: Duration) {
        // What is there no more was flushed.
        samples = samples.filter { services[$0.key] != nil }
        for (name, service) in services {
            var kept = samples[name] ?? []
            if kept.last?.service != service {
                if let last = kept.last, !Self.continues(service, last.service) { kept = [] }
                if kept.count > 1, now - kept[kept.count - 2].at < span / Self.most { kept.removeLast() }
                kept.append(Sample(at: now, service: service))
            }
            // Who has said nothing for longer than the window is not known any more.
            while kept.count > 1, now - kept[1].at >= span { kept.removeFirst() }
            samples[name] = kept
        }
    }

    private static func continues(_ service: CounterReading.Service, _ before: CounterReading.Service) -> Bool {
        before.namespaces.allSatisfy { name, counts in service.namespaces[name]?.since(counts) != nil }
    }

    /// Over how long a service's figures are known; nil with one publication only.
    func length(of service: String) -> Duration? {
        guard let kept = samples[service], let first = kept.first, let last = kept.last, last.at > first.at else {
            return nil
        }
        return last.at - first.at
    }

    /// What a service has counted in a namespace over ``length(of:)``; nil where that is not known.
    func counts(of service: String, in namespace: String) -> StoreCounts? {
        guard length(of: service) != nil, let kept = samples[service], let first = kept.first, let last = kept.last
        else { return nil }
        return last.service.namespaces[namespace]?.since(first.service.namespaces[namespace] ?? StoreCounts())
    }

    /// Of all services whose figures are known, by name.
    var lines: [CountedLine] {
        samples.keys.sorted().flatMap { service -> [CountedLine] in
            guard let over = length(of: service), let last = samples[service]?.last else { return [] }
            return last.service.namespaces.keys.sorted().compactMap { namespace in
                counts(of: service, in: namespace).map {
                    CountedLine(service: service, namespace: namespace, counts: $0, over: over)
                }
            }
        }
    }
}
