public import CacheModel

/// What a look at the keyspace brings.
public enum NamespaceEvent: Equatable, Sendable {
    case estimated(NamespaceReport)
    /// What a sweep has counted so far.
    case sweeping(NamespaceReport)
    case swept(NamespaceReport)
}
