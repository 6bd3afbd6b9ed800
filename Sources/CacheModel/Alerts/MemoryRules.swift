internal import RedisValues

extension AlertRule {
    /// The guide's own words, less what is already so.
    static func memoryRemedy(_ node: NodeSnapshot) -> [String] {
        var remedy = ["Enable key expiration (TTL)"]
        if node.info?.memory.policy != "allkeys-lru" {
            remedy.append("Set `maxmemory-policy allkeys-lru`")
            remedy.append("But allkeys-lru may evict token:blacklist keys: keep revocations on a server of their own")
        }
        return remedy + ["Increase Redis server memory"]
    }

    static let memoryHigh = AlertRule(
        id: .memoryHigh, hold: .standard,
        knows: { $0.node.pressure != nil || $0.node.systemPressure != nil }
    ) { input in
        let node = input.node
        let thresholds = input.thresholds
        if let pressure = node.pressure, !node.limitsBeyondHost || node.systemPressure == nil {
            let level = input.level(
                of: pressure, warning: thresholds.memoryWarning, critical: thresholds.memoryCritical)
            let maximum = Format.bytes(node.info?.memory.maximum)
            return level.map {
                Finding(
                    $0, "Redis memory usage high: \(Format.percent(pressure)) of maxmemory \(maximum)", value: pressure,
                    remedy: memoryRemedy(node)
                ).held(by: input.holder)
            }
        }
        guard let pressure = node.systemPressure else { return nil }
        let level = input.level(
            of: pressure, warning: thresholds.systemMemoryWarning, critical: thresholds.systemMemoryCritical)
        return level.map {
            Finding(
                $0,
                "Redis memory usage high: \(Format.percent(pressure)) of the host's memory, "
                    + (node.limitsBeyondHost ? "which is less than maxmemory" : "without a maxmemory"),
                value: pressure, remedy: ["Set `maxmemory` below the host's memory"] + memoryRemedy(node)
            ).held(by: input.holder)
        }
    }

    static let evicting = AlertRule(
        id: .evicting, clearFactor: 3, knows: { $0.node.rates?.evicted != nil }
    ) { input in
        guard let rate = input.node.rates?.evicted, rate > 0 else { return nil }
        let policy = input.node.info?.memory.policy ?? "unknown policy"
        // Revocations and carts carry a TTL, so the volatile policies may take them as well.
        guard input.node.mayEvictAnything else {
            return Finding(.warning, "Evicting \(Format.rate(rate)) keys/s (\(policy))", value: rate)
        }
        return Finding(
            .critical, "Evicting \(Format.rate(rate)) keys/s: \(policy) may take token:blacklist and cart keys",
            value: rate,
            remedy: [
                "An evicted revocation lets a revoked token in again: give revocations a server of their own, or more memory",
                "Enable key expiration (TTL)", "Increase Redis server memory",
            ])
    }

    static let refusingWrites = AlertRule(
        id: .refusingWrites, clearFactor: 3, knows: { $0.knowsErrors }
    ) { input in
        guard let rate = input.node.rates?.errors["OOM"], rate > 0 else { return nil }
        return Finding(
            .critical, "Refusing writes: \(Format.rate(rate)) OOM errors/s", value: rate,
            remedy: memoryRemedy(input.node)
        ).held(by: input.holder)
    }

    static let fragmentation = AlertRule(
        id: .fragmentation, hold: .standard,
        knows: {
            $0.node.info?.memory.allocatorFragmentationRatio != nil
                && $0.node.info?.memory.allocatorFragmentation != nil
        }
    ) { input in
        let memory = input.node.info?.memory
        guard let ratio = memory?.allocatorFragmentationRatio, let lost = memory?.allocatorFragmentation,
            Double(lost.bytes) > input.thresholds.fragmentationBytes,
            input.crosses(ratio, input.thresholds.fragmentationRatio, .warning)
        else { return nil }
        return Finding(
            .warning, "Fragmentation \(Format.number(ratio)): \(Format.bytes(lost)) lost between the keys",
            value: ratio,
            remedy: ["Set `activedefrag yes`", "Or restart the node after a fail-over, at a quiet hour"])
    }
}
