internal import RedisValues

/// Which revocations were lost when they were last answered.
struct RevocationMemory: Equatable, Sendable {
    /// As the latest poll says, and as an earlier one said of those that it got no answer about.
    private(set) var lost: [String] = []

    mutating func note(_ check: RevocationCheck) {
        // What cannot be read says nothing of what was lost before.
        guard check.problem == nil else { return }
        let unanswered = Set(check.unanswered ?? [])
        lost = check.lost + lost.filter(unanswered.contains)
    }
}

/// That revocations which this program has written are not in the server any more.
enum RevocationAlert {
    /// - Parameter lost: ids, also of those that nobody could ask for in this check.
    static func finding(_ check: RevocationCheck, lost: [String]) -> Finding? {
        guard !lost.isEmpty else {
            if check.problem == nil, let refused = check.refused, let words = check.unansweredWords {
                return Finding(
                    .warning, "Whether revocations hold is not known: \(words), \(refused)",
                    remedy: [
                        "Allow EXISTS to this user (`cachewatch acl` prints the line), or watch them where it is allowed"
                    ])
            }
            return check.problem.map(unwatched)
        }
        let names = lost.prefix(3).joined(separator: ", ")
        let more = lost.count > 3 ? " and \(lost.count - 3) more" : ""
        let of = "of \(Format.count(check.watched, "revocation"))"
        let count = check.problem == nil ? "\(lost.count) \(of)" : "at least \(lost.count)"
        let unknown = (check.problem ?? check.unansweredWords).map { "; \($0)" } ?? ""
        var finding = Finding(
            .critical, "Revocation lost, revoked tokens are let in again: \(count), \(names)\(more)\(unknown)",
            value: Double(lost.count),
            remedy: [
                "w writes them again; headless: cachewatch revoke with the ids, or with --user and --since now",
                "Look for eviction (maxmemory-policy), a flush or a fail-over: they come back lost otherwise",
            ])
        finding.evidence = lost.prefix(10).map { "lost: \($0)" }
        return finding
    }

    private static func unwatched(_ problem: String) -> Finding {
        Finding(
            .warning, "Whether revocations hold is not watched: \(problem)",
            remedy: ["Mend or move away the file; what was revoked before is in audit.jsonl beside it"])
    }
}
