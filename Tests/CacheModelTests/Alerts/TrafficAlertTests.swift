import CacheModel
import Support
import Testing

private func slow(_ ids: ClosedRange<Int>, _ command: String = "HGETALL", ago: Int64 = 0, at second: Int = 0)
    -> NodeSnapshot
{
    changed {
        $0.slowlog = ids.reversed().map {
            SlowlogEntry(
                id: $0, at: WallTime(seconds: Sample.takenAt.seconds + Int64(second) - ago),
                duration: .milliseconds(20),
                command: [command, "x"], client: "10.0.3.7:51234")
        }
    }
}

private func lookups(hits: Int, misses: Int) -> NodeSnapshot {
    changed {
        $0.info?.stats.keyspaceHits = hits
        $0.info?.stats.keyspaceMisses = misses
    }
}

@Suite struct SlowQueryAlertTests {
    @Test func elevenNewEntriesInAMinuteAreTooMany() {
        var script = AlertScript()
        script.at(0, slow(1...5, ago: 600))
        script.at(10, slow(1...10, at: 10))
        #expect(script.raised(.slowQueries) == nil)
        script.at(20, slow(1...16, at: 20))
        #expect(script.raised(.slowQueries)?.value == 11)
    }

    @Test func oldEntriesAreNoNewsAndTheMinutePasses() {
        var script = AlertScript()
        script.at(0, slow(1...100, ago: 600))
        #expect(script.engine.raised.isEmpty)
        script.at(1, slow(80...120, at: 1))
        #expect(script.raised(.slowQueries)?.value == 20)
        for second in 2..<80 { script.at(second, slow(80...120, at: 1)) }
        #expect(script.raised(.slowQueries) == nil)
    }

    @Test func entriesThatAShortPageDidNotShowAreCounted() {
        var script = AlertScript()
        script.at(0, slow(1...2, ago: 600))
        script.at(1, slow(90...100, at: 1))
        #expect(script.raised(.slowQueries)?.value == 98)
    }

    @Test(arguments: ["KEYS", "flushall", "FLUSHDB"]) func someCommandsShouldNeverRun(command: String) throws {
        var script = AlertScript(immediate: true)
        script.at(0, slow(7...7, command, ago: 20))
        let alert = try #require(script.raised(.slowQueries))
        #expect(alert.message.contains(command.uppercased()) && alert.message.contains("10.0.3.7:51234"))
        #expect(alert.remedy.contains { $0.contains("SLOWLOG GET 10") })
    }

    @Test func commandsOfAnHourAgoAreNoNews() {
        var script = AlertScript(immediate: true)
        script.at(0, slow(7...7, "KEYS", ago: 3600))
        #expect(script.engine.raised.isEmpty)
    }

    /// Where the slow log is not told any more, nobody knows whether there are more: that is no recovery.
    @Test func alertWhoseFigureIsNotKnownAnyMoreStandsAndIsWithdrawn() {
        var script = AlertScript()
        script.at(0, slow(1...5, ago: 600))
        script.at(20, slow(1...30, at: 20))
        let silent = changed { $0.slowlog = nil }
        // A minute in which they are new, and five more.
        for second in stride(from: 21, through: 379, by: 2) {
            script.at(second, silent)
            #expect(script.raised(.slowQueries) != nil, "\(second)")
        }
        let last = script.at(382, silent)
        guard case .withdrawn(let alert)? = last.first else {
            Issue.record("\(last)")
            return
        }
        #expect(alert.id == .slowQueries && alert.message.hasSuffix("(withdrawn: not known any more)"))
        #expect(script.engine.past.first == alert && script.raised(.slowQueries) == nil)
    }

    @Test func aRestartThatStartsIdsAnewIsNoticed() {
        var script = AlertScript()
        script.at(0, slow(1_000...1_001, ago: 600))
        var reborn = slow(1...1, "KEYS", at: 5)
        reborn.info?.server.runID = "another"
        script.at(5, reborn)
        #expect(script.raised(.slowQueries) != nil)
    }
}

