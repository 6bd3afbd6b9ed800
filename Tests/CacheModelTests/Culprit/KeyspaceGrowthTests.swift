import Support
import Testing

@testable import CacheModel

/// Which namespace has grown between looks at the keyspace.
@Suite struct KeyspaceGrowthTests {
    private func look(_ report: NamespaceReport) throws -> KeyspaceLook { try #require(KeyspaceLook(report)) }

    private func estimate(
        _ hits: [String: Int], keys: Int, at seconds: Int, other: [PrefixUsage] = [], without: [String: Double] = [:],
        size: Int = 100
    ) -> NamespaceReport {
        MadeReport.estimate(
            hits.sorted { $0.key < $1.key }.map { ($0.key, [(size, $0.value)]) }, draws: 5000, keys: keys,
            account: Double(keys * size), at: seconds, other: other, without: without)
    }

    private func prefix(_ name: String, _ keys: Double, bytes: Double) -> PrefixUsage {
        PrefixUsage(prefix: name, keys: Estimated(exactly: keys), bytes: bytes, withoutTTL: nil, lastingBytes: nil)
    }

    @Test func growthBeyondChanceIsNamedWithItsPart() throws {
        let before = try look(estimate(["cart": 2500, "session": 2500], keys: 1_000_000, at: 0))
        let after = try look(estimate(["cart": 2909, "session": 2091], keys: 1_200_000, at: 60))
        let sure = try #require(after.sureChanges(since: before, in: .keys))
        let leader = try #require(sure.leader)
        #expect(leader.name == "cart" && sure.all.count == 1)
        #expect(abs(leader.amount.value - 198_160) < 1)
        // σ² = ΣK²p(1−p)/n, z = 2.8.
        let sigma = (1e12 * 0.25 / 5000 + 1.44e12 * 0.5818 * 0.4182 / 5000).squareRoot()
        #expect(abs(leader.amount.margin - 2.8 * sigma) < 200)
        let part = sure.part(of: leader)
        #expect(part.value > 0.98 && part.low > 0.8 && part.high == 1)
    }

    @Test func chanceIsNoGrowth() throws {
        let before = try look(estimate(["cart": 2450, "session": 2550], keys: 1_000_000, at: 0))
        let after = try look(estimate(["cart": 2550, "session": 2450], keys: 1_010_000, at: 60))
        #expect(after.sureChanges(since: before, in: .keys)?.leader == nil)
        #expect(after.silence(since: before) == "the growth is too small for the estimate; s counts")
    }

    @Test func whatWasCountedIsCertain() throws {
        let before = try look(MadeReport.sweep(["cart": (1000, 100_000), "session": (5000, 500_000)], at: 0))
        let after = try look(MadeReport.sweep(["cart": (1005, 100_500), "session": (5000, 500_000)], at: 60))
        for measure in [KeyspaceLook.Measure.keys, .bytes] {
            let sure = try #require(after.sureChanges(since: before, in: measure))
            #expect(sure.leader?.name == "cart" && sure.leader?.amount.isExact == true)
            #expect(sure.leader.map(sure.part) == Estimated(exactly: 1))
        }
    }

    @Test func aPrefixStandsForAllKeysOfNoNamespace() throws {
        func report(_ hits: Int, _ keys: Int, at seconds: Int) -> NamespaceReport {
            let reco = Double(hits) / 5000 * Double(keys)
            return estimate(
                ["other": hits, "session": 5000 - hits], keys: keys, at: seconds,
                other: [prefix("reco:home:", reco, bytes: reco * 100)])
        }
        let (before, after) = (try look(report(500, 1_000_000, at: 0)), try look(report(1250, 1_200_000, at: 60)))
        for measure in [KeyspaceLook.Measure.keys, .bytes] {
            let sure = try #require(after.sureChanges(since: before, in: measure))
            #expect(sure.all.map(\.name) == ["reco:home:"])
        }
        // One that was not there before.
        let none = try look(estimate(["other": 0, "session": 5000], keys: 1_000_000, at: 0))
        #expect(after.sureChanges(since: none, in: .bytes)?.leader?.name == "reco:home:")
    }

    @Test func fewBigKeysAreNoNamespace() throws {
        let before = try look(estimate(["cart": 2500, "session": 2500], keys: 1_000_000, at: 0))
        var report = estimate(["cart": 2510, "session": 2490], keys: 1_000_010, at: 60)
        report.account = (report.account ?? 0) + 60_000_000
        let after = try look(report)
        #expect(after.sureChanges(since: before, in: .bytes)?.leader == nil)
        #expect(
            after.silence(since: before) == "no namespace has grown as much as the dataset: few big keys; S finds them")
    }

