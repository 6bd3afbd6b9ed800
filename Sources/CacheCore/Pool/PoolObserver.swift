/// Whoever is told how long calls take. It is told at once, from any thread, and must not wait.
public protocol PoolObserver: Sendable {
    /// - Parameter duration: from the call to its reply, also where that is a failure; waiting included.
    func called(for duration: Duration)
    /// - Parameter duration: until there was a connection, of calls that had to wait for one.
    func waited(for duration: Duration)
}
