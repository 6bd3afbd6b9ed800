import CacheModel
import Support
import Testing

private func look(_ node: NodeSnapshot) -> AlertScript {
    var script = AlertScript(immediate: true)
    script.at(0, node)
    return script
}

@Suite struct DurabilityAlertTests {
    @Test func aBrokenLinkIsCritical() throws {
        let alert = try #require(look(Sample.replica.nodes[0]).raised(.replicationBroken))
        #expect(alert.level == .critical && alert.message == "Replication link to cache-1 is down for 1 min 14 s")
        #expect(alert.value == 74)
    }

    @Test func aLaggingReplicaIsAWarning() throws {
        let node = changed { $0.info?.replication.replicas[0].lag = .seconds(14) }
        let alert = try #require(look(node).raised(.replicationBroken))
        #expect(alert.level == .warning && alert.message.contains("10.0.0.6:6379") && alert.value == 14)
    }

    @Test func aReplicaThatGoesAwayIsNoticed() throws {
        var script = AlertScript(immediate: true)
        script.at(0)
        let alone = changed {
            $0.info?.replication.connectedReplicas = 0
            $0.info?.replication.replicas = []
        }
        script.at(1, alone)
        #expect(try #require(script.raised(.replicationBroken)).message == "Replicas lost: 1 (10.0.0.6:6379)")
        for second in 2..<320 { script.at(second, alone) }
        #expect(script.raised(.replicationBroken) == nil, "who removed it on purpose need not hear of it for ever")
    }

    @Test func aPrimaryThatNeverHadReplicasIsFine() {
        let node = changed {
            $0.info?.replication.connectedReplicas = 0
            $0.info?.replication.replicas = []
        }
        #expect(look(node).engine.raised.isEmpty)
    }

    @Test func failedSavesAreCriticalAndLongForksAWarning() {
        let save = look(changed { $0.info?.persistence.lastSaveSucceeded = false })
        #expect(save.raised(.persistenceFailing)?.level == .critical)
        let append = look(changed { $0.info?.persistence.lastAppendWriteSucceeded = false })
        #expect(append.raised(.persistenceFailing)?.level == .critical)
        let rewrite = look(changed { $0.info?.persistence.lastRewriteSucceeded = false })
        #expect(rewrite.raised(.persistenceFailing)?.level == .warning)
        let fork = look(changed { $0.info?.stats.latestFork = .milliseconds(600) })
        #expect(fork.raised(.persistenceFailing)?.level == .warning)
        let shortFork = look(changed { $0.info?.stats.latestFork = .milliseconds(400) })
        #expect(shortFork.engine.raised.isEmpty)
    }

    @Test func aRestartIsCriticalForFiveMinutes() {
        var script = AlertScript()
        let reborn = changed {
            $0.info?.server.runID = "another"
            $0.info?.server.uptime = 2
        }
        script.at(0)
        script.at(1, reborn)
        #expect(script.raised(.restarted)?.level == .critical)
        for second in 2..<330 { script.at(second, reborn) }
        #expect(script.raised(.restarted) == nil && script.engine.past.map(\.id) == [.restarted])
    }

    /// Behind a shared address another server answers, which has run for twelve days: nothing was started again.
    @Test func anotherServerIsNotCalledRestarted() throws {
        var script = AlertScript()
        script.at(0, changed { $0.info?.replication.connectedReplicas = 2 })
        script.at(
            1,
            changed {
                $0.info?.server.runID = "another"
                $0.info?.replication.connectedReplicas = 0
            })
        let alert = try #require(script.raised(.restarted))
        #expect(alert.level == .warning && alert.message == "Another server answers at this address, up for 12 d")
        for second in 2..<5 {
            script.at(
                second,
                changed {
                    $0.info?.server.runID = "another"
                    $0.info?.replication.connectedReplicas = 0
                })
        }
        #expect(script.raised(.replicationBroken) == nil, "it has lost no replicas")
    }

