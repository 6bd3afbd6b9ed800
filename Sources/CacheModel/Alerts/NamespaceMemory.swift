internal import RedisValues

/// What the rules must remember of the namespaces between two looks at the keyspace.
struct NamespaceMemory: Equatable, Sendable {
    struct Loss: Equatable, Sendable {
        var name: String
        var before: Int
        var after: Int
        var at: Duration
    }

    /// What was found of a namespace, until a look excludes it.
    struct Standing: Equatable, Sendable {
        var usage: NamespaceUsage
        var figure: Estimated
        /// Looks since that met none.
        var emptyLooks = 0
    }

    private(set) var latest: NamespaceReport?
    /// Keys that never expire where they must, by namespace.
    private(set) var unexpiring: [String: Standing] = [:]
    /// Keys of protected namespaces.
    private(set) var held: [String: Standing] = [:]
    /// What holds much, never expires, and belongs to no namespace.
    private(set) var lasting: [LastingPrefix] = []
    private var previous: NamespaceReport?
    private var expiries = ExpiryCount()
    /// Namespaces that lost much of their keys, of late.
    private(set) var losses: [Loss] = []
    /// Looks that began before were at another server; nil for none.
    private var since: Duration?

    /// The last one that asked every key for its size: an estimate seldom meets the biggest.
    private var counted: NamespaceReport?

    /// The biggest key that is known to be there still; nil for none.
    var biggest: NotedKey? {
        guard let latest else { return nil }
        let met = latest.biggest.first
        // One that no longer fits into what the server says that all keys take has gone.
        let before = counted?.biggest.first { key in
            latest.unseenBytes.map { Double(key.bytes ?? 0) <= $0 } ?? false
        }
        guard !latest.hasAllSizes, let before, before.bytes ?? 0 > met?.bytes ?? 0 else { return met }
        return before
    }

    /// nil where it is older.
    func latest(at now: Duration, within age: Duration) -> NamespaceReport? {
        latest.flatMap { now - $0.elapsed < age ? $0 : nil }
    }

    /// Another server answers: two looks at two servers are not compared.
    mutating func forget(at now: Duration) {
        self = NamespaceMemory()
        since = now
    }

    /// Takes in a report that was not seen before; partial ones say nothing of what is missing.
    ///
    /// - Parameter removals: of our own.
    mutating func note(_ snapshot: Snapshot, _ removals: OwnRemovals, _ thresholds: AlertThresholds) {
        let (report, now) = (snapshot.namespaces, snapshot.elapsed)
        losses.removeAll { now - $0.at > NodeMemory.eventLasts }
        defer { expiries.note(snapshot) }
        guard let report, report.complete, report.elapsed != latest?.elapsed else { return }
        if let since, report.elapsed - report.took < since { return }
        previous = latest
        latest = report
        if report.hasAllSizes { counted = report }
        lasting = LastingPrefix.found(in: report, beside: lasting.map(\.prefix), thresholds)
        for usage in report.items {
            // Of one that was not met, no key never expires that is not there.
            let without = usage.withoutTTL ?? (usage.keys.value == 0 ? usage.keys : nil)
            Self.note(usage.mustExpire ? without : nil, of: usage, in: &unexpiring)
            Self.note(usage.protected ? usage.keys : nil, of: usage, in: &held)
        }
        for usage in report.items {
            guard let previous, let former = previous[usage.name] else { continue }
            let (before, after) = (former.keys, usage.keys)
            let start = previous.elapsed - previous.took
            // Keys that have run out since, and those that we have taken, have not vanished.
            let expired = former.mayExpire(
                within: report.elapsed - start, most: expiries.rise(since: start, to: snapshot))
            let isOurs = removals.cover(usage.name, from: start, to: report.elapsed)
            // More gone than is usual, and more than both intervals could pretend.
            if !isOurs, after.value < max(0, before.value - expired.value) * (1 - thresholds.namespaceLoss),
                after.high < before.low - expired.high
            {
                losses.removeAll { $0.name == usage.name }
                losses.append(
                    Loss(name: usage.name, before: before.value.whole, after: after.value.whole, at: now))
            } else {
                // An estimate may say somewhat less than what is back.
                losses.removeAll { loss in
                    loss.name == usage.name && Double(loss.before) <= after.high
                        && after.value > Double(loss.before) * (1 - thresholds.namespaceLoss)
                }
            }
        }
    }

    /// A look that met none clears what was found where its interval leaves no room for it. Several such looks say together
    /// what none of them says alone: after ten of them a tenth is possible.
    private static func note(_ figure: Estimated?, of usage: NamespaceUsage, in all: inout [String: Standing]) {
        guard let figure else { return }
        if figure.value > 0 {
            all[usage.name] = Standing(usage: usage, figure: figure)
        } else if var standing = all[usage.name] {
            standing.emptyLooks += 1
            let isExcluded = figure.high / Double(standing.emptyLooks) < max(1, standing.figure.value)
            all[usage.name] = isExcluded ? nil : standing
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
