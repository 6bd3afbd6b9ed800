public import RedisValues

/// Figures that follow from what a node said.
extension NodeSnapshot {
    public var role: ServerInfo.Role? { info?.replication.role }

    /// Memory that eviction counts, of `maxmemory`; nil without a limit.
    public var pressure: Double? {
        guard let memory = info?.memory, let used = memory.used, let maximum = memory.maximum, maximum.bytes > 0 else {
            return nil
        }
        let counted = Double(used.bytes) - Double(memory.notCountedForEviction?.bytes ?? 0)
        return max(0, counted) / Double(maximum.bytes)
    }

    /// Resident memory of the host's memory.
    public var systemPressure: Double? {
        guard let rss = info?.memory.rss, let system = info?.memory.system, system.bytes > 0 else { return nil }
        return Double(rss.bytes) / Double(system.bytes)
    }

    /// How far its clock is ahead of ours; zero where that is within what a poll takes.
    public func clockAhead(of now: WallTime) -> Duration {
        guard let time = info?.server.time else { return .zero }
        let ahead = time - now
        return (.seconds(-5)...(.seconds(5))).contains(ahead) ? .zero : ahead
    }

    /// Whether the host ends before `maxmemory` does.
    public var limitsBeyondHost: Bool {
        guard let maximum = info?.memory.maximum, let system = info?.memory.system, system.bytes > 0 else {
            return false
        }
        return maximum.bytes > system.bytes
    }

    /// Of the lookups since the last poll, before a second one of all since the server's start, 0 to 1; nil without a
    /// lookup: what nobody looks up now has no ratio, whatever it was, and whatever we have looked up ourselves.
    public var hitRatio: Double? {
        if let rates, rates.hits != nil, rates.misses != nil { return rates.hitRatio }
        guard let hits = info?.stats.keyspaceHits, let misses = info?.stats.keyspaceMisses else { return nil }
        let lookups = Double(hits) + Double(misses)
        return lookups > 0 ? Double(hits) / lookups : nil
    }

    /// Connected clients of `maxclients`.
    public var clientShare: Double? {
        guard let connected = info?.clients.connected, let maximum = info?.clients.maximum, maximum > 0 else {
            return nil
        }
        return Double(connected) / Double(maximum)
    }

    /// Blocked clients of those connected.
    public var blockedShare: Double? {
        guard let connected = info?.clients.connected, let blocked = info?.clients.blocked, connected > 0 else {
            return nil
        }
        return Double(max(0, blocked)) / Double(connected)
    }

    /// True where the policy may take keys that must not be lost, such as `token:blacklist`.
    public var mayEvictAnything: Bool {
        guard let policy = info?.memory.policy, let maximum = info?.memory.maximum, maximum.bytes > 0 else {
            return false
        }
        return policy != "noeviction"
    }
}

extension NodeSnapshot {
    /// Bytes of all keys as `MEMORY USAGE` counts them, roughly: the data set, and an entry and an object for each key,
    /// which `INFO` counts as overhead. nil where the server does not tell, or has other databases.
    public var sizeBudget: Double? {
        guard let dataset = info?.memory.dataset, let keys, (info?.keyspace.count ?? 0) <= 1 else { return nil }
        return Double(dataset.bytes) + 40 * Double(keys)
    }
}
