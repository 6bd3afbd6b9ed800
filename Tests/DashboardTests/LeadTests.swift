import CacheModel
import RedisValues
import Support
import TerminalUI
import Testing

@testable import Dashboard

/// The way from a line to where the act is, and back.
@Suite struct LeadTests {
    /// Slow queries, a contract that is broken, and clients.
    private func driver(_ columns: Int = 120, _ rows: Int = 36) -> Driver {
        var driver = Driver(columns: columns, rows: rows)
        driver.show(Sample.busy, count: 30)
        driver.look("estimated", Sample.estimate)
        driver.send(.clientsSeen(Sample.seenClients))
        driver.show(Sample.surveyed)
        return driver
    }

    private func put(_ driver: inout Driver, on wanted: (Subject) -> Bool) -> Bool {
        for _ in 0..<driver.state.overviewLines.subjects.count {
            if driver.state.subject.map(wanted) == true { return true }
            driver.press(.down)
        }
        return false
    }

    @Test func overviewHasOneListOfAllItsPanels() {
        let driver = driver()
        let lines = driver.state.overviewLines
        #expect(lines.subjects.count == driver.state.rowCount(of: .overview))
        #expect(lines.namespaces.lowerBound > 0 && lines.slowQueries.upperBound == lines.subjects.count)
        #expect(
            lines.subjects[..<lines.namespaces.lowerBound].allSatisfy { if case .alert = $0 { true } else { false } })
        for range in [lines.namespaces, lines.slowQueries] { #expect(!range.isEmpty) }
        // What can be pointed at is what is listed.
        #expect(Set(driver.state.drawn?.subjects.values.map { $0 } ?? []) == Set(lines.subjects))
    }

