import CacheModel
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// What the screens say is so now, here, and not of our own making.
@Suite struct TruthTests {
    /// Keys whose TTL ends within the minutes of an hour, six hundred of them in minute 42.
    private var cliff: NamespaceReport {
        var tally = KeyspaceTally(classifier: KeyClassifier())
        func add(_ name: String, _ minutes: Int) {
            let key = Array(name.utf8)
            let place = tally.count(key.span)
            tally.note(
                KeyFacts(lifetime: .milliseconds(minutes * 60_000 + 30_000), bytes: 100), key: key.span,
                namespace: place)
        }
        for number in 0..<60 { add("session:\(number)", number) }
        for number in 0..<600 { add("session:x\(number)", 42) }
        return .sweep(
            tally, full: true, complete: true, expected: 660,
            NamespaceReport.Circumstances(takenAt: Sample.takenAt, elapsed: Sample.elapsed, took: .seconds(1)))
    }

    @Test func forecastIsOfTheTimeNow() {
        var driver = Driver()
        driver.show(Sample.busy)
        driver.look("swept", cliff)
        driver.press(.character("2"), .enter)
        #expect(driver.screen.contains("minute 42") && driver.screen.contains("660 keys"))
        driver.show(Sample.busy, after: 60, count: 40)
        #expect(driver.screen.contains("minute 2") && !driver.screen.contains("minute 42"))
        #expect(driver.screen.contains("Expiring within 20 min"))
        driver.show(Sample.busy, after: 60, count: 20)
        #expect(driver.screen.contains("the look is old") && !driver.screen.contains("Nothing expires"))
    }

    /// A token that expires in July, looked at in November.
    @Test func timesAreOfTheirOwnSeasonsClock() {
        var driver = Driver()
        let summer = WallTime(seconds: 1_806_195_600)
        driver.state = DashboardState(
            options: DashboardOptions(
                target: "redis://cache-1:6379/0", themes: ["dark"],
                clock: CivilClock(offsetAt: { $0 < summer ? 3600 : 7200 })), interval: .seconds(1), theme: "dark",
            now: Sample.takenAt)
        driver.send(.terminal(.resize(Size(columns: 120, rows: 36))))
        driver.show(Sample.busy)
        #expect(driver.screen.contains("15:32:"), "the header's clock is of today")
        driver.press(.character("R"))
        // {"alg":"HS256"}.{"jti":"7f3c","exp":1814443200}
        driver.send(.terminal(.paste("eyJhbGciOiJIUzI1NiJ9.eyJqdGkiOiI3ZjNjIiwiZXhwIjoxODE0NDQzMjAwfQ.cw")))
        #expect(driver.screen.contains("2027-07-01 14:00:00"), "\(driver.screen)")
    }

    @Test func ourOwnFlushIsNoVanishedNamespace() {
        var driver = Driver()
        driver.show(Sample.busy)
        driver.look("swept", cliff)
        driver.show(Sample.busy)
        driver.type(":flush session")
        driver.press(.enter)
        driver.operate(.flushPlanned(Sample.flushPlan("session")))
        driver.type("session")
        driver.press(.enter)
        driver.show(Sample.busy)
        driver.operate(.flushed(Sample.flushReceipt("session")))
        driver.wait(1)
        driver.look("swept", empty)
        driver.show(Sample.busy)
        #expect(!driver.state.alerts.raised.contains { $0.id == .namespaceVanished })
        driver.look("swept", cliff)
        driver.show(Sample.busy, after: 5)
        driver.look("swept", empty)
        driver.show(Sample.busy)
        #expect(driver.state.alerts.raised.contains { $0.id == .namespaceVanished }, "that was somebody else")
    }

    private var empty: NamespaceReport {
        .sweep(
            KeyspaceTally(classifier: KeyClassifier()), full: true, complete: true, expected: 0,
            NamespaceReport.Circumstances(takenAt: Sample.takenAt, elapsed: Sample.elapsed, took: .seconds(1)))
    }

