import Support
import Testing

@testable import CacheCore

extension StoreScene {
    fileprivate func limiter(_ options: LimiterOptions = LimiterOptions()) -> any Limiter {
        if let memory { return MemoryLimiter(memory, options, tally: tally) }
        return calls.map { RedisLimiter($0, options, tally: tally, clock: clock) }!
    }

    fileprivate var minuteKey: String {
        "rcommerce:rate:limit/10.0.0.7/minute/\(clock.now.seconds / 60 * 60)"
    }
}

/// Section 4 of the specification, limits; and section 10.
@Suite struct StoreContractLimiterTests {
    private static let minute = WindowLimit(3, per: .seconds(60), kind: "ip")
    private static let id = "10.0.0.7"

    @Test(arguments: StoreGround.allCases)
    func limits(_ ground: StoreGround) async throws {
        try await StoreContract.check(Self.windows + Self.rates + Self.blocks + Self.badInput, on: ground)
    }

    private static let windows: [StoreCase] = [
        StoreCase("a window allows its limit, counts on, and says what remains and until when") {
            (scene) async throws in
            let limiter = scene.limiter()
            for count in 1...5 {
                let verdict = try await limiter.allow(id, within: minute)
                #expect(verdict.isAllowed == (count <= 3) && verdict.ground == .counted)
                #expect(verdict.count == count && verdict.remaining == max(0, 3 - count))
                #expect(try #require(verdict.rest) <= .seconds(60) && verdict.rest! > .seconds(50))
            }
        },
        StoreCase("the guide's key holds an integer and ends with the window") { (scene) async throws in
            _ = try await scene.limiter().allow(id, within: minute)
            #expect(try scene.keys() == ["rate:limit:ip:10.0.0.7"])
            #expect(try await scene.text("rate:limit:ip:10.0.0.7") == "1")
            #expect(try await scene.lasts(.seconds(60), "rate:limit:ip:10.0.0.7"))
        },
        StoreCase("a window begins with the first ask and not anew with others") { (scene) async throws in
            let limiter = scene.limiter()
            for _ in 0..<3 { _ = try await limiter.allow(id, within: minute) }
            try scene.pass(.seconds(40))
            let verdict = try await limiter.allow(id, within: minute)
            #expect(!verdict.isAllowed && verdict.rest! <= .seconds(20))
            try scene.pass(.seconds(21))
            #expect(try await limiter.allow(id, within: minute).count == 1)
        },
        StoreCase("a counter that would never end is healed, and counts on") { (scene) async throws in
            try await scene.put("2", at: "rate:limit:ip:10.0.0.7")
            #expect(try await scene.limiter().allow(id, within: minute).count == 3)
            #expect(try await scene.lasts(.seconds(60), "rate:limit:ip:10.0.0.7"))
        },
        StoreCase("a window is an hour where nothing else is said") { (scene) async throws in
            _ = try await scene.limiter().allow(id, within: WindowLimit(9, kind: "user"))
            #expect(try await scene.lasts(.seconds(3600), "rate:limit:user:10.0.0.7"))
        },
        StoreCase("the deployed layout names its windows as the platform does, with its TTL") { (scene) async throws in
            let limiter = scene.limiter(LimiterOptions(layout: .deployed))
            _ = try await limiter.allow(id, within: minute)
            #expect(try scene.keys() == [scene.minuteKey])
            #expect(try await scene.lasts(.seconds(60), scene.minuteKey))
            _ = try await limiter.allow(id, within: WindowLimit(3, per: .seconds(3600), kind: "ip"))
            _ = try await limiter.allow(id, within: WindowLimit(3, per: .seconds(86_400), kind: "ip"))
            let now = scene.clock.now.seconds
            let hour = "rcommerce:rate:limit/10.0.0.7/hour/\(now / 3600 * 3600)"
            let day = "rcommerce:rate:limit/10.0.0.7/day/\(now / 86_400 * 86_400)"
            #expect(try scene.keys() == [scene.minuteKey, hour, day])
            #expect(try await scene.lasts(.seconds(3600), hour))
            #expect(try await scene.lasts(.seconds(86_400), day))
        },
        StoreCase("what the platform has counted counts in the guide's layout") { (scene) async throws in
            try await scene.put("2", at: scene.minuteKey, for: .seconds(60))
            let limiter = scene.limiter()
            #expect(try await limiter.usage(id, of: minute) == 2)
            #expect(try await limiter.allow(id, within: minute).isAllowed)
            let verdict = try await limiter.allow(id, within: minute)
            #expect(!verdict.isAllowed && verdict.count == 4)
            #expect(try await limiter.usage(id, of: minute) == 4)
        },
        StoreCase("what the guide's layout has counted counts in the platform's") { (scene) async throws in
            try await scene.put("3", at: "rate:limit:ip:10.0.0.7", for: .seconds(60))
            #expect(try await !scene.limiter(LimiterOptions(layout: .deployed)).allow(id, within: minute).isAllowed)
        },
        StoreCase("the other layout counts only where that is wanted") { (scene) async throws in
            try await scene.put("3", at: scene.minuteKey, for: .seconds(60))
            #expect(
                try await scene.limiter(LimiterOptions(countsOtherLayout: false)).allow(id, within: minute).count == 1)
        },
        StoreCase("usage that nobody has counted is not known, and a reset begins anew") { (scene) async throws in
            let limiter = scene.limiter()
            #expect(try await limiter.usage(id, of: minute) == nil)
            for _ in 0..<4 { _ = try await limiter.allow(id, within: minute) }
            try await scene.put("9", at: scene.minuteKey, for: .seconds(60))
            try await limiter.reset(id, minute)
            #expect(try await limiter.allow(id, within: minute).count == 1)
        },
        StoreCase("a key of another type is left alone, and answered as an outage is") { (scene) async throws in
            try await scene.putHash(["a": "b"], at: "rate:limit:ip:10.0.0.7")
            let open = try await scene.limiter().allow(id, within: minute)
            #expect(open == LimitVerdict(isAllowed: true, ground: .outage))
            let closed = try await scene.limiter(LimiterOptions(outage: .closed)).allow(id, within: minute)
            #expect(closed == LimitVerdict(isAllowed: false, ground: .outage))
            let kept = try await scene.value("rate:limit:ip:10.0.0.7")
            #expect(kept == .hash([Array("a".utf8): Array("b".utf8)]))
            #expect(try await scene.rest("rate:limit:ip:10.0.0.7") == .some(nil))
        },
        StoreCase("what is no number is left alone, counted as a drop, and answered as an outage is") {
            (scene) async throws in
            try await scene.put("many", at: "rate:limit:ip:10.0.0.7")
            #expect(try await scene.limiter().allow(id, within: minute).ground == .outage)
            #expect(try await scene.text("rate:limit:ip:10.0.0.7") == "many")
            #expect(scene.tally.counted(in: "rate:limit") == [.drops: 1])
        },
        StoreCase("64 callers ask 640 times: as many are allowed as the limit says") { (scene) async throws in
            let limiter = scene.limiter()
            let allowed = try await WindowLimitTests.ask(limiter, callers: 64, asks: 640, limit: 200)
            #expect(allowed == 200)
        },
    ]

    private static let rates: [StoreCase] = [
        StoreCase("a rate allows exactly its burst, and then one by one what comes back") { (scene) async throws in
            let limiter = scene.limiter()
            let limit = RateLimit(5, per: .seconds(5000), kind: "login")
            for left in (0..<5).reversed() {
                let verdict = try await limiter.allow(id, within: limit)
                #expect(verdict.isAllowed && verdict.remaining == left)
            }
            let refused = try await limiter.allow(id, within: limit)
            #expect(!refused.isAllowed && refused.remaining == 0)
            #expect(try #require(refused.rest) <= .seconds(1000) && refused.rest! > .seconds(990))
            try scene.pass(.seconds(1001))
            #expect(try await limiter.allow(id, within: limit).isAllowed)
            #expect(try await !limiter.allow(id, within: limit).isAllowed)
        },
        StoreCase("a rate's key ends when all has come back") { (scene) async throws in
            _ = try await scene.limiter().allow(id, within: RateLimit(4, per: .seconds(4000), kind: "login"))
            #expect(try scene.keys() == ["rate:limit:login:10.0.0.7:rate"])
            #expect(try await scene.lasts(.seconds(1000), "rate:limit:login:10.0.0.7:rate"))
            let limiter = scene.limiter(LimiterOptions(layout: .deployed))
            _ = try await limiter.allow(id, within: RateLimit(4, per: .seconds(4000), kind: "login"))
            #expect(try scene.keys().contains("rcommerce:rate:limit/10.0.0.7/rate/login"))
        },
        StoreCase("a rate's key of another type is left alone") { (scene) async throws in
            try await scene.putSet(["a"], at: "rate:limit:login:10.0.0.7:rate")
            let limit = RateLimit(4, per: .seconds(40), kind: "login")
            #expect(try await scene.limiter().allow(id, within: limit).ground == .outage)
            #expect(try await scene.value("rate:limit:login:10.0.0.7:rate") == .set([Array("a".utf8)]))
        },
    ]

    private static let blocks: [StoreCase] = [
        StoreCase("who is blocked is refused until the block ends or is taken back") { (scene) async throws in
            let limiter = scene.limiter()
            #expect(try await !limiter.isBlocked(id))
            try await limiter.block(id, for: .seconds(60))
            #expect(try scene.keys() == ["rcommerce:blocklist:10.0.0.7"])
            #expect(try await scene.text("rcommerce:blocklist:10.0.0.7") == "1")
            #expect(try await limiter.isBlocked(id))
            let verdict = try await limiter.allow(id, within: minute)
            #expect(!verdict.isAllowed && verdict.ground == .blocked && verdict.rest! <= .seconds(60))
            let rate = RateLimit(4, per: .seconds(40), kind: "login")
            #expect(try await limiter.allow(id, within: rate).ground == .blocked)
            try scene.pass(.seconds(61))
            #expect(try await limiter.allow(id, within: minute).isAllowed)
            try await limiter.block(id, for: .seconds(60))
            #expect(try await limiter.unblock(id))
            #expect(try await !limiter.unblock(id))
            #expect(try await !limiter.isBlocked(id))
        },
        StoreCase("a block that the platform has written refuses, in both layouts") { (scene) async throws in
            try await scene.put("1", at: "rcommerce:blocklist:10.0.0.7")
            for layout in StoreLayout.allCases {
                let verdict = try await scene.limiter(LimiterOptions(layout: layout)).allow(id, within: minute)
                #expect(verdict == LimitVerdict(isAllowed: false, ground: .blocked))
            }
        },
    ]

    private static let badInput: [StoreCase] = [
        StoreCase("ids, limits and times that make no sense are refused, and nothing is sent") { (scene) async throws in
            let limiter = scene.limiter()
            let long = String(repeating: "x", count: 257)
            await StoreContract.refuses("the id is empty") {
                _ = try await limiter.allow("", within: minute)
            }
            await StoreContract.refuses("the id holds control characters") {
                _ = try await limiter.allow("a\u{0}", within: minute)
            }
            await StoreContract.refuses("the id has 257 bytes: 256 are allowed") {
                _ = try await limiter.usage(long, of: minute)
            }
            await StoreContract.refuses("the limit is 0: at least 1 is needed") {
                _ = try await limiter.allow(id, within: WindowLimit(0, kind: "ip"))
            }
            await StoreContract.refuses("the window is 0 s: at least 1 ms is needed") {
                try await limiter.reset(id, WindowLimit(1, per: .zero, kind: "ip"))
            }
            await StoreContract.refuses("the limit is -7: at least 1 is needed") {
                _ = try await limiter.allow(id, within: RateLimit(-7, per: .seconds(1), kind: "ip"))
            }
            await StoreContract.refuses("the period is -1.0 s: at least 1 ms is needed") {
                _ = try await limiter.allow(id, within: RateLimit(7, per: .seconds(-1), kind: "ip"))
            }
            await StoreContract.refuses("the block is 0 s: at least 1 ms is needed") {
                try await limiter.block(id, for: .zero)
            }
            await StoreContract.refuses("the id is empty") { try await limiter.block("", for: .seconds(1)) }
            let keys = try scene.keys()
            #expect(keys.isEmpty)
            #expect(scene.tally.counted(in: "rate:limit").isEmpty)
        }
    ]
}

