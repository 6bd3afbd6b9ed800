import Support
import Testing

@testable import CacheCore

/// All stores of one ground.
struct StoreShelf: Sendable {
    let values: any ValueCache
    let responses: any ResponseCache
    let sessions: any SessionStore<Article>
    let carts: any CartStore<Article>
    let limiter: any Limiter
    let revocations: any RevocationStore
    let sockets: any WebSocketStore

    static let namespaces = ["product", "api:cache", "session", "cart", "rate:limit", "token:blacklist", "ws:session"]

    init(_ calls: any CacheCalls, tally: any StoreTally, clock: any StoreClock = SystemClock()) throws {
        values = RedisValueCache(calls, tally: tally, clock: clock)
        responses = RedisResponseCache(calls, tally: tally, clock: clock)
        sessions = try RedisSessions(calls, clock: clock, tally: tally)
        carts = try RedisCarts(calls, clock: clock, tally: tally)
        limiter = RedisLimiter(calls, tally: tally, clock: clock)
        revocations = try RedisRevocations(calls, clock: clock, tally: tally)
        sockets = try RedisWebSockets(calls, clock: clock, tally: tally)
    }

    init(_ memory: StoreMemory, tally: any StoreTally) throws {
        values = MemoryValueCache(memory, tally: tally)
        responses = MemoryResponseCache(memory, tally: tally)
        sessions = try MemorySessions(memory, tally: tally)
        carts = try MemoryCarts(memory, tally: tally)
        limiter = MemoryLimiter(memory, tally: tally)
        revocations = try MemoryRevocations(memory, layout: .both, tally: tally)
        sockets = try MemoryWebSockets(memory, tally: tally)
    }
}

extension StoreScene {
    func shelf() throws -> StoreShelf {
        if let memory { return try StoreShelf(memory, tally: tally) }
        return try StoreShelf(try #require(calls), tally: tally, clock: clock)
    }

    /// Makes every store that has a life, with this one.
    var storesWithLife: [(name: String, make: (Duration) throws -> Void)] {
        [
            (
                "sessions",
                { [self] life throws in
                    if let memory { _ = try MemorySessions<Article>(memory, life: life) }
                    if let calls { _ = try RedisSessions<Article>(calls, life: life) }
                }
            ),
            (
                "carts",
                { [self] life throws in
                    if let memory { _ = try MemoryCarts<Article>(memory, life: life) }
                    if let calls { _ = try RedisCarts<Article>(calls, life: life) }
                }
            ),
            (
                "revocations",
                { [self] life throws in
                    if let memory { _ = try MemoryRevocations(memory, life: life) }
                    if let calls { _ = try RedisRevocations(calls, life: life) }
                }
            ),
            (
                "sockets",
                { [self] life throws in
                    if let memory { _ = try MemoryWebSockets(memory, life: life) }
                    if let calls { _ = try RedisWebSockets(calls, life: life) }
                }
            ),
        ]
    }

    /// Commands that a server was sent since its figures were reset, but for those that ask for and reset them.
    func commandsSeen() throws -> Set<String> {
        let known: Set = ["info", "config", "config|resetstat"]
        return Set(
            try servers.flatMap { server in
                try server.cli("INFO", "commandstats").matches(of: /cmdstat_([^:]+):/).map { String($0.1) }
            }
        ).subtracting(known)
    }
}
