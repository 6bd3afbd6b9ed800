import CacheCore
import Foundation
import RedisValues
import Support
import Testing

/// Together stores count the misses that the server counts: what a shop misses, and what stores look for besides.
@Suite struct SideMissTests {
    @Test func missesOfStoresAreMissesOfTheServer() async throws {
        let server = try RedisServer()
        let client = CacheClient(CacheConfiguration(endpoint: try Endpoint(url: server.url)))
        let tally = CountingTally()
        let products = RedisValueCache(client, tally: tally)
        let responses = RedisResponseCache(client, tally: tally)
        let limiter = RedisLimiter(client, LimiterOptions(countsOtherLayout: true), tally: tally)
        let sockets = try RedisWebSockets(client, tally: tally)
        let revocations = try RedisRevocations(client, tally: tally)
        let limit = WindowLimit(2, per: .seconds(60), kind: "ip")
        // The scripts are known, and the connection stands.
        _ = try await limiter.allow("10.0.0.1", within: limit)
        _ = try await sockets.session("00000000-0000-4000-8000-000000000001")
        tally.clear()
        try server.cli("CONFIG", "RESETSTAT")

        for _ in 0..<2 {
            #expect(try await products.value("7", in: .product) { "chair" } == "chair")
            let found = try await responses.response(to: ResponseRequest("GET", "/v1/products?page=2")) {
                CachedResponse(contentType: "text/plain", body: [0x78])
            }
            #expect(found.body == [0x78])
            #expect(try await limiter.allow("10.0.0.7", within: limit).isAllowed)
            #expect(try await limiter.isBlocked("10.0.0.7") == false)
        }
        try await limiter.block("10.0.0.7", for: .seconds(60))
        #expect(try await limiter.allow("10.0.0.7", within: limit).isAllowed == false)
        let id = "00000000-0000-4000-8000-000000000002"
        _ = try await sockets.open(
            WebSocketSession(connectionID: id, userID: nil, clientIP: "10.0.0.7", connectedAt: SystemClock().now))
        #expect(try await sockets.session(id) != nil)
        #expect(try await sockets.session("00000000-0000-4000-8000-000000000003") == nil)
        let token = BearerToken(id: "00000000-0000-4000-8000-000000000004", user: nil, type: nil)
        #expect(try await revocations.check(token, inOutage: .closed) == .allowed)

        let namespaces = ["product", "api:cache", "rate:limit", "ws:session", "token:blacklist"]
        let counted = namespaces.reduce(0) { $0 + (tally.counted(in: $1)[.misses] ?? 0) + tally.sideMisses(in: $1) }
        let stats = try server.cli("INFO", "stats")
        let misses = try #require(stats.firstMatch(of: /keyspace_misses:([0-9]+)/).flatMap { Int($0.1) })
        #expect(counted == misses)
        #expect(tally.sideMisses(in: "product") == 0 && tally.sideMisses(in: "api:cache") == 2)
        #expect(tally.sideMisses(in: "ws:session") == 2)
        await client.close()
    }
}
