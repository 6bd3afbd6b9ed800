internal import RedisValues

/// That revocations which this program has written are not in the server any more.
enum RevocationAlert {
    static func finding(_ check: RevocationCheck) -> Finding? {
        guard !check.lost.isEmpty else { return nil }
        let names = check.lost.prefix(3).joined(separator: ", ")
        let more = check.lost.count > 3 ? " and \(check.lost.count - 3) more" : ""
        let count = "\(check.lost.count) of \(check.watched) \(check.watched == 1 ? "revocation" : "revocations")"
        var finding = Finding(
            .critical, "Revocation lost, revoked tokens are let in again: \(count), \(names)\(more)",
            value: Double(check.lost.count),
            remedy: [
                "w writes them again; headless: cachewatch revoke with the ids",
                "Look for eviction (maxmemory-policy), a flush or a fail-over: they come back lost otherwise",
            ])
        finding.evidence = check.lost.prefix(10).map { "lost: \($0)" }
        return finding
    }
}
