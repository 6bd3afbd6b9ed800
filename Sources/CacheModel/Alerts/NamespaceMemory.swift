internal import RedisValues

/// What the rules must remember of the namespaces between two looks at the keyspace.
struct NamespaceMemory: Equatable, Sendable {
    struct Loss: Equatable, Sendable {
        var name: String
        var before: Int
        var after: Int
        var at: Duration
    }

    private(set) var latest: NamespaceReport?
    private var previous: NamespaceReport?
    /// Namespaces that lost much of their keys, of late.
    private(set) var losses: [Loss] = []
    /// Looks that began before were at another server; nil for none.
    private var since: Duration?

    /// Another server answers: two looks at two servers are not compared.
    mutating func forget(at now: Duration) {
        self = NamespaceMemory()
        since = now
    }

    /// Takes in a report that was not seen before; partial ones say nothing of what is missing.
    ///
    /// - Parameter loss: of a namespace's keys, gone between two looks, that is worth an alert.
    mutating func note(_ report: NamespaceReport?, at now: Duration, loss: Double) {
        losses.removeAll { now - $0.at > NodeMemory.eventLasts }
        guard let report, report.complete, report.elapsed != latest?.elapsed else { return }
        if let since, report.elapsed - report.took < since { return }
        previous = latest
        latest = report
        for usage in report.items {
            guard let before = previous?[usage.name]?.keys else { continue }
            let after = usage.keys
            // More gone than is usual, and more than both intervals could pretend.
            if after.value < before.value * (1 - loss), after.high < before.low {
                losses.removeAll { $0.name == usage.name }
                losses.append(
                    Loss(name: usage.name, before: before.value.whole, after: after.value.whole, at: now))
            } else if after.low > before.value {
                losses.removeAll { $0.name == usage.name && $0.before <= after.value.whole }
            }
        }
    }

    /// The namespace that gained the most keys between the last two looks, beyond both intervals.
    var fastestGrowing: (name: String, keys: Int)? {
        guard let latest, let previous else { return nil }
        let gains = latest.all.compactMap { usage -> (name: String, keys: Int)? in
            let before = usage.name == previous.rest.name ? previous.rest : previous[usage.name]
            guard let before, usage.keys.low > before.keys.high else { return nil }
            return (usage.name, (usage.keys.value - before.keys.value).whole)
        }
        return gains.max { $0.keys < $1.keys }
    }
}