    @Test func aRestartBetweenTwoOutagesIsNoticed() {
        var script = AlertScript()
        script.at(0)
        for second in 1..<20 { script.at(second, Sample.unreachable.nodes[0]) }
        script.at(20, changed { $0.info?.server.runID = "another" })
        #expect(script.raised(.restarted) != nil && script.raised(.unreachable) == nil)
    }

    @Test func aClockSetBackIsNoRestart() {
        var script = AlertScript()
        script.at(0)
        script.at(1, changed { $0.info?.server.uptime = 7 })
        #expect(script.engine.raised.isEmpty)
    }

    @Test func anEmptiedCacheIsCriticalUntilItFills() throws {
        var script = AlertScript()
        script.at(0)
        script.at(1, changed { $0.keys = 0 })
        let alert = try #require(script.raised(.datasetLost))
        #expect(alert.level == .critical && alert.remedy[0].contains("Revoked tokens are valid again"))
        for second in 2..<20 { script.at(second) }
        #expect(script.raised(.datasetLost) == nil)
    }

    /// Behind the address is another server, which holds nothing: nothing is lost.
    @Test func anotherServerThatIsEmptyHasLostNothing() {
        var script = AlertScript()
        script.at(0)
        for second in 1..<5 {
            script.at(
                second,
                changed {
                    $0.keys = 0
                    $0.info?.server.runID = "another"
                })
        }
        #expect(script.raised(.datasetLost) == nil)
    }

    @Test func aCacheThatWasEmptyAllAlongIsFine() {
        var script = AlertScript()
        for second in 0..<5 { script.at(second, changed { $0.keys = 0 }) }
        #expect(script.engine.raised.isEmpty)
    }
}

@Suite struct AccessAlertTests {
    @Test func twoFailedProbesAreUnreachable() throws {
        var script = AlertScript()
        script.at(0, Sample.unreachable.nodes[0])
        #expect(script.engine.raised.isEmpty)
        script.at(1, Sample.unreachable.nodes[0])
        let alert = try #require(script.raised(.unreachable))
        #expect(alert.message == "Unreachable: connection refused" && alert.level == .critical)
        #expect(alert.remedy == ["Check Redis is running and URL is correct."])
        script.at(2)
        #expect(script.engine.raised.isEmpty, "an answer clears it at once")
    }

    @Test func failuresWithAnAnswerInBetweenAreNot() {
        var script = AlertScript()
        for second in 0..<10 {
            script.at(second, second.isMultiple(of: 2) ? Sample.unreachable.nodes[0] : Sample.node())
        }
        #expect(script.changes.isEmpty)
    }

    @Test func aSingleLookNeedsNoSecondProbe() {
        #expect(look(Sample.unreachable.nodes[0]).raised(.unreachable) != nil)
    }

    @Test func deniedAccessNamesItsKinds() throws {
        let node = changed { $0.rates?.errors = ["WRONGPASS": 2, "NOPERM": 0.5, "ERR": 9] }
        let alert = try #require(look(node).raised(.accessDenied))
        #expect(alert.message == "Access denied: WRONGPASS 2.0/s, NOPERM 0.5/s" && alert.value == 2.5)
        let quiet = look(changed { $0.rates?.errors = ["NOPERM": 0] })
        #expect(quiet.engine.raised.isEmpty)
    }

    @Test(arguments: [
        ("cache-1:6379", Alert.Level.warning), ("10.0.0.5:6379", .warning), ("127.0.0.1:6379", .info),
        ("localhost:6379", .info), ("[::1]:6379", .info), ("/run/redis.sock", .info),
    ]) func anOpenDefaultUserMattersOnTheNetwork(address: String, level: Alert.Level) {
        let node = changed {
            $0.address = address
            $0.defaultUserOpen = true
        }
        #expect(look(node).raised(.noPassword)?.level == level)
    }
}