/// What only a server has: scripts that it forgets, and its absence.
@Suite struct WindowLimitTests {
    /// - Returns: how many were allowed.
    static func ask(_ limiter: any Limiter, callers: Int, asks: Int, limit: Int) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<callers {
                group.addTask {
                    var allowed = 0
                    for _ in 0..<asks / callers {
                        let limit = WindowLimit(limit, per: .seconds(3600), kind: "ip")
                        if try await limiter.allow("10.0.0.7", within: limit).isAllowed { allowed += 1 }
                    }
                    return allowed
                }
            }
            return try await group.reduce(0, +)
        }
    }

    @Test func sixtyFourCallersAreAllowedExactlyTheLimit() async throws {
        let server = try RedisServer()
        let client = CacheClient(CacheConfiguration(endpoint: try Endpoint(url: server.url)))
        #expect(try await Self.ask(RedisLimiter(client), callers: 64, asks: 3200, limit: 1000) == 1000)
        await client.close()
    }

    @Test func aScriptIsSentInFullOnceAndAgainWhereTheServerHasForgottenIt() async throws {
        let server = try RedisServer()
        let client = CacheClient(CacheConfiguration(endpoint: try Endpoint(url: server.url)))
        let limiter = RedisLimiter(client)
        func calls(_ name: String) throws -> Int {
            let line = try server.cli("INFO", "commandstats").split(whereSeparator: \.isNewline)
                .first { $0.hasPrefix("cmdstat_\(name):calls=") }
            return line.flatMap { Int($0.drop { $0 != "=" }.dropFirst().prefix { $0.isNumber }) } ?? 0
        }
        let limit = WindowLimit(9, kind: "ip")
        for count in 1...3 { #expect(try await limiter.allow("7", within: limit).count == count) }
        #expect(try (calls("eval"), calls("evalsha")) == (1, 3))
        try server.cli("SCRIPT", "FLUSH")
        for count in 4...6 { #expect(try await limiter.allow("7", within: limit).count == count) }
        #expect(try (calls("eval"), calls("evalsha")) == (2, 6))
        for _ in 1...2 { _ = try await limiter.allow("7", within: RateLimit(9, per: .seconds(9), kind: "ip")) }
        #expect(try (calls("eval"), calls("evalsha")) == (3, 8))
        await client.close()
    }

    @Test(arguments: OutageChoice.allCases)
    func anOutageIsAnsweredAsTheCallerChose(_ choice: OutageChoice) async throws {
        let tally = CountingTally()
        let absent = AbsentCache()
        let limiter = RedisLimiter(absent, LimiterOptions(outage: choice), tally: tally)
        let expected = LimitVerdict(isAllowed: choice == .open, ground: .outage)
        #expect(try await limiter.allow("7", within: WindowLimit(1, kind: "ip")) == expected)
        #expect(try await limiter.allow("7", within: RateLimit(1, per: .seconds(1), kind: "ip")) == expected)
        #expect(try await limiter.isBlocked("7") == (choice == .closed))
        #expect(tally.counted(in: "rate:limit") == [.drops: 3])
        await #expect(throws: CacheError.refused(Refusal(.refused))) { try await limiter.block("7", for: .seconds(9)) }
        let asked = absent.asked
        await #expect(throws: CacheError.self) { _ = try await limiter.allow("", within: WindowLimit(1, kind: "ip")) }
        #expect(absent.asked == asked, "input that makes no sense sends nothing")
    }
}
