internal import CacheModel

/// The biggest keys that are known: of the look on the screen, and where that was an estimate, of the last full sweep as
/// well.
struct BiggestKeys: Equatable, Sendable {
    var keys: [NotedKey]
    /// How long ago they were counted; nil for those of the look on the screen.
    var age: Duration?
    /// False for those that were drawn: others may be bigger.
    var isWhole: Bool

    /// What was counted longer ago says little of now.
    private static let lasts = Duration.seconds(3600)

    init(_ shown: NamespaceReport, counted: NamespaceReport?, at now: Duration) {
        (keys, age, isWhole) = (shown.biggest, nil, shown.hasAllSizes)
        guard shown.method == .estimate, let counted, now - counted.elapsed < Self.lasts else { return }
        // One that no longer fits into what the server says that all keys take has gone.
        let known = counted.biggest.filter { key in
            shown.unseenBytes.map { Double(key.bytes ?? 0) <= $0 } ?? true
        }
        guard let largest = known.first, (largest.bytes ?? 0) > (keys.first?.bytes ?? 0) else { return }
        (keys, age, isWhole) = (known, max(.zero, now - counted.elapsed), true)
    }
}
