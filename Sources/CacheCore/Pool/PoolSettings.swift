internal import RedisValues

/// How many connections a pool has, and how long it waits.
public struct PoolSettings: Equatable, Sendable {
    /// The most connections to a node, the platform's `redis_pool_size`: 1 to 10,000.
    public var size: Int
    /// Connections that stay open, however long nobody uses them: 0 to ``size``.
    public var minimum = 0
    /// Of a call, waiting for a connection included.
    public var deadline = Duration.milliseconds(250)
    /// How long what is in flight may take when the pool ends.
    public var drain = Duration.seconds(5)
    /// Event loops that all connections share: 1 or more.
    public var threads = 1
    /// What becomes of connections that nobody uses.
    var idle = PoolLimits.Idle()
    /// How often the log repeats that an outage lasts.
    var reminds = Duration.seconds(60)

    public init(size: Int = 20) { self.size = size }

    /// 5 connections.
    public static let development = PoolSettings(size: 5)
    /// 20 connections; the guide's range is 20 to 50.
    public static let production = PoolSettings(size: 20)
    /// 100 connections, for a cluster.
    public static let highTraffic = PoolSettings(size: 100)

    var limits: PoolLimits {
        var limits = PoolLimits.server(size: size, minimum: minimum)
        limits.idle = idle
        return limits
    }

    /// What cannot be meant; nil where it can.
    var objection: String? {
        if !(1...10_000).contains(size) { return "a pool has 1 to 10,000 connections, not \(size)" }
        if !(0...size).contains(minimum) { return "0 to \(size) connections can stay open, not \(minimum)" }
        if deadline <= .zero { return "a deadline has to be longer than \(Format.duration(deadline))" }
        if drain < .zero { return "a drain cannot be shorter than nothing" }
        return threads < 1 ? "there has to be an event loop" : nil
    }
}
