import CacheCore
import NIOHTTP1

/// The shop: its stores and its routes.
struct Shop: Sendable {
    let database = Database()
    let tokens: PlatformTokens
    let pool: CachePool
    let values: any ValueCache
    let responses: any ResponseCache
    let limiter: any Limiter
    let sessions: any SessionStore<Login>
    let carts: any CartStore<Cart>
    let revocations: any RevocationStore
    private let rate: RateLimit

    init(_ pool: CachePool, tally: any StoreTally, ratePerMinute: Int, tokenSecret: [UInt8]) throws {
        self.pool = pool
        tokens = PlatformTokens(secret: tokenSecret)
        values = RedisValueCache(pool, tally: tally)
        responses = RedisResponseCache(pool, tally: tally)
        limiter = RedisLimiter(pool, tally: tally)
        sessions = try RedisSessions<Login>(pool, tally: tally)
        carts = try RedisCarts<Cart>(pool, tally: tally)
        revocations = try RedisRevocations(pool, tally: tally)
        rate = RateLimit(ratePerMinute, per: .seconds(60), kind: "ip")
    }

    /// What failed of a cache that is away is 503, and nothing that can do without it fails.
    @Sendable func answer(_ request: Request) async -> Response {
        do {
            if request.path == ["health"] { return try health() }
            let verdict = try await limiter.allow(request.address, within: rate)
            guard verdict.isAllowed else { throw Failure.tooMany(after: verdict.rest) }
            return try await route(request)
        } catch let failure as Failure {
            return Response(failure)
        } catch let error as CacheError {
            if case .input = error { return Response(.badRequest) }
            return Response(.unavailable)
        } catch {
            return Response(.broken)
        }
    }

    private func route(_ request: Request) async throws -> Response {
        let path = request.path
        switch (request.method, path.first, path.dropFirst().first) {
        case (.GET, "products", nil): return try await search(request)
        case (.GET, "products", let id?): return try await product(id)
        case (.POST, "login", nil): return try await login(request)
        case (.POST, "logout", nil): return try await logout(request)
        case (.GET, "account", nil): return try await account(request)
        case (.POST, "orders", nil): return try await order(request)
        case (.GET, "cart", nil): return try await cart(request)
        case (.PUT, "cart", let id?): return try await put(id, request)
        default: throw Failure.notFound
        }
    }

    /// What the pool is doing, and how often the database was asked.
    private func health() throws -> Response {
        let statistics = pool.statistics
        return try Response(
            Health(
                connections: statistics.connections, busy: statistics.busy, waiting: statistics.waiting,
                opened: statistics.opened, dropped: statistics.dropped, timeouts: statistics.timeouts,
                outages: statistics.outages.map { "\($0.node): \($0.reason.reason)" }, databaseQueries: database.queries
            ))
    }

    private struct Health: Encodable {
        let connections, busy, waiting, opened, dropped, timeouts: Int
        let outages: [String]
        let databaseQueries: Int
    }
}

/// Why a request is not served.
enum Failure: Error {
    case badRequest, unauthorized, notFound, conflict, unavailable, broken
    case tooMany(after: Duration?)

    var status: HTTPResponseStatus {
        switch self {
        case .badRequest: .badRequest
        case .unauthorized: .unauthorized
        case .notFound: .notFound
        case .conflict: .conflict
        case .unavailable: .serviceUnavailable
        case .broken: .internalServerError
        case .tooMany: .tooManyRequests
        }
    }

    var words: String { status.reasonPhrase }

    /// In seconds.
    var retryAfter: Int? {
        switch self {
        case .unavailable: 1
        case .tooMany(let rest): rest.map { Int($0.components.seconds) + 1 }
        default: nil
        }
    }
}
