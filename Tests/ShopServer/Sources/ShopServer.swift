import CacheCore
import CacheCoreService
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// A shop's server: `swift run --package-path Tests/ShopServer`, then `curl localhost:8080/products/1`.
///
/// `REDIS_URL` names its cache; without it, a private one is started. `PORT` is 8080, and 0 for any; `RATE_LIMIT` is how
/// many requests a minute an address may make, 600; `TOKEN_SECRET` signs tokens, and is drawn at random where nothing is
/// said.
@main struct ShopServer {
    static func main() async throws {
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        let logger = Logger(label: "shop")
        let environment = ProcessInfo.processInfo.environment
        let own = environment["REDIS_URL"] == nil ? try PrivateRedis() : nil
        defer { own?.end() }

        let metrics = PoolMetrics()
        let endpoint = try Endpoint(url: environment["REDIS_URL"] ?? own?.url ?? "")
        let pool = try CachePool(
            CacheConfiguration(endpoint: endpoint), name: "shop", settings: .production, logger: logger,
            observer: metrics)
        let counters = try CacheCounters(service: "shop", in: pool)
        let secret =
            environment["TOKEN_SECRET"].map { Array($0.utf8) } ?? (0..<32).map { _ in UInt8.random(in: 0...255) }
        let shop = try Shop(
            pool, tally: counters, ratePerMinute: environment["RATE_LIMIT"].flatMap { Int($0) } ?? 600,
            tokenSecret: secret)
        let server = HTTPServer(
            port: environment["PORT"].flatMap { Int($0) } ?? 8080, logger: logger, answer: shop.answer)

        // They end in the opposite order: no request needs a pool that has ended, and its last figures are published.
        let services = ServiceGroup(
            services: [CachePoolService(pool, metrics: metrics), Publication(counters: counters), server],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: "services") { _ in SwiftLogNoOpLogHandler() })
        try await services.run()
    }
}

/// Publishes what the stores counted, for the dashboard.
struct Publication: Service {
    let counters: CacheCounters

    func run() async { await cancelWhenGracefulShutdown { await counters.run() } }
}