@Suite struct HitRatioAlertTests {
    /// Polls every second, with so many hits and misses in each.
    private func run(_ seconds: Int, hits: Int, misses: Int) -> AlertScript {
        var script = AlertScript()
        for second in 0...seconds {
            script.at(second, lookups(hits: 9_000_000 + hits * second, misses: misses * second))
        }
        return script
    }

    @Test func fiveMinutesBelowTheThresholdAreAnAlert() throws {
        let alert = try #require(run(301, hits: 7, misses: 3).raised(.hitRatioLow))
        #expect(alert.value.map { abs($0 - 0.7) < 1e-9 } == true && alert.message.hasPrefix("Hit ratio 70.0 %"))
    }

    @Test func lessThanFiveMinutesAreNot() { #expect(run(290, hits: 7, misses: 3).raised(.hitRatioLow) == nil) }

    @Test func fewLookupsAreNot() { #expect(run(400, hits: 1, misses: 2).raised(.hitRatioLow) == nil) }

    @Test func goodOnesAreNot() { #expect(run(400, hits: 9, misses: 1).raised(.hitRatioLow) == nil) }

    @Test func onlyTheLastFiveMinutesCount() {
        var script = run(1_200, hits: 100, misses: 0)
        let before = 9_000_000 + 100 * 1_200
        for second in 1_201...1_520 {
            script.at(second, lookups(hits: before + (second - 1_200), misses: (second - 1_200) * 9))
        }
        #expect(script.raised(.hitRatioLow) != nil)
    }

    @Test func aResetStartsTheWindowAnew() {
        var script = run(301, hits: 7, misses: 3)
        #expect(script.raised(.hitRatioLow) != nil)
        for second in 302..<330 { script.at(second, lookups(hits: 0, misses: second)) }
        #expect(script.raised(.hitRatioLow) == nil)
        #expect(script.changes.contains { if case .withdrawn = $0 { true } else { false } }, "it is no recovery")
    }

    @Test func lookupsThatAreNotToldClearNothing() {
        var script = run(301, hits: 7, misses: 3)
        let silent = changed { $0.info?.stats.keyspaceHits = nil }
        for second in 302..<360 { script.at(second, silent) }
        #expect(script.raised(.hitRatioLow) != nil)
    }
}

@Suite struct ClientAlertTests {
    private func look(_ change: (inout NodeSnapshot) -> Void) -> AlertScript {
        var script = AlertScript(immediate: true)
        script.at(0, changed(change))
        return script
    }

    @Test(arguments: [(8_000, nil), (8_001, .warning), (9_001, .critical)] as [(Int, Alert.Level?)])
    func clientsAreHighAboveTheirThresholds(connected: Int, level: Alert.Level?) {
        #expect(look { $0.info?.clients.connected = connected }.raised(.clientsHigh)?.level == level)
    }

    @Test func rejectedConnectionsAreCritical() {
        #expect(look { $0.rates?.rejectedConnections = 0.2 }.raised(.clientsRejected)?.level == .critical)
    }

    @Test(arguments: [(11.0, 50.0, true), (11, 60, false), (9, 10, false)])
    func churnNeedsShareAndRate(connections: Double, commands: Double, raised: Bool) {
        let script = look {
            $0.rates?.connections = connections
            $0.rates?.commands = commands
        }
        #expect((script.raised(.connectionChurn) != nil) == raised)
    }

    @Test(arguments: [(103, false), (104, true)]) func aQuarterOfBlockedClientsIsTooMuch(blocked: Int, raised: Bool) {
        #expect((look { $0.info?.clients.blocked = blocked }.raised(.clientsBlocked) != nil) == raised)
    }

    @Test func oneBlockedClientOfTwoIsAQueueAndNoAlert() {
        let script = look {
            $0.info?.clients.connected = 2
            $0.info?.clients.blocked = 1
        }
        #expect(script.engine.raised.isEmpty)
    }
}
