internal import FoundationEssentials
public import RedisValues

/// What time it is for a store, and how it waits.
public protocol StoreClock: Sendable {
    var now: WallTime { get }
    /// - Throws: `CancellationError` where the task is cancelled meanwhile.
    func sleep(for duration: Duration) async throws
}

/// This machine's own.
public struct SystemClock: StoreClock {
    public init() {}

    public var now: WallTime { WallTime(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
    public func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }
}
