internal import RedisValues

/// Prefixes that no rule covers, each as a line of its own, and what is left of the keys that belong to none.
struct DiscoveredRows {
    /// From this part of the keys or of the bytes on a prefix has a line of its own.
    static let least = 0.01

    /// What a way of counting makes of a tally, and of how many keys it has.
    let usage: (NamespaceTally) -> NamespaceUsage

    /// - Parameters:
    ///   - sum: bytes of all keys; nil where they are not known.
    ///   - bytes: of a prefix whose sizes are known as a sum only.
    func split(
        _ tally: KeyspaceTally, rest: NamespaceUsage, sum: Double?, bytes: (PrefixSketch.Entry) -> Estimated?
    ) -> (rows: [NamespaceUsage], remainder: NamespaceUsage) {
        let counts = tally.namespaces[tally.otherIndex]
        let all = Double(max(1, tally.keys))
        var (rows, left, isDetailed) = ([NamespaceUsage](), counts, true)
        for entry in tally.prefixes.ranked where !entry.prefix.isEmpty {
            var detail = entry.detail
            // What took another one's place may have fewer: as many as were surely met make a line.
            detail.keys = entry.keys -| entry.error
            let size = bytes(entry)
            let share = sum.flatMap { sum in size.map { sum > 0 ? $0.value / sum : 0 } } ?? 0
            guard detail.keys > 0, max(Double(detail.keys) / all, share) >= Self.least else { continue }
            var row = usage(detail)
            let name = Printable.escape(entry.prefix)
            (row.name, row.prefix, row.purpose) = (name, entry.prefix, "no rule")
            row.layout = [name]
            row.biggest = counts.biggest(beginning: name, and: detail)
            if !entry.isDetailed {
                (row.bytes, row.bytesDoubt) = (size, size.map { $0.isExact } ?? true ? nil : .totalNotKnown)
                isDetailed = false
            }
            rows.append(row)
            left = left.without(detail, beginning: name)
        }
        guard !rows.isEmpty else { return ([], rest) }
        var remainder = usage(left)
        (remainder.name, remainder.sizesAreSampled) = (rest.name, rest.sizesAreSampled)
        if !isDetailed {
            // Sums alone are taken from sums.
            remainder.sizes = SizeHistogram()
            remainder.lifetimes = LifetimeHistogram()
            remainder.bytes = rest.bytes.map { all in
                let taken = rows.reduce(0) { $0 + ($1.bytes?.value ?? 0) }
                let value = max(0, all.value - taken)
                return all.isExact && rows.allSatisfy { $0.bytes?.isExact == true }
                    ? Estimated(exactly: value) : Estimated(value, low: 0, high: all.high)
            }
            (remainder.withoutTTL, remainder.bytesDoubt) = (nil, rest.bytesDoubt)
        }
        return (rows, remainder)
    }
}

extension NamespaceTally {
    /// What is left without keys that are counted elsewhere.
    fileprivate func without(_ part: NamespaceTally, beginning name: String) -> NamespaceTally {
        var left = self
        left.keys = max(0, keys -| part.keys)
        left.examined = max(0, examined -| part.examined)
        left.sizes = sizes.without(part.sizes)
        left.bytes = max(0, bytes -| part.bytes)
        left.lifetimes = lifetimes.without(part.lifetimes)
        left.timed = max(0, timed -| part.timed)
        for index in types.indices { left.types[index] = max(0, types[index] -| part.types[index]) }
        left.watched = max(0, watched -| part.watched)
        left.idle = max(0, idle -| part.idle)
        left.watchedBytes = max(0, watchedBytes -| part.watchedBytes)
        left.idleBytes = max(0, idleBytes -| part.idleBytes)
        left.forgetBiggest(beginning: name)
        return left
    }

    /// Of the prefix's own and of those of all keys of no namespace, the largest first.
    fileprivate func biggest(beginning name: String, and detail: NamespaceTally) -> [NotedKey] {
        var found = NamespaceTally()
        // Their types were asked for.
        for key in biggest where key.key.hasPrefix(name) { found.keep(biggest: key) }
        for key in detail.biggest { found.keep(biggest: key) }
        return found.biggest
    }
}

extension NamespaceReport {
    /// Gives discovered prefixes their lines.
    ///
    /// - Parameters:
    ///   - budget: what the server says that all keys together take; nil where that is not known.
    ///   - usage: of a part of the keys that belong to none.
    mutating func discover(
        _ tally: KeyspaceTally, budget: Double?, _ usage: @escaping (NamespaceTally) -> NamespaceUsage
    ) {
        let sums = Dictionary(other.map { ($0.prefix, $0) }) { first, _ in first }
        let sum = bytesAreKnown ? all.reduce(0) { $0 + ($1.bytes?.value ?? 0) } : nil
        let (rows, left) = DiscoveredRows(usage: usage).split(tally, rest: rest, sum: sum) { entry in
            guard let bytes = sums[Printable.escape(entry.prefix)]?.bytes else { return nil }
            let isExact = hasAllSizes && entry.sized >= entry.keys && entry.error == 0
            return isExact
                ? Estimated(exactly: entry.bytes) : Estimated(bytes, low: Double(entry.bytes), high: .infinity)
        }
        (discovered, remainder) = (rows, rows.isEmpty ? nil : left)
        // Keys that were only counted have what the sums tell.
        for index in discovered.indices where discovered[index].withoutTTL == nil {
            discovered[index].withoutTTL = sums[discovered[index].name]?.withoutTTL
        }
        guard let budget else { return }
        // No more than the others leave of the server's own account.
        let certain = items.reduce(0) { $0 + ($1.bytes?.low ?? 0) }
        func capped(_ usage: NamespaceUsage) -> NamespaceUsage {
            guard let bytes = usage.bytes, !bytes.isExact, usage.keys.high > 0 else { return usage }
            var usage = usage
            // And no more than all keys of no rule.
            let most = max(bytes.value, min(budget * (1 + SizeBudget.slack) - certain, rest.bytes?.high ?? .infinity))
            usage.bytes = Estimated(bytes.value, low: bytes.low, high: min(bytes.high, most))
            if usage.bytesDoubt == .totalNotKnown { usage.bytesDoubt = nil }
            return usage
        }
        discovered = discovered.map(capped)
        remainder = remainder.map(capped)
    }
}
