public import CacheModel

/// What looking at keys brings.
public enum KeyEvent: Equatable, Sendable {
    /// The first names of a page, before anything else is known of them.
    case names(KeyPage, ticket: Int)
    case page(KeyPage, ticket: Int)
    case inspected(KeyInspection, ticket: Int)
    /// The words say why a key cannot be shown.
    case notInspected([UInt8], String, ticket: Int)
}
