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
    /// Misses a second of every namespace, by name.
    var amounts: [String: Double]

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
        (part, hitRatio, amounts) = (most.value / all, counts.hitRatio, sums)
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

    /// What the server counts and nobody's hit ratio is about.
    struct LeftOut: Equatable, Sendable {
        /// Revocation checks, of which each key that is not there is a miss; nil where nobody counts them.
        var checks: Double?
        /// Those of them that have found one.
        var found = 0.0
        /// Keys that stores look for besides, and that are not there.
        var besides = 0.0

        var lookups: Double { (checks ?? 0) + besides }

        /// `1,204 of revocation checks and 310 for other layouts and blocks left out`; nil where it is nothing.
        var words: String? {
            let parts = [
                checks.map { "\(Format.rate($0)) of revocation checks" },
                besides > 0 ? "\(Format.rate(besides)) for other layouts and blocks" : nil,
            ].compactMap { $0 }
            return parts.isEmpty ? nil : parts.joined(separator: " and ") + " left out"
        }
    }

    /// What is to be left out of the lookups within so long; nil where it is not known for as long, or is spread over
    /// several nodes.
    func leftOut(over length: Duration) -> LeftOut? {
        let concerned = lines.filter { Self.areChecks($0) || $0.counts.sideMisses > 0 }
        guard areOfOneNode, !concerned.isEmpty, concerned.allSatisfy({ $0.over >= length / 2 }) else { return nil }
        return concerned.reduce(into: LeftOut()) { sum, line in
            let factor = length / line.over
            sum.besides += Double(line.counts.sideMisses) * factor
            guard Self.areChecks(line) else { return }
            sum.checks = (sum.checks ?? 0) + Double(line.counts.lookups) * factor
            sum.found += Double(line.counts.answered) * factor
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
