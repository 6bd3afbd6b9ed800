import CacheModel
import Support
import Testing

@Suite struct AlertEngineTests {
    @Test func aHealthyNodeRaisesNothing() {
        var script = AlertScript(immediate: true)
        for second in 0..<400 { script.at(second) }
        #expect(script.changes.isEmpty && script.engine.raised.isEmpty && script.engine.past.isEmpty)
    }

    @Test func aConditionMustHoldBeforeItIsRaised() {
        var script = AlertScript()
        for second in 0..<10 { #expect(script.at(second, filled(0.8)).isEmpty) }
        let changes = script.at(10, filled(0.8))
        guard case .raised(let alert)? = changes.first else {
            Issue.record("nothing raised")
            return
        }
        #expect(alert.id == .memoryHigh && alert.level == .warning && alert.value == 0.8)
        #expect(alert.since.seconds == Sample.takenAt.seconds && alert.node == "cache-1:6379")
        #expect(script.at(11, filled(0.8)).isEmpty)
    }

    @Test func aBreakStartsTheHoldAnew() {
        var script = AlertScript()
        for second in 0..<9 { script.at(second, filled(0.8)) }
        script.at(9)
        for second in 10..<20 { #expect(script.at(second, filled(0.8)).isEmpty) }
        #expect(script.at(20, filled(0.8)).count == 1)
    }

    @Test func anAlertThatStandsIsNotClearedJustBelowItsThreshold() {
        var script = AlertScript(immediate: true)
        script.at(0, filled(0.76))
        for second in 1..<60 { script.at(second, filled(0.74)) }
        #expect(script.raised(.memoryHigh) != nil && script.changes.count == 1)
        var fresh = AlertScript(immediate: true)
        fresh.at(0, filled(0.74))
        #expect(fresh.raised(.memoryHigh) == nil)
    }

    @Test func clearingTakesAWhileAndGoesToThePast() {
        var script = AlertScript(immediate: true)
        script.at(0, filled(0.8))
        for second in 1..<10 { #expect(script.at(second).isEmpty) }
        let cleared = script.at(10)
        guard case .cleared(let alert)? = cleared.first else {
            Issue.record("not cleared")
            return
        }
        #expect(alert.clearedAt?.seconds == Sample.takenAt.seconds + 10)
        #expect(script.engine.raised.isEmpty && script.engine.past == [alert])
    }

    @Test func theLevelChangesWithoutANewAlert() {
        var script = AlertScript(immediate: true)
        script.at(0, filled(0.8))
        guard case .changed(let worse)? = script.at(1, filled(0.95)).first else {
            Issue.record("no change")
            return
        }
        #expect(worse.level == .critical && worse.since.seconds == Sample.takenAt.seconds)
        #expect(script.at(2, filled(0.88)).isEmpty, "within the hysteresis of critical")
        #expect(script.at(3, filled(0.80)).count == 1)
        #expect(script.raised(.memoryHigh)?.level == .warning)
    }

    @Test func criticalComesFirstThenTheNewest() {
        var script = AlertScript(immediate: true)
        script.at(0, filled(0.8))
        script.at(
            1,
            changed {
                $0.info?.memory = filled(0.8).info!.memory; $0.info?.clients.connected = 8_500
            })
        script.at(
            2,
            changed {
                $0.info?.memory = filled(0.8).info!.memory
                $0.info?.clients.connected = 8_500
                $0.info?.persistence.lastSaveSucceeded = false
            })
        #expect(script.engine.raised.map(\.id) == [.persistenceFailing, .clientsHigh, .memoryHigh])
    }

    @Test func anUnreachableNodeKeepsItsOtherAlerts() {
        var script = AlertScript(immediate: true)
        script.at(0, filled(0.95))
        for second in 1..<100 { script.at(second, Sample.unreachable.nodes[0]) }
        #expect(Set(script.engine.raised.map(\.id)) == [.unreachable, .memoryHigh])
    }

    @Test func anOutageStartsTheHoldAnew() {
        var script = AlertScript()
        for second in 0..<5 { script.at(second, filled(0.8)) }
        for second in 5..<60 { script.at(second, Sample.unreachable.nodes[0]) }
        for second in 60..<70 { script.at(second, filled(0.8)) }
        #expect(script.raised(.memoryHigh) == nil)
        script.at(70, filled(0.8))
        #expect(script.raised(.memoryHigh) != nil)
    }

    @Test func nodesHaveAlertsOfTheirOwnAndTakeThemAlong() {
        var script = AlertScript(immediate: true)
        var other = filled(0.95)
        other.address = "cache-2:6379"
        script.at(0, nodes: [filled(0.95), other])
        #expect(Set(script.engine.raised.map(\.node)) == ["cache-1:6379", "cache-2:6379"])
        let changes = script.at(1, nodes: [filled(0.95)])
        #expect(changes.count == 1 && script.engine.raised.map(\.node) == ["cache-1:6379"])
        #expect(script.engine.past.map(\.node) == ["cache-2:6379"])
    }

    @Test func thePastIsBounded() {
        var script = AlertScript(immediate: true, thresholds: thresholds { $0.clear = 0 })
        for second in 0..<500 { script.at(second, second.isMultiple(of: 2) ? filled(0.95) : Sample.node()) }
        #expect(script.engine.past.count == 100)
    }

    @Test func evidenceIsThatOfTheInstant() throws {
        var script = AlertScript(immediate: true)
        script.at(0, Sample.full.nodes[0])
        script.at(1, Sample.node())
        let evidence = try #require(script.raised(.memoryHigh)).evidence.joined(separator: "\n")
        #expect(evidence.contains("KEYS product:*") && evidence.contains("GET, calls since start: 91,204,511"))
        #expect(evidence.contains("clients: 4,120") && evidence.contains("5,012,345"))
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300, -1]) func absurdSettingsDoNotTrap(value: Double) {
        var thresholds = AlertThresholds()
        for field in AlertThresholds.fields { thresholds[keyPath: field.keyPath] = value }
        var script = AlertScript(thresholds: thresholds)
        for second in 0..<30 {
            script.at(second, second.isMultiple(of: 3) ? Sample.hostile.nodes[0] : Sample.full.nodes[0])
        }
        #expect(script.engine.raised.allSatisfy { !$0.message.isEmpty })
    }

    @Test func hostileNumbersDoNotTrap() {
        var script = AlertScript(immediate: true)
        for second in 0..<700 { script.at(second, Sample.hostile.nodes[0]) }
        #expect(script.raised(.memoryHigh)?.level == .critical)
    }

    @Test func everyThresholdHasOneName() {
        let names = AlertThresholds.fields.map(\.name)
        #expect(Set(names).count == names.count && names.contains("memory_warning"))
        var thresholds = AlertThresholds()
        for field in AlertThresholds.fields {
            thresholds[keyPath: field.keyPath] = -7
            #expect(thresholds[keyPath: field.keyPath] == -7 && thresholds != AlertThresholds())
        }
    }
}

private func thresholds(_ change: (inout AlertThresholds) -> Void) -> AlertThresholds {
    var thresholds = AlertThresholds()
    change(&thresholds)
    return thresholds
}

@Suite struct HealthStatusTests {
    @Test(
        arguments: [
            (Sample.healthy, HealthStatus.ok, 0), (Sample.busy, .warning, 1), (Sample.full, .critical, 2),
            (Sample.unreachable, .critical, 2), (Sample.replica, .critical, 2), (Sample.denied, .ok, 0),
        ] as [(Snapshot, HealthStatus, Int32)]) func theVerdictFollowsTheAlerts(
            snapshot: Snapshot, expected: HealthStatus, exit: Int32
        )
    {
        let status = HealthStatus(snapshot, alerts: Sample.alerts(of: snapshot))
        #expect(status == expected && status.exitStatus == exit)
    }

    @Test func nothingSeenIsUnknown() {
        #expect(HealthStatus(Sample.unreachable, alerts: []) == .unknown && HealthStatus.unknown.exitStatus == 3)
    }
}