    @Test(arguments: [(120, 36), (80, 24), (100, 30), (200, 60), (60, 16)])
    func eachLineIsDrawnWhereItIsPointedAt(columns: Int, rows: Int) throws {
        let driver = driver(columns, rows)
        let frame = driver.state.render()
        let lines = driver.state.overviewLines
        for (row, subject) in lines.subjects.enumerated() {
            let place = try #require(
                frame.regions.first { Drawn.number(in: $0.id, of: "row") == row }?.rect, "\(row) \(subject)")
            let text = (place.column..<place.endColumn).map { String(frame[$0, place.row].glyph) }.joined()
            switch subject {
            case .namespace, .prefix:
                let name = subject.name
                #expect(text.contains(name), "\(text)")
            case .alert: #expect(text.contains("▲") || text.contains("·") || text.contains("✖"), "\(text)")
            case .slowQuery: #expect(text.contains("ms"), "\(text)")
            default: Issue.record("\(subject)")
            }
        }
    }

    @Test func aQuietSignStandsAtTheWorstAlertUntilTheCursorIsMoved() {
        var driver = driver()
        #expect(driver.screen.contains("›▲"))
        driver.press(.down)
        #expect(!driver.screen.contains("›"))
        driver.press(.up)
        #expect(driver.screen.contains("›▲"), "there it stays with what is worst")
    }

    @Test func enterOnAnAlertLeadsToItsNamespaceAndEscapeComesBack() {
        var driver = driver()
        #expect(put(&driver) { if case .alert("ttl-contract-broken", _, _) = $0 { true } else { false } })
        let alert = driver.state.subject
        #expect(driver.screen.contains("Enter rate:limit on 2") && driver.screen.contains("m mend rate:limit"))
        driver.press(.enter)
        #expect(driver.state.screen == .namespaces && driver.state.subject == .namespace("rate:limit"))
        #expect(driver.state.subjectScope == .namespace("rate:limit"))
        driver.press(.enter)
        #expect(driver.state.namespaces.opened == .namespace("rate:limit"))
        driver.press(.escape, .escape)
        #expect(driver.state.screen == .overview && driver.state.subject == alert)
    }

    @Test func mendBeginsOnTheAlertItself() {
        var driver = driver()
        #expect(put(&driver) { if case .alert("ttl-contract-broken", _, _) = $0 { true } else { false } })
        driver.press(.character("m"))
        #expect(driver.takeEffects().contains(.act(.planRepair(.namespace("rate:limit"), ttl: nil, .gentle))))
    }

    @Test func keysOfANamespaceAreAKeyAwayAndBackAgain() {
        var driver = driver()
        #expect(put(&driver) { $0 == .namespace("session") })
        driver.press(.character("b"))
        #expect(driver.state.screen == .keys && driver.state.keys.scope == .namespace("session"))
        driver.press(.escape)
        #expect(driver.state.screen == .overview && driver.state.subject == .namespace("session"))
        driver.press(.enter)
        #expect(driver.state.screen == .namespaces && driver.state.subject == .namespace("session"))
        driver.press(.character("b"), .escape)
        #expect(driver.state.screen == .namespaces && driver.state.subject == .namespace("session"))
        driver.press(.escape)
        #expect(driver.state.screen == .overview)
    }

    @Test func aSlowQueryLeadsToWhoAskedIt() throws {
        var driver = driver()
        let look = try #require(Sample.looks.last)
        let (node, entries) = try #require(look.entries.first)
        let asking = try #require(entries.first { $0.name.hasPrefix("checkout") })
        var snapshot = Sample.busy
        snapshot.nodes[0].slowlog?[0].client = asking.address
        snapshot.nodes[0].slowlog?[0].id = 9_999
        snapshot.nodes[0].address = node
        driver.show(snapshot)
        #expect(put(&driver) { if case .slowQuery(_, _, 9_999) = $0 { true } else { false } })
        driver.press(.enter)
        #expect(driver.state.screen == .slowlog && driver.screen.contains("Enter \(asking.address) on 5"))
        driver.press(.enter)
        #expect(driver.state.screen == .clients && driver.state.clients.opened?.label == "checkout-worker-*")
        #expect(driver.state.killSelection == .id(asking.id, node: node))
        driver.press(.escape)
        #expect(driver.state.screen == .slowlog && driver.state.clients.opened == nil)
        driver.press(.escape)
        #expect(driver.state.screen == .overview)
    }

    @Test func whoIsNotConnectedAnyMoreIsNotLedTo() {
        var driver = driver()
        #expect(put(&driver) { if case .slowQuery = $0 { true } else { false } })
        driver.press(.enter)
        #expect(driver.state.leadOfDetail == nil && !driver.screen.contains(" on 5"))
        driver.press(.enter)
        #expect(driver.state.dialog == nil && driver.state.screen == .slowlog)
    }

    @Test func whoChoosesAScreenGoesAWayOfHisOwn() {
        var driver = driver()
        driver.press(.enter)
        #expect(!driver.state.trail.isEmpty)
        driver.press(.character("7"), .escape)
        #expect(driver.state.screen == .overview && driver.state.trail.isEmpty)
    }

    @Test func theTrailIsBounded() {
        var driver = driver()
        #expect(put(&driver) { $0 == .namespace("session") })
        for _ in 0..<40 {
            driver.press(.enter, .character("b"))
            driver.state.go(to: .overview)
            driver.state.leave()
        }
        #expect(driver.state.trail.count <= 16)
    }

    /// Where each alert leads, that tells nothing beside its kind.
    @Test(arguments: Alert.ID.allCases) func eachAlertLeadsSomewhereOrIsItsOwnAct(id: Alert.ID) {
        var driver = driver()
        let alert = Alert(id: id, level: .warning, node: "cache-1:6379", message: "m", since: driver.now)
        driver.state.dialog = .detail(.alert(alert), offset: 0)
        let screen = driver.state.leadOfDetail?.screen
        let expected: Screen? =
            switch id {
            case .memoryHigh, .refusingWrites, .evicting, .hitRatioLow, .ttlContractBroken, .namespaceVanished,
                .revocationsEvictable, .prefixNeverExpires:
                .namespaces
            case .clientsHigh, .clientsRejected, .connectionChurn, .clientsBlocked: .clients
            case .slowQueries: .slowlog
            case .unreachable, .replicationBroken, .sentinelQuorum, .primaryChanged, .clusterDegraded, .restarted,
                .datasetLost:
                .nodes
            case .fragmentation, .persistenceFailing, .accessDenied, .noPassword, .revocationLost: nil
            }
        #expect(screen == expected)
        var past = alert
        past.clearedAt = driver.now
        driver.state.dialog = .detail(.alert(past), offset: 0)
        #expect(driver.state.leadOfDetail == nil, "what is over needs no act")
    }

    /// A namespace of the same name is another thing.
    @Test func aPrefixThatIsItIsLedToByWhatItIsAndNotByItsName() throws {
        var driver = driver()
        let row = try #require(Sample.estimate.discovered.first)
        var alert = Alert(id: .memoryHigh, level: .warning, message: "m", since: driver.now)
        var culprit = Culprit(
            .namespace, "session", Estimated(0.9, low: 0.8, high: 1), rise: "+1 MiB", figure: "+1 MiB", of: "the growth"
        )
        culprit.prefix = row.name
        alert.culprit = culprit
        driver.state.dialog = .detail(.alert(alert), offset: 0)
        driver.press(.enter)
        #expect(driver.state.screen == .namespaces && driver.state.subject == Subject(row.scope))
        #expect(driver.state.subjectScope == row.scope)
        culprit.prefix = "gone:"
        alert.culprit = culprit
        driver.state.dialog = .detail(.alert(alert), offset: 0)
        #expect(driver.state.leadOfDetail == Lead(.namespaces), "to the list, where it has no line")
        (alert.culprit, alert.about) = (nil, .prefix(row.name))
        driver.state.dialog = .detail(.alert(alert), offset: 0)
        #expect(driver.state.leadOfDetail?.subject == Subject(row.scope))
    }

    /// Who holds the memory is flushed from the alert that names it, and a key that does is led to.
    @Test func whatHoldsTheMemoryIsAKeyAway() throws {
        var driver = driver()
        var alert = Alert(id: .memoryHigh, level: .warning, message: "m", since: driver.now)
        for (about, scope, lead) in [
            (.namespace("session"), .namespace("session"), Lead(.namespaces, .namespace("session"))),
            (.namespace("unknown"), nil, Lead(.namespaces, .namespace("unknown"))),
            (.key("session:giant"), .pattern("session:giant"), Lead(.keys, listing: .pattern("session:giant"))),
            (.key("session:*"), nil, Lead(.namespaces, .namespace("product"))),
        ] as [(Alert.About, KeyScope?, Lead)] {
            alert.about = about
            driver.state.dialog = .detail(.alert(alert), offset: 0)
            let led = driver.state.leadOfDetail
            #expect(led?.screen == lead.screen && led?.listing == lead.listing, "\(about)")
            #expect(driver.state.scope(about: alert) == scope, "\(about)")
        }
        alert.about = .key("session:giant")
        driver.state.dialog = .detail(.alert(alert), offset: 0)
        #expect(driver.state.leadOfDetail?.words == "session:giant on 3")
        driver.press(.enter)
        #expect(driver.state.screen == .keys && driver.state.keys.scope == .pattern("session:giant"))
        driver.press(.escape)
        #expect(driver.state.screen == .overview)
    }

    @Test func killBeginsOnTheAlertOfItsClients() {
        var driver = driver()
        var alert = Alert(id: .clientsHigh, level: .warning, message: "m", since: driver.now)
        alert.about = .clients("checkout-worker-*")
        driver.state.dialog = .detail(.alert(alert), offset: 0)
        driver.press(.enter)
        guard case .clientGroup(let id) = driver.state.subject else {
            Issue.record("\(driver.state.subject as Any)")
            return
        }
        #expect(id.label == "checkout-worker-*" && driver.state.clients.opened == nil)
        #expect(driver.state.killSelection == .group("checkout-worker-*", .name))
    }
}
