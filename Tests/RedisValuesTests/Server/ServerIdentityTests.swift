import RedisValues
import Testing

/// Who answers under a name, for all who have to know.
@Suite struct ServerIdentityTests {
    /// A server that has run for ten minutes at 1000 s of its clock, as the others here change it.
    private func server(_ runID: String?, _ change: (inout ServerIdentity) -> Void = { _ in }) -> ServerIdentity {
        var server = ServerIdentity(runID: runID)
        server.seenAt = WallTime(seconds: 1000)
        server.startedAt = WallTime(seconds: 400)
        server.uptime = 600
        server.history = ServerIdentity.History(id: "h", offset: 500)
        server.installation = ServerIdentity.Installation(
            port: 6379, executable: "/usr/bin/redis-server", configFile: "/etc/redis.conf", operatingSystem: "Linux 6")
        change(&server)
        return server
    }

    /// An hour later.
    private func later(
        _ runID: String?, startedAt: Int64, _ change: (inout ServerIdentity) -> Void = { _ in }
    ) -> ServerIdentity {
        server(runID) {
            $0.seenAt = WallTime(seconds: 4600)
            $0.startedAt = WallTime(seconds: startedAt)
            $0.uptime = Int(4600 - startedAt)
            $0.history = ServerIdentity.History(id: "other", offset: 9000)
            change(&$0)
        }
    }

    private var before: ServerIdentity { server("a") }

    @Test func theSameRunIsTheSameProcess() {
        #expect(later("a", startedAt: 400).relation(to: before) == .sameProcess)
        #expect(!later("a", startedAt: 400).isOtherProcess(than: before))
    }

    @Test func whatWasStartedSinceFromTheSamePlaceIsTheSameServer() {
        #expect(later("b", startedAt: 1200).relation(to: before) == .restarted)
        #expect(later("b", startedAt: 999).relation(to: before) == .restarted, "right to a second")
    }

    /// A rack that comes up after a power cut starts its servers together: two of the same port are two servers.
    @Test func whatWasStartedTogetherIsAnother() {
        #expect(later("b", startedAt: 997).relation(to: before) == .another)
        #expect(later("b", startedAt: 996).relation(to: before) == .another)
    }

    /// It cannot have been started again, for it was there all the time.
    @Test func whatHasRunAllTheTimeIsAnother() {
        #expect(later("b", startedAt: 900).relation(to: before) == .another)
        #expect(later("b", startedAt: -1_000_000).relation(to: before) == .another)
    }

    @Test func anotherPortOrProgramIsAnother() {
        #expect(later("b", startedAt: 1200) { $0.installation?.port = 6380 }.relation(to: before) == .another)
        #expect(later("b", startedAt: 1200) { $0.installation?.configFile = "" }.relation(to: before) == .another)
    }

    @Test func whoHasTheHistoryOfTheDatasetIsItsSuccessor() {
        let promoted = later("b", startedAt: 10) { $0.earlier = ServerIdentity.History(id: "h", offset: 501) }
        #expect(promoted.relation(to: before) == .successor)
        #expect(promoted.isOtherProcess(than: before))
        let replica = later("b", startedAt: 10) { $0.history = ServerIdentity.History(id: "h", offset: 700) }
        #expect(replica.relation(to: before) == .successor)
        // A copy that was made of a dump of before.
        let copy = later("b", startedAt: 10) { $0.earlier = ServerIdentity.History(id: "h", offset: 499) }
        #expect(copy.relation(to: before) == .another)
    }

    @Test func aNodesIdOutlivesItsRun() {
        let node = server("a") { $0.nodeID = "n" }
        #expect(later("b", startedAt: 1200) { $0.nodeID = "n" }.relation(to: node) == .restarted)
        #expect(later("b", startedAt: 1200) { $0.nodeID = "m" }.relation(to: node) == .another)
    }

    @Test func whoDoesNotSayEnoughIsNotKnown() {
        #expect(ServerIdentity(runID: "b").relation(to: before) == .unknown)
        #expect(ServerIdentity(runID: "b").isOtherProcess(than: before), "another run all the same")
        #expect(server(nil).relation(to: before) == .unknown)
        #expect(later(nil, startedAt: 4500).relation(to: server(nil)) == .restarted, "its uptime fell")
        #expect(!later(nil, startedAt: 400).isOtherProcess(than: server(nil)))
    }

    @Test func itIsReadFromWhatAServerSays() {
        let info = InfoParser.parse(
            Array(
                """
                run_id:abc\r\ntcp_port:6379\r\nserver_time_usec:1000000000\r\nuptime_in_seconds:600\r
                executable:/usr/bin/redis-server\r\nconfig_file:/etc/redis.conf\r\nos:Linux 6\r
                master_replid:h\r\nmaster_repl_offset:500\r
                master_replid2:0000000000000000000000000000000000000000\r\nsecond_repl_offset:-1\r\n
                """.utf8))
        #expect(ServerIdentity(info) == server("abc"))
        var absurd = info
        (absurd.server.uptime, absurd.server.time) = (.max, WallTime(milliseconds: .min))
        #expect(ServerIdentity(absurd).startedAt == nil)
        absurd.server.uptime = -1
        _ = ServerIdentity(absurd)
    }
}
