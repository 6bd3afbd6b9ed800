internal import RedisValues

/// What the rules on namespaces look at.
struct NamespaceInput {
    var memory: NamespaceMemory
    var nodes: [NodeSnapshot]
}

/// A condition on the whole deployment's keyspace.
struct NamespaceAlert: Sendable {
    var id: Alert.ID
    var evaluate: @Sendable (NamespaceInput) -> Finding?

    static let ttlContractBroken = NamespaceAlert(id: .ttlContractBroken) { input in
        let found = input.memory.unexpiring.values.sorted {
            ($1.figure.value, $0.usage.name) < ($0.figure.value, $1.usage.name)
        }
        guard !found.isEmpty else { return nil }
        let counts = found.map { standing in
            let keys = standing.figure
            return "\(standing.usage.name) \(keys.isExact ? "" : "about ")\(Format.count(keys.value.whole))"
        }
        let total = found.reduce(0) { $0 + $1.figure.value }
        let broken = found.map(\.usage)
        let names = broken[0].name
        let seconds = broken[0].maximumTTL.map { $0.wholeSeconds } ?? 7200
        var finding = Finding(
            .warning, "Keys without a TTL where one is due: \(counts.joined(separator: ", "))", value: total.rounded(),
            remedy: [
                "Enable key expiration (TTL): write \(names) keys with SET … EX, or INCR and EXPIRE in one script",
                "Give the keys that are there one: EXPIRE key \(seconds) NX",
            ])
        finding.about = .namespace(names)
        finding.evidence = broken.flatMap { usage in
            usage.breaches.filter { $0.lifetime == nil }.prefix(3).map { "without TTL: \($0.key)" }
        }
        return finding
    }

    static let namespaceVanished = NamespaceAlert(id: .namespaceVanished) { input in
        guard let worst = input.memory.losses.max(by: { $0.before - $0.after < $1.before - $1.after }) else {
            return nil
        }
        let words = input.memory.losses.map {
            "\($0.name) from \(Format.shortCount($0.before)) to \(Format.shortCount($0.after, "key"))"
        }
        var finding = Finding(
            .warning, "Namespace vanished: \(words.joined(separator: ", "))",
            value: Double(worst.after) / Double(max(1, worst.before)),
            remedy: [
                "Look for a flush or a deployment at that time: Slowlog for FLUSHDB, KEYS and long DEL",
                "Look at expired and evicted keys on the Overview: many written together expire together",
            ])
        finding.about = .namespace(worst.name)
        return finding
    }

    /// Nothing is lost yet: evicting is an alert of its own.
    static let revocationsEvictable = NamespaceAlert(id: .revocationsEvictable) { input in
        guard let node = input.nodes.first(where: { $0.mayEvictAnything && $0.role != .replica }),
            let worst = input.memory.held.values.max(by: { $0.figure.value < $1.figure.value })
        else { return nil }
        let policy = node.info?.memory.policy ?? Format.unknown
        let keys = input.memory.held.values.reduce(0) { $0 + $1.figure.value }
        var finding = Finding(
            .warning,
            "\(policy) may evict \(Format.shortCount(keys.whole, "key")) of \(worst.usage.name): an evicted revocation lets a revoked token in again",
            value: keys.rounded(),
            remedy: [
                "Keep revocations on a server of their own, with maxmemory-policy noeviction",
                "Until then keep memory well below maxmemory: the policy acts only at the limit",
            ])
        finding.about = .namespace(worst.usage.name)
        return finding
    }
}
