public import CacheCore
public import ServiceLifecycle

/// A ``CachePool`` among the services of a server: it ends when the server shuts down, after those that use it.
///
/// Put it in front of those services in their `ServiceGroup`, which ends them in the opposite order.
public struct CachePoolService: Service {
    private let pool: CachePool
    private let metrics: PoolMetrics?
    private let publish: @Sendable (any CacheCalls) async -> Void

    /// - Parameters:
    ///   - metrics: that the pool was made with as its observer; its gauges and counters are brought up to date here.
    ///   - publish: is run when nothing is in flight any more, with a cache that still takes calls.
    public init(
        _ pool: CachePool, metrics: PoolMetrics? = nil,
        atEnd publish: @escaping @Sendable (any CacheCalls) async -> Void = { _ in }
    ) {
        self.pool = pool
        self.metrics = metrics
        self.publish = publish
    }

    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await cancelWhenGracefulShutdown { await pool.run(atEnd: publish) }
            }
            if let metrics {
                group.addTask {
                    while !Task.isCancelled {
                        metrics.record(pool.statistics)
                        try? await Task.sleep(for: PoolMetrics.every)
                    }
                }
            }
            // The pool ends by itself; what only looks at it does then.
            await group.next()
            group.cancelAll()
        }
        metrics?.record(pool.statistics)
    }
}
