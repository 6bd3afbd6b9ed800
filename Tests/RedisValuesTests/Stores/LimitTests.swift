import RedisValues
import Testing

@Suite struct LimitTests {
    private let now = WallTime(seconds: 1_772_000_123)

    private func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

    /// Each layout's key, and the other's beside it where it can say the window.
    @Test(
        arguments: [
            (StoreLayout.guide, 60, "rate:limit:ip:192.168.1.1", "rcommerce:rate:limit/192.168.1.1/minute/1772000100"),
            (.guide, 3600, "rate:limit:ip:192.168.1.1", "rcommerce:rate:limit/192.168.1.1/hour/1771999200"),
            (.guide, 86_400, "rate:limit:ip:192.168.1.1", "rcommerce:rate:limit/192.168.1.1/day/1771977600"),
            (.guide, 61, "rate:limit:ip:192.168.1.1", nil),
            (.deployed, 60, "rcommerce:rate:limit/192.168.1.1/minute/1772000100", "rate:limit:ip:192.168.1.1"),
        ] as [(StoreLayout, Int, String, String?)])
    func keys(_ layout: StoreLayout, _ window: Int, _ key: String, _ other: String?) throws {
        let limit = WindowLimit(10, per: .seconds(window), kind: "ip")
        let plan = try LimitPlan(window: limit, of: "192.168.1.1", layout, prefix: "rcommerce", at: now)
        #expect(text(plan.key) == key)
        #expect(text(plan.otherKey) == other)
        #expect(text(plan.blockKey) == "rcommerce:blocklist:192.168.1.1")
    }

    @Test func ratesStandBesideWindows() throws {
        let limit = RateLimit(10, per: .seconds(60), kind: "ip")
        let guide = try LimitPlan(rate: limit, of: "7", .guide, prefix: "rcommerce")
        let deployed = try LimitPlan(rate: limit, of: "7", .deployed, prefix: "shop")
        #expect(text(guide.key) == "rate:limit:ip:7:rate")
        #expect(text(deployed.key) == "shop:rate:limit/7/rate/ip")
    }

    @Test(arguments: [
        ("", "ip", 1, 60_000, "the id is empty"),
        ("7", "", 1, 60_000, "the id is empty"),
        ("a\nb", "ip", 1, 60_000, "the id holds control characters"),
        (String(repeating: "x", count: 257), "ip", 1, 60_000, "the id has 257 bytes: 256 are allowed"),
        ("7", "ip", 0, 60_000, "the limit is 0: at least 1 is needed"),
        ("7", "ip", -1, 60_000, "the limit is -1: at least 1 is needed"),
        ("7", "ip", 1, 0, "the window is 0 s: at least 1 ms is needed"),
        ("7", "ip", 1, -1000, "the window is -1.0 s: at least 1 ms is needed"),
        ("7", "ip", 1, 367 * 86_400_000, "the window is longer than a year"),
    ])
    func badInput(_ id: String, _ kind: String, _ limit: Int, _ milliseconds: Int64, _ words: String) {
        let limit = WindowLimit(limit, per: .milliseconds(milliseconds), kind: kind)
        let problem = #expect(throws: StoreProblem.self) {
            try LimitPlan(window: limit, of: id, .guide, prefix: "rcommerce", at: now)
        }
        #expect(problem?.description == words)
    }

    @Test func deployedWindowsAreThoseThatThePlatformNames() {
        let limit = WindowLimit(1, per: .seconds(90), kind: "ip")
        let problem = #expect(throws: StoreProblem.self) {
            try LimitPlan(window: limit, of: "7", .deployed, prefix: "rcommerce", at: now)
        }
        #expect(problem?.description == "in the deployed layout a window is a minute, an hour or a day")
    }

    // MARK: rates

    @Test(arguments: [1, 2, 3, 7, 10, 1000, 999_983])
    func burstsAreExact(_ burst: Int) throws {
        let rate = try GCRA(RateLimit(burst, per: .seconds(1), kind: "ip"))
        var kept: Int64?
        var allowed = 0
        for _ in 0..<burst + 10 {
            let decision = rate.decide(kept: kept, now: 1_772_000_000_000_000)
            if decision.isAllowed { allowed += 1 }
            kept = decision.instant ?? kept
        }
        #expect(allowed == burst)
    }

    @Test func whatIsSpentComesBackOneByOne() throws {
        let rate = try GCRA(RateLimit(3, per: .seconds(3), kind: "ip"))
        var (kept, now): (Int64?, Int64) = (nil, 1_772_000_000_000_000)
        func ask(after milliseconds: Int64) -> GCRA.Decision {
            now += milliseconds * 1000
            let decision = rate.decide(kept: kept, now: now)
            kept = decision.instant ?? kept
            return decision
        }
        #expect(ask(after: 0).remaining == 2)
        #expect(ask(after: 0).remaining == 1)
        #expect(ask(after: 0).rest == 3000)
        let refused = ask(after: 400)
        #expect(!refused.isAllowed && refused.rest == 600 && refused.instant == nil)
        #expect(ask(after: 600).isAllowed)
        #expect(!ask(after: 999).isAllowed)
        #expect(ask(after: 1).isAllowed)
        #expect(ask(after: 60_000).remaining == 2, "no more than the burst is saved up")
    }

    /// Over any span no more than the burst and what came back, whenever the asks come.
    @Test func neverAboveTheRate() throws {
        let limit = RateLimit(7, per: .milliseconds(100), kind: "ip")
        let rate = try GCRA(limit)
        var (kept, now, allowed): (Int64?, Int64, Int64) = (nil, 1_772_000_000_000_000, 0)
        let start = now
        var steps: UInt64 = 1
        for _ in 0..<20_000 {
            steps = steps &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            now += Int64(steps >> 50)
            let decision = rate.decide(kept: kept, now: now)
            if decision.isAllowed { allowed += 1 }
            kept = decision.instant ?? kept
            #expect(allowed <= 7 + (now - start) * 7 / 100_000)
        }
        #expect(allowed > 1000)
    }

    @Test func aClockThatWasWrongLocksNobodyOut() throws {
        let rate = try GCRA(RateLimit(3, per: .seconds(3), kind: "ip"))
        let decision = rate.decide(kept: .max, now: 1_772_000_000_000_000)
        #expect(!decision.isAllowed && decision.rest == 1000)
    }

    @Test func countersInMemoryEnd() {
        var keyspace = MemoryKeyspace(entries: 10, bytes: 1000)
        let key = Array("rate:limit:ip:7".utf8)
        func count(after seconds: Int) -> LimitCount {
            keyspace.countUp(key, window: .seconds(60), at: now.adding(.seconds(seconds)))
        }
        #expect(count(after: 0) == .counted(1, rest: .seconds(60)))
        #expect(count(after: 59) == .counted(2, rest: .seconds(1)))
        #expect(
            keyspace.countUp(key, window: .seconds(60), at: now.adding(.seconds(60))) == .counted(1, rest: .seconds(60))
        )
        keyspace.set(.string(Array("7".utf8)), of: key, until: nil)
        #expect(count(after: 0) == .counted(8, rest: .seconds(60)))
        keyspace.set(.string(Array("x".utf8)), of: key, until: nil)
        #expect(count(after: 0) == .undecodable)
        keyspace.set(.hash([:]), of: key, until: nil)
        #expect(count(after: 0) == .wrongType)
    }
}
