public import RedisValues

/// Whoever counts what stores did.
public protocol StoreTally: Sendable {
    /// Adds to a figure; at once, from any thread.
    ///
    /// - Parameter namespace: a rule's name, such as `product`.
    func count(_ figure: StoreFigure, in namespace: String, by amount: Int)
}

extension StoreTally {
    func count(_ figure: StoreFigure, in namespace: String) { count(figure, in: namespace, by: 1) }
}

/// Counts nothing.
public struct NoTally: StoreTally {
    public init() {}
    public func count(_ figure: StoreFigure, in namespace: String, by amount: Int) {}
}
