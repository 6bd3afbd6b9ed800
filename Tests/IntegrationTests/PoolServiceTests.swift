import CacheCore
import CacheCoreService
import MetricsTestKit
import ServiceLifecycle
import Support
import Testing

@testable import CacheWire

/// What a server gets beside the pool itself: an orderly end, and figures.
@Suite(.serialized) struct PoolServiceTests {
    @Test func poolEndsWithItsServerAndTellsItsFigures() async throws {
        let server = try RedisServer()
        let kept = TestMetrics()
        let metrics = PoolMetrics(factory: kept)
        let log = LogLines()
        let pool = try CachePool(
            CacheConfiguration(endpoint: try Endpoint(url: server.url)), name: "shop", settings: .development,
            logger: log.logger, observer: metrics)
        let service = CachePoolService(pool, metrics: metrics) { _ = try? await $0.send(.incr("published")) }
        let group = ServiceGroup(configuration: .init(services: [.init(service: service)], logger: log.logger))
        let running = Task { try await group.run() }
        _ = try await pool.send(.get("a"))
        metrics.count(.misses, in: "product", by: 2)
        await group.triggerGracefulShutdown()
        try await running.value
        #expect(pool.statistics.connections == 0)
        #expect(try server.cli("GET", "published").contains("1"))
        #expect(try kept.expectCounter("cachecore_opened_total").totalValue == 1)
        #expect(try kept.expectCounter("cachecore_closed_total", [("reason", "shutdown")]).totalValue == 1)
        #expect(
            try kept.expectCounter(
                "cachecore_lookups_total", [("namespace", "product"), ("result", "misses")]
            ).totalValue == 2)
        #expect(try kept.expectGauge("cachecore_pool_connections", [("state", "busy")]).lastValue == 0)
        #expect(try kept.expectGauge("cachecore_breaker_open").lastValue == 0)
        #expect(try kept.expectTimer("cachecore_call_seconds").values.count == 2)
    }
}