    @Test func whatShrankIsARiseTheOtherWayRound() throws {
        let before = try look(estimate(["cart": 2500, "session": 2500], keys: 1_000_000, at: 0))
        let after = try look(estimate(["cart": 500, "session": 4500], keys: 600_000, at: 60))
        let sure = try #require(after.sureChanges(since: before, in: .keys, sign: -1))
        #expect(sure.leader?.name == "cart")
        #expect(sure.leader.map(sure.part)?.low ?? 0 > 0.9)
    }

    @Test func keysWithoutATTLAreCountedAmongAll() throws {
        let (some, many) = (["cart": 1000.0, "session": 0], ["cart": 90_000.0, "session": 0])
        let before = try look(estimate(["cart": 2500, "session": 2500], keys: 1_000_000, at: 0, without: some))
        let after = try look(estimate(["cart": 2500, "session": 2500], keys: 1_000_000, at: 60, without: many))
        let sure = try #require(after.sureChanges(since: before, in: .lasting))
        #expect(sure.all.map(\.name) == ["cart"])
        #expect(after.breaches.all.filter { $0.amount.value > 0 }.map(\.name) == ["cart"])
        #expect(after.breaches.leader.map(after.breaches.part)?.low ?? 0 > 0.9)
    }

    /// An index that is meant to stay may grow as it likes.
    @Test func whatNeedNotExpireBreaksNothing() throws {
        func made(_ broken: Double, _ kept: Double, at second: Int) throws -> KeyspaceLook {
            try look(
                MadeReport.estimate(
                    ["cart", "index"].map { ($0, [(size: 100, hits: 2500)]) }, draws: 5000, keys: 1_000_000,
                    account: nil, at: second, without: ["cart": broken], lasting: ["index": kept]))
        }
        let (before, after) = (try made(0, 10_000, at: 0), try made(20_000, 400_000, at: 60))
        #expect(after.sureChanges(since: before, in: .lasting)?.all.map(\.name) == ["cart"])
        #expect(after.breaches.all.map(\.name) == ["cart"])
    }

    /// What is not known of one that must expire is not taken for none.
    @Test func breachesThatNobodyKnowsAreNotCompared() throws {
        var report = estimate(["cart": 2500], keys: 1_000_000, at: 0, without: ["cart": 1])
        let before = try look(report)
        report.elapsed = .seconds(60)
        report.items[0].withoutTTL = nil
        let after = try look(report)
        #expect(after.sureChanges(since: before, in: .lasting) == nil && after.breaches.leader == nil)
    }

