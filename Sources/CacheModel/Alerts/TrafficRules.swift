internal import RedisValues

extension AlertRule {
    static let slowQueries = AlertRule(id: .slowQueries, knows: { $0.node.slowlog != nil }) { input in
        let count = Double(input.memory.slowQueryCount)
        let remedy = ["Find slow commands: redis-cli SLOWLOG GET 10"]
        if let forbidden = input.memory.forbidden {
            let name = forbidden.command.first?.uppercased() ?? ""
            let client = forbidden.client.isEmpty ? "" : " from \(ClientNames.words(of: forbidden, input.clients))"
            return Finding(
                .warning, "Slow queries: \(name) ran\(client), \(Format.duration(forbidden.duration))", value: count,
                remedy: [name == "KEYS" ? "Use SCAN in the place of KEYS" : "Flush a namespace, not the server"]
                    + remedy)
        }
        guard input.crosses(count, input.thresholds.slowQueriesPerMinute, .warning) else { return nil }
        return Finding(
            .warning, "Slow queries: \(Format.count(input.memory.slowQueryCount)) new in 1 min", value: count,
            remedy: remedy)
    }

    static let hitRatioLow = AlertRule(
        id: .hitRatioLow, knows: { $0.tellsLookups && $0.memory.windowLookups != nil },
        beginsAnew: { $0.tellsLookups && $0.memory.windowLookups == nil }
    ) { input in
        guard input.tellsLookups, let lookups = input.memory.windowLookups,
            lookups.all >= input.thresholds.hitRatioLookups
        else {
            return nil
        }
        let left = input.counted?.leftOut(over: input.memory.lookups.length)
        let all = max(0, lookups.all - (left?.lookups ?? 0))
        guard all > 0 else { return nil }
        let hits = lookups.hits
        let ratio = min(1, max(0, hits - (left?.found ?? 0)) / all)
        let threshold = input.standing == nil ? input.thresholds.hitRatio : min(1, input.thresholds.hitRatio * 1.02)
        guard ratio < threshold else { return nil }
        let leader = input.counted?.leader
        // Who it is comes first: a sentence that is cut still says it.
        let who = leader.map { "; \($0.namespace) misses most, asked by \($0.service);" } ?? ""
        let words = [
            "Hit ratio \(Format.percent(ratio))\(who) over \(Format.rate(all)) lookups", left?.words,
            left?.checks == nil ? "revocation checks among them" : nil,
        ].compactMap { $0 }
        var finding = Finding(
            .warning, words.joined(separator: ", "), value: ratio,
            remedy: [
                "Look for a namespace that was flushed or expires too early",
                "Compare TTLs with the guide: products 1 hour",
            ])
        finding.about = leader.map { .namespace($0.namespace) }
        finding.evidence = input.counted?.evidence ?? []
        return finding
    }
}

extension RuleInput {
    fileprivate var tellsLookups: Bool {
        node.info?.stats.keyspaceHits != nil && node.info?.stats.keyspaceMisses != nil
    }
}
