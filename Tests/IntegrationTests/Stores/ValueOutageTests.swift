import NIOConcurrencyHelpers
import Support
import Testing

@testable import CacheCore

/// A cache that is away.
@Suite struct ValueOutageTests {
    private static let chair = Article(id: 7, name: "chair")

    /// Each of them, but for what the caller has done.
    @Test(arguments: [
        CacheError.refused(Refusal(.refused)), .timedOut(.milliseconds(250)), .closed(midReply: true),
        .unknown(Refusal(.closed)), .protocolError("x"), .replyTooLarge(513 << 20), .forbidden("needs +get"),
        .readOnly("SET"),
    ])
    func valuesAreLoadedAndTheDropIsCounted(_ error: CacheError) async throws {
        let (tally, absent) = (CountingTally(), AbsentCache(error))
        let cache = RedisValueCache(absent, tally: tally)
        var leased = CacheSpace.product
        leased.lease = .seconds(1)
        #expect(try await cache.value("7", in: .product) { Self.chair } == Self.chair)
        #expect(try await cache.value("7", in: leased) { Self.chair } == Self.chair)
        #expect(tally.counted(in: "product") == [.drops: 2, .loads: 2])
        #expect(absent.asked == 2, "what could not be read is not written either")
        try await cache.keep(Self.chair, "7", in: .product)
        await #expect(throws: error) { try await cache.remove("7", in: .product) }
        #expect(tally.counted(in: "product") == [.drops: 4, .loads: 2])
    }

    @Test func oneLoadStandsBeforeTheDatabase() async throws {
        let (database, tally) = (Database(isOpen: false), CountingTally())
        let cache = RedisValueCache(AbsentCache(), tally: tally)
        try await withThrowingTaskGroup(of: Article.self) { group in
            for _ in 0..<1000 {
                group.addTask { try await cache.value("7", in: .product) { try await database.load(Self.chair) } }
            }
            await StoreContract.until("all wait") {
                let counted = tally.counted(in: "product")
                return (counted[.drops] ?? 0) + (counted[.misses] ?? 0) == 1000
            }
            database.open()
            for try await found in group { #expect(found == Self.chair) }
        }
        #expect(database.loads == 1)
    }

    @Test func aServerThatTakesNoWritesStillServes() async throws {
        let server = try RedisServer()
        let client = CacheClient(CacheConfiguration(endpoint: try Endpoint(url: server.url)))
        let tally = CountingTally()
        let cache = RedisValueCache(client, tally: tally)
        _ = try await cache.value("7", in: .product) { Self.chair }
        try server.cli("CONFIG", "SET", "maxmemory", "1")
        #expect(try await cache.value("7", in: .product) { Article(id: 1, name: "other") } == Self.chair)
        #expect(try await cache.value("8", in: .product) { Self.chair } == Self.chair)
        #expect(tally.counted(in: "product") == [.misses: 2, .loads: 2, .hits: 1, .drops: 1])
        await client.close()
    }
}

/// A cache whose first answer comes when it is let go; the others say at once that nothing is there.
private final class LateCache: CacheCalls {
    private struct State {
        var asked = 0
        var first: CheckedContinuation<Void, Never>?
        var isDone = false
    }

    private let state = NIOLockedValueBox(State())
    private let answer: Result<RESPValue, CacheError>

    init(_ answer: Result<RESPValue, CacheError>) { self.answer = answer }

    var isWaiting: Bool { state.withLockedValue { $0.first != nil } }

    func open() { state.withLockedValue(\.first)?.resume() }

    func send(_ call: CacheCall) async throws(CacheError) -> RESPValue {
        guard call.command.arguments[0] == Array("GET".utf8) else { return .status(Array("OK".utf8)) }
        let isFirst = state.withLockedValue { state in
            state.asked += 1
            return state.asked == 1
        }
        guard isFirst else { return .null }
        await withCheckedContinuation { continuation in state.withLockedValue { $0.first = continuation } }
        return try answer.get()
    }

    func pipeline(_ calls: [CacheCall]) async throws(CacheError) -> [RESPValue] {
        var replies: [RESPValue] = []
        for call in calls { replies.append(try await send(call)) }
        return replies
    }
}

@Suite struct OverlapTests {
    private static let chair = Article(id: 7, name: "chair")
    private static let table = Article(id: 7, name: "table")

    /// Also for one whose question fails.
    @Test(arguments: [Result<RESPValue, CacheError>.success(.null), .failure(.timedOut(.seconds(2)))])
    func callsThatOverlapAreOneLoadHoweverLateTheCacheAnswers(_ answer: Result<RESPValue, CacheError>) async throws {
        let (late, database) = (LateCache(answer), Database())
        let cache = RedisValueCache(late)
        async let slow = cache.value("7", in: .product) { try await database.load(Self.table) }
        await StoreContract.until("it asks") { late.isWaiting }
        #expect(try await cache.value("7", in: .product) { try await database.load(Self.chair) } == Self.chair)
        late.open()
        #expect(try await slow == Self.chair)
        #expect(database.loads == 1)
        // Nothing is held for who comes later.
        #expect(try await cache.value("7", in: .product) { try await database.load(Self.table) } == Self.table)
    }

    @Test func whatWasRemovedMeanwhileIsLoadedAnew() async throws {
        let (late, database) = (LateCache(.success(.null)), Database())
        let cache = RedisValueCache(late)
        async let slow = cache.value("7", in: .product) { try await database.load(Self.table) }
        await StoreContract.until("it asks") { late.isWaiting }
        _ = try await cache.value("7", in: .product) { try await database.load(Self.chair) }
        try await cache.keep(Self.table, "7", in: .product)
        late.open()
        #expect(try await slow == Self.table)
        #expect(database.loads == 2)
    }
}
