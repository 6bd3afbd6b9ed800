internal import CacheModel
internal import CacheWatch

/// What one snapshot is to be.
struct SnapshotOrder: Sendable {
    /// How the keyspace is looked at.
    enum Look: Equatable, Sendable {
        case none, estimate
        case sweep(SweepOptions)
    }

    var format: OutputFormat
    /// How long is polled before.
    var watchFor = Duration.zero
    var look = Look.none
    /// Whether the clients are looked at.
    var looksAtClients = false
    /// A file to write it to; nil for standard output.
    var output: String?
    /// What it is compared with; nil for nothing.
    var diff: (any EarlierState)?
    /// It ends as soon as each of them was raised, however long it may still watch; empty for none.
    var awaited: Set<Alert.ID> = []
    /// No log lines on standard error.
    var isQuiet = false
}

enum OutputFormat: String, CaseIterable, Sendable {
    case text, json, prometheus, svg
}