    @Test func whatManyNodesHaveAlikeIsOneLine() {
        var driver = Driver()
        var snapshot = Sample.healthy
        snapshot.nodes = (0..<6).map { index in
            var node = Sample.node()
            node.address = "10.0.0.\(index):6379"
            node.defaultUserOpen = true
            return node
        }
        driver.show(snapshot, count: 2)
        #expect(driver.state.alerts.raised.count == 6 && driver.state.alertRows.count == 1)
        driver.press(.character("8"))
        #expect(
            driver.screen.contains("(and 5 more nodes)") && driver.screen.contains("10.0.0.4:6379: The default user"))
    }

    @Test func ourOwnSlowQueriesAreMarked() {
        var driver = Driver()
        var snapshot = Sample.healthy
        snapshot.nodes[0].slowlog = [
            SlowlogEntry(
                id: 9, at: Sample.takenAt, duration: .milliseconds(20), command: ["MEMORY", "USAGE", "a"],
                client: "10.0.0.9:5000", clientName: "cachewatch")
        ]
        driver.show(snapshot, count: 2)
        #expect(driver.screen.contains("0 new in 1 min") && driver.screen.contains("MEMORY USAGE a"))
        driver.press(.character("4"), .enter)
        #expect(driver.screen.contains("Asked by cachewatch"))
    }

    /// Behind a server whose clock is an hour ahead.
    @Test func slowQueriesAreAsOldAsTheyAre() {
        var driver = Driver()
        var snapshot = Sample.healthy
        let ahead = WallTime(milliseconds: Sample.takenAt.milliseconds + 3_600_000)
        snapshot.nodes[0].info?.server.time = ahead
        snapshot.nodes[0].slowlog = [
            SlowlogEntry(
                id: 9, at: WallTime(seconds: ahead.seconds - 30), duration: .milliseconds(20), command: ["GET", "a"])
        ]
        driver.send(.snapshotArrived(snapshot))
        let row = driver.state.slowlog.rows.first
        #expect(row?.clockAhead == .seconds(3600))
        #expect(row?.happenedAt.seconds == Sample.takenAt.seconds - 30)
        let clock = driver.state.options.clock
        let (ours, its) = (WallTime(seconds: Sample.takenAt.seconds - 30), WallTime(seconds: ahead.seconds - 30))
        driver.press(.character("4"))
        #expect(driver.screen.contains(clock.clock(ours)) && !driver.screen.contains(clock.clock(its)))
        driver.press(.enter)
        #expect(driver.screen.contains("\(clock.dateAndClock(ours)), took"))
        #expect(driver.screen.contains("By the server's own clock \(clock.dateAndClock(its))"))
        var near = Driver()
        near.show(Sample.healthy)
        near.press(.character("4"), .enter)
        #expect(near.screen.contains("took") && !near.screen.contains("own clock"))
    }

    @Test func pastIsNoGapWhenPollsBecomeMoreFrequent() {
        var driver = Driver()
        driver.type(":poll 30s")
        driver.press(.enter)
        driver.show(Sample.busy, after: 30, count: 120)
        func known(_ driver: Driver) -> Int { driver.state.history(.memory, samples: 100).count { $0 != nil } }
        let before = known(driver)
        #expect(before >= 95)
        driver.type(":poll 1s")
        driver.press(.enter)
        #expect(known(driver) == before)
    }

    /// Twice the same answer is no second in which nothing was done.
    @Test func commandsOfANodeThatIsLateAreNotComparedWithThemselves() {
        var rates = CommandRates()
        var node = Sample.node()
        node.answeredAt = .seconds(1)
        rates.record(node, at: .seconds(1))
        node.late = .seconds(3)
        rates.record(node, at: .seconds(4))
        #expect(rates.period == nil && !rates.rows.isEmpty)
    }
}
