import Support
import Testing

@testable import CacheModel

@Suite struct GovernorTests {
    /// Lets a governor work on a server that takes so long a key.
    private func run(
        _ governor: inout ScanGovernor, perKey: Double, flights: Int, roundTrip: Double = 40e-6, noise: Double = 0
    ) -> (longest: Double, busy: Double, rested: Double) {
        var generator = SeededGenerator(seed: 5)
        var (longest, busy, rested) = (0.0, 0.0, 0.0)
        for flight in 0..<flights {
            let server = perKey * Double(governor.count) * (1 + noise * Double.random(in: 0..<1, using: &generator))
            if flight > flights / 2 { longest = max(longest, server) }
            governor.note(.init(keys: governor.count, wall: .seconds(roundTrip + server)))
            busy += server
            rested += governor.pause / .seconds(1)
        }
        return (longest, busy, rested)
    }

    @Test(arguments: [0.3e-6, 1.15e-6, 5e-6, 20e-6]) func gentleHoldsTheServerAQuarterOfAMillisecond(perKey: Double) {
        var governor = ScanGovernor(pace: .gentle, roundTrip: .microseconds(40))
        let cost = run(&governor, perKey: perKey, flights: 200)
        #expect(cost.longest <= 0.25e-3, "\(cost.longest)")
        #expect(cost.busy / (cost.busy + cost.rested) <= 0.25)
        #expect(governor.count >= 10)
    }

    @Test func fastUsesTwoMillisecondsAndNoPause() {
        var governor = ScanGovernor(pace: .fast, roundTrip: .microseconds(40))
        let cost = run(&governor, perKey: 1.15e-6, flights: 200)
        #expect(cost.longest <= 2.1e-3 && cost.longest > 1.2e-3)
        #expect(cost.rested == 0)
    }

    @Test func aSlowCallMakesTheNextOneRarer() {
        var governor = ScanGovernor(pace: .gentle, roundTrip: .microseconds(40))
        _ = run(&governor, perKey: 1e-6, flights: 100)
        let before = governor.count
        governor.note(.init(keys: before, wall: .milliseconds(40)))
        #expect(governor.pause >= .milliseconds(100))
        #expect(governor.count <= before && governor.count >= before / 2, "one odd call does not throw it")
    }

    @Test func strainHoldsBackEvenTheFastOne() {
        var governor = ScanGovernor(pace: .fast, roundTrip: .microseconds(40))
        governor.isStrained = true
        governor.note(.init(keys: 1000, wall: .milliseconds(2)))
        #expect(governor.pause >= .milliseconds(20))
        governor.isStrained = false
        governor.note(.init(keys: 1000, wall: .milliseconds(2)))
        #expect(governor.pause == .zero)
    }

    /// On a busy server a flight waits for others. What it costs is known from the statistics, and the sweep goes on.
    @Test func waitingForOthersDoesNotShrinkTheCount() {
        var governor = ScanGovernor(pace: .gentle, roundTrip: .microseconds(40))
        for _ in 0..<200 {
            let server = Duration.seconds(1.2e-6 * Double(governor.count))
            governor.note(.init(keys: governor.count, wall: server + .milliseconds(1), held: server, server: server))
        }
        #expect(governor.count > 90)
        // Twice the rest that its own work asks for, and no more.
        #expect(governor.pause <= .seconds(2 * 150e-6 * (1 / 0.07 - 1)))
    }

    @Test func countFollowsAServerThatGetsSlower() {
        var governor = ScanGovernor(pace: .gentle, roundTrip: .microseconds(40))
        _ = run(&governor, perKey: 1e-6, flights: 100)
        let quick = governor.count
        _ = run(&governor, perKey: 10e-6, flights: 100)
        #expect(governor.count < quick / 4)
        _ = run(&governor, perKey: 1e-6, flights: 200)
        #expect(governor.count > quick / 2)
    }

    @Test func oddFiguresDoNotTrap() {
        var governor = ScanGovernor(pace: .gentle, roundTrip: .zero)
        for wall in [Duration.zero, .seconds(-1), .seconds(100_000), .nanoseconds(1)] {
            governor.note(.init(keys: 0, wall: wall))
            governor.note(.init(keys: 1_000_000, wall: wall))
            governor.note(.init(keys: 5, wall: wall, held: .zero, server: .zero))
            #expect((10...500).contains(governor.count))
            #expect(governor.pause <= .seconds(1))
        }
    }

    @Test func quotaTakesRareNamespacesWholeAndLargeOnesInProportion() {
        let quota = SampleQuota(expected: 1_000_000)
        #expect(
            quota.quota(inBatch: 3, counted: 3, examined: 0, seen: 1000) == 2, "about 3,000 keys are to be expected")
        #expect(quota.quota(inBatch: 1, counted: 1, examined: 0, seen: 10_000) == 1)
        var (examined, seen) = (0, 0)
        for _ in 0..<1000 {
            seen += 1000
            examined += quota.quota(inBatch: 400, counted: seen * 4 / 10, examined: examined, seen: seen)
        }
        #expect((1900...2300).contains(examined), "\(examined)")
        #expect(quota.quota(inBatch: 0, counted: 0, examined: 0, seen: 0) == 0)
    }

    @Test func receiptTakesOnlyOurShareOfTheServersTime() {
        let before = ["scan": CommandStats(calls: 10, time: .milliseconds(1))]
        let after = [
            "scan": CommandStats(calls: 30, time: .milliseconds(21)),
            "type": CommandStats(calls: 8, time: .milliseconds(4)),
            "memory": CommandStats(calls: 4, time: .milliseconds(8)),
        ]
        let time = Receipt.serverTime(before: before, after: after, own: ["scan": 5, "type": 8, "memory|usage": 2])
        #expect(time == .milliseconds(5 + 4 + 4))
        #expect(Receipt.serverTime(before: before, after: after, own: ["pttl": 1]) == nil)
        #expect(Receipt.serverTime(before: after, after: before, own: ["scan": 1]) == nil, "counters were reset")
    }
}
