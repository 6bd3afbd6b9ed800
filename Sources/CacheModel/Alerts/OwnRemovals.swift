/// Which keys this program has removed itself, and when: nobody is warned of those.
struct OwnRemovals: Equatable, Sendable {
    private struct Removal: Equatable, Sendable {
        /// Names of namespaces; nil where it may have taken any.
        var namespaces: Set<String>?
        var began: Duration
        /// nil while it is under way.
        var ended: Duration?
    }

    private var removals: [Int: Removal] = [:]

    /// More are not remembered; the oldest go first.
    private static let most = 256
    /// After so long no two looks have it between them.
    private static let lasts = Duration.seconds(7200)

    mutating func begin(_ id: Int, of namespaces: Set<String>?, at now: Duration) {
        removals = removals.filter { $0.value.ended.map { now - $0 < Self.lasts } ?? true }
        if removals.count >= Self.most, let oldest = removals.min(by: { $0.value.began < $1.value.began }) {
            removals[oldest.key] = nil
        }
        removals[id] = Removal(namespaces: namespaces, began: now)
    }

    mutating func end(_ id: Int, at now: Duration) { removals[id]?.ended = now }

    /// Whether keys may have been removed between two instants.
    ///
    /// - Parameter namespace: nil for any.
    func cover(_ namespace: String? = nil, from start: Duration, to end: Duration) -> Bool {
        removals.values.contains { removal in
            let isMeant = namespace.map { removal.namespaces?.contains($0) ?? true } ?? true
            return isMeant && removal.began <= end && removal.ended ?? end >= start
        }
    }
}