    /// Keys that go within milliseconds are gone when those that were drawn are asked: of their namespace nothing is
    /// known by then, which is no reason to name nobody else.
    @Test func keysThatHadGoneSilenceNobodyElse() throws {
        func made(_ broken: Double, short: Int, at second: Int, isAsked: Bool) throws -> KeyspaceLook {
            var report = estimate(
                ["cart": 2500, "lock": short, "session": 2500 - short], keys: 1_000_000, at: second,
                without: ["cart": broken, "lock": 0, "session": 0])
            if !isAsked { report.items[report.items.firstIndex { $0.name == "lock" } ?? 0].withoutTTL = nil }
            return try look(report)
        }
        for (first, second) in [(true, false), (false, true), (false, false)] {
            let before = try made(0, short: 1, at: 0, isAsked: first)
            let after = try made(90_000, short: 1, at: 60, isAsked: second)
            let sure = try #require(after.sureChanges(since: before, in: .lasting))
            let leader = try #require(sure.leader)
            #expect(leader.name == "cart" && 0.9...0.999 ~= sure.part(of: leader).low)
            // Of many keys that nobody has asked, as many as that may never expire.
            let unknown = try made(90_000, short: 2000, at: 60, isAsked: false)
            let many = try #require(unknown.sureChanges(since: before, in: .lasting))
            #expect(many.leader.map(many.part)?.low ?? 1 < 0.5)
            if !second { #expect(0.9...0.9999 ~= after.breaches.leader.map(after.breaches.part)?.low ?? 0) }
            #expect(unknown.breaches.leader.map(unknown.breaches.part)?.low ?? 1 < 0.5)
        }
    }

    /// Chance evens out, what nobody has asked does not.
    @Test func whatIsNotKnownOfTwoAddsUp() throws {
        func made(_ broken: Double, at second: Int) throws -> KeyspaceLook {
            let hits = ["cart": 2000, "lock": 1000, "mutex": 1000, "session": 1000]
            var report = estimate(
                hits, keys: 1_000_000, at: second, without: hits.mapValues { _ in 0 }.merging(["cart": broken]) { $1 })
            for index in report.items.indices where ["lock", "mutex"].contains(report.items[index].name) {
                report.items[index].withoutTTL = nil
            }
            return try look(report)
        }
        let (before, after) = (try made(0, at: 0), try made(400_000, at: 60))
        // Of each, some 216,000 at most: of 400,000 ±28,000 and all of these.
        let sure = try #require(after.sureChanges(since: before, in: .lasting))
        for rises in [sure, after.breaches] {
            let part = try #require(rises.leader.map(rises.part))
            #expect(0.42...0.49 ~= part.low && part.value == 1, "\(part)")
        }
    }

    /// A look at which all keys of a namespace had gone before they were asked for their size is none to compare with
    /// where there is another one.
    @Test func growthIsCountedFromALookThatTellsIt() throws {
        var looks = KeyspaceLooks()
        for (second, isAsked) in [(0, false), (20, true), (40, true)] {
            var report = estimate(
                ["cart": 2500, "lock": 1, "session": 2499], keys: 1_000_000 + second * 1000, at: second)
            if !isAsked { report.items[report.items.firstIndex { $0.name == "lock" } ?? 0].bytes = nil }
            looks.note(report)
        }
        #expect(looks.start(by: .bytes)?.at == .seconds(20) && looks.start(by: .keys)?.at == .zero)
        // Where the latest one does not tell it, keys are compared, over all the time.
        var report = estimate(["cart": 2500, "lock": 1, "session": 2499], keys: 1_100_000, at: 60)
        report.items[report.items.firstIndex { $0.name == "lock" } ?? 0].bytes = nil
        looks.note(report)
        #expect(looks.start(by: .bytes)?.at == .zero)
    }

    @Test func looksWithoutFiguresAreNone() {
        var report = estimate(["cart": 1], keys: 10, at: 0)
        report.sizeIsKnown = false
        #expect(KeyspaceLook(report) == nil)
        report = estimate(["cart": 1], keys: 10, at: 0)
        report.complete = false
        #expect(KeyspaceLook(report) == nil)
    }

    @Test func growthBeginsWhereThereWasLeast() {
        var looks = KeyspaceLooks()
        for (index, keys) in [900, 500, 700, 800].enumerated() {
            looks.note(estimate(["cart": 5000], keys: keys * 1000, at: index * 60))
        }
        #expect(looks.start(by: .bytes)?.at == .seconds(60))
        #expect(looks.start(by: .keys, sign: -1)?.at == .seconds(0))
        for step in 4..<200 { looks.note(estimate(["cart": 5000], keys: 1_000_000, at: step * 60)) }
        #expect(looks.all.count == 13, "eleven minutes and one look")
        looks.note(estimate(["cart": 5000], keys: 1, at: 60))
        #expect(looks.latest?.at == .seconds(199 * 60), "an old look is no news")
    }
}
