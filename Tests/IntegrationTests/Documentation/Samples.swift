import CacheCore
import CacheCoreService
import Logging
import ServiceLifecycle
import UnixSignals

/// What the articles of `CacheCore.docc` show: each block of theirs is one of these regions, see `ArticleTests`.
private enum Samples {
    struct Product: Codable, Sendable { var name: String }
    struct Login: Codable, Sendable { var user: String }
    struct Cart: Codable, Sendable { var lines: [String: Int] = [:] }

    struct Database: Sendable {
        func product(_ id: String) async throws -> Product { Product(name: id) }
        func productIfAny(_ id: String) async throws -> Product? { nil }
        func write(_ product: Product, _ id: String) async throws {}
        func list(_ page: Int) async throws -> [UInt8] { [] }
    }

    static func pool(logger: Logger, server: any Service) async throws {
        // sample
        let metrics = PoolMetrics()
        let endpoint = try Endpoint(url: "redis://cache-1:6379")
        let pool = try CachePool(
            CacheConfiguration(endpoint: endpoint), name: "checkout-api", settings: .production,
            logger: logger, observer: metrics)

        // Those that are named last end first: the pool after all that use it.
        let group = ServiceGroup(
            services: [CachePoolService(pool, metrics: metrics), server],
            gracefulShutdownSignals: [.sigterm], logger: logger)
        try await group.run()
        // end
    }

    static func calls(_ pool: CachePool) async throws -> [RESPValue] {
        // sample
        let one = try await pool.send(.get("product:1"))
        let some = try await pool.pipeline([.get("product:1"), .exists("product:2")])
        // end
        return some + [one]
    }

    static func alone(_ pool: CachePool) async throws -> RESPValue {
        // sample
        let taken = try await pool.withConnection { connection in
            try await connection.send(Command("BLPOP", "jobs:queue", "5"), deadline: .seconds(6))
        }
        // end
        return taken
    }

    static func kinds(_ endpoint: Endpoint) -> [CacheConfiguration] {
        // sample
        let sentinel = CacheConfiguration(
            endpoint: endpoint, kind: .sentinel(service: "mymaster", nodes: ["sentinel-1", "sentinel-2"]))
        let cluster = CacheConfiguration(endpoint: endpoint, kind: .cluster(nodes: ["cache-1", "cache-2"]))
        // end
        return [sentinel, cluster]
    }

    static func outage(_ pool: CachePool) async throws -> Bool {
        // sample
        do throws(CacheError) {
            return try await pool.send(.exists("product:1")) == .integer(1)
        } catch {
            switch error {
            case .unavailable, .exhausted: return false  // nothing was sent
            case .unknown: return false  // it may have been done
            default: throw error
            }
        }
        // end
    }

    static func statistics(_ pool: CachePool) -> String {
        // sample
        let statistics = pool.statistics
        let words = statistics.outages.map { "\($0.node) since \($0.since.iso8601): \($0.reason.reason)" }
        // end
        return "\(statistics.busy) \(words)"
    }

    static func values(_ pool: CachePool, _ database: Database, id: String, changed: Product) async throws -> Product {
        // sample
        let cache = RedisValueCache(pool)
        let product = try await cache.value(id, in: .product) { try await database.product(id) }

        // Whoever writes to the database says so, or takes out what is kept.
        try await database.write(changed, id)
        try await cache.keep(changed, id, in: .product)
        // end
        return product
    }

    static func spaces(_ cache: any ValueCache, _ database: Database, id: String) async throws -> Product? {
        // sample
        let space = CacheSpace(
            "product", fresh: .seconds(55 * 60), stale: .seconds(5 * 60),
            negative: CacheSpace.negativeLife, lease: .seconds(5))
        let product = try await cache.value(id, in: space) { try await database.productIfAny(id) }
        // end
        return product
    }

    static func responses(_ pool: CachePool, _ database: Database) async throws -> CachedResponse {
        // sample
        let responses = RedisResponseCache(pool)
        let request = ResponseRequest("GET", "/v1/products?page=2", headers: ["Accept-Language": "de"])
        let rules = ResponseRules(vary: ["Accept-Language"], negative: .seconds(30))
        let response = try await responses.response(to: request, rules) {
            CachedResponse(contentType: "application/json", body: try await database.list(2))
        }
        // end
        return response
    }

    static func sessions(_ pool: CachePool, id: String) async throws -> Bool {
        // sample
        let sessions = try RedisSessions<Login>(pool)
        _ = try await sessions.create(Login(user: "42"), as: id)
        guard let session = try await sessions.read(id) else { return false }

        var login = session.value
        login.user = "43"
        switch try await sessions.save(login, over: session.version, as: id) {
        case .saved: return true
        case .conflict: return false  // another request was faster: read again
        case .gone: return false  // logged out meanwhile, and stays so
        }
        // end
    }

    static func carts(_ pool: CachePool, token: String) async throws -> SaveOutcome<Cart>? {
        // sample
        let carts = try RedisCarts<Cart>(pool)
        let merged = try await carts.merge(guest: token, into: "42") { guest, user in
            Cart(lines: guest.lines.merging(user?.lines ?? [:], uniquingKeysWith: +))
        }
        // end
        return merged
    }

    static func limits(_ pool: CachePool, address: String) async throws -> Bool {
        // sample
        let limiter = RedisLimiter(pool, LimiterOptions(outage: .open))
        let hourly = try await limiter.allow(address, within: WindowLimit(1000, kind: "ip"))
        let burst = try await limiter.allow(address, within: RateLimit(20, per: .seconds(10), kind: "burst"))
        // end
        return hourly.isAllowed && burst.isAllowed
    }

    static func revocations(_ pool: CachePool, header: String) async throws -> Bool {
        // sample
        let revocations = try RedisRevocations(pool)
        // The signature was verified before.
        let token = try BearerToken(parsing: header)
        let verdict = try await revocations.check(token, inOutage: .closed)

        // A log-out; and all tokens of a user, refresh tokens included.
        _ = try await revocations.revoke(token, reason: "logged out")
        _ = try await revocations.cutOff(user: "42")
        // end
        return verdict.isRefused
    }

    static func sockets(_ pool: CachePool, id: String, address: String) async throws -> [WebSocketSession] {
        // sample
        let sockets = try RedisWebSockets(pool, layout: .deployed)
        _ = try await sockets.open(
            WebSocketSession(connectionID: id, clientIP: address, connectedAt: SystemClock().now))
        guard try await sockets.heartbeat(id) != nil else { return [] }  // not known any more
        _ = try await sockets.update(id) { $0.subscriptions.append("orders") }
        let others = try await sockets.sessions(fromIP: address)
        // end
        return others
    }

    static func counters(_ pool: CachePool) async throws {
        // sample
        let counters = try CacheCounters(service: "checkout-api", in: pool)
        let cache = RedisValueCache(pool, tally: counters)
        await counters.run()  // until its task is cancelled
        // end
        _ = cache
    }

    static func twins() async throws -> (any ValueCache, any SessionStore<Login>) {
        // sample
        let memory = StoreMemory(StoreMemory.Bounds(entries: 10_000, bytes: 16 << 20))
        let values: any ValueCache = MemoryValueCache(memory)
        let sessions: any SessionStore<Login> = try MemorySessions<Login>(memory)
        // end
        return (values, sessions)
    }
}
