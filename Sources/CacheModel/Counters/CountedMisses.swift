internal import RedisValues

/// Which namespace misses most, and which service asks it for that.
struct MissLeader: Equatable, Sendable {
    /// Escaped.
    var namespace: String
    var service: String
    /// A second.
    var misses: Double
    /// Of the misses that all services count, revocation checks not among them; 0 to 1.
    var part: Double
    var hitRatio: Double?

    /// - Returns: nil where nothing misses.
    init?(_ lines: [CountedLine]) {
        // That a token is not revoked is what most checks find.
        let asked = lines.filter { !CountedMisses.areChecks($0) }
        let all = asked.reduce(0.0) { $0 + $1.missesPerSecond }
        var sums: [String: Double] = [:]
        for line in asked { sums[line.namespace, default: 0] += line.missesPerSecond }
        guard all > 0, let most = sums.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { return nil }
        let own = asked.filter { $0.namespace == most.key }
        guard let loudest = own.max(by: { ($0.missesPerSecond, $1.service) < ($1.missesPerSecond, $0.service) }) else {
            return nil
        }
        var counts = StoreCounts()
        for line in own { counts.add(line.counts) }
        (namespace, service, misses) = (most.key, loudest.service, most.value)
        (part, hitRatio) = (most.value / all, counts.hitRatio)
    }
}

/// What servers have counted of the lookups, for the alert on the hit ratio.
struct CountedMisses: Equatable, Sendable {
    private let lines: [CountedLine]
    private let areOfOneNode: Bool

    /// - Parameter areOfOneNode: whether all lookups go to the node whose ratio it is.
    /// - Returns: nil where nothing is counted.
    init?(_ lines: [CountedLine], areOfOneNode: Bool) {
        guard !lines.isEmpty else { return nil }
        (self.lines, self.areOfOneNode) = (lines, areOfOneNode)
    }

    static func areChecks(_ line: CountedLine) -> Bool { line.namespace == NamespaceRule.revocations }

    var leader: MissLeader? { MissLeader(lines) }

    /// Lookups that were revocation checks within so long, and those of them that have found one; nil where nobody counts
    /// them, or they are spread over several nodes.
    func checks(over length: Duration) -> (lookups: Double, found: Double)? {
        let checks = lines.filter(Self.areChecks)
        guard areOfOneNode, !checks.isEmpty, checks.allSatisfy({ $0.over >= length / 2 }) else { return nil }
        return checks.reduce((0.0, 0.0)) { sum, line in
            let factor = length / line.over
            return (
                sum.0 + Double(line.counts.lookups) * factor, sum.1 + Double(line.counts.answered) * factor
            )
        }
    }

    /// Who misses, the most first.
    var evidence: [String] {
        lines.filter { !Self.areChecks($0) && $0.counts.misses > 0 }.sorted {
            ($1.missesPerSecond, $0.service, $0.namespace) < ($0.missesPerSecond, $1.service, $1.namespace)
        }.prefix(3).map {
            "\($0.namespace) by \($0.service): hit ratio \(Format.percent($0.counts.hitRatio)), \(Format.rate($0.missesPerSecond)) misses/s"
        }
    }
}
