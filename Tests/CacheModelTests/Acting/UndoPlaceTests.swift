import CacheModel
import Support
import Testing

/// Where a journal may be brought back without a word.
@Suite struct UndoPlaceTests {
    private static let loopbacks = ["redis://localhost:6379/0", "redis://[::1]:6379/0", "unix:///run/r.sock?db=0"]

    /// A server that was seen at 1000 s and started at `startedAt`, in seconds.
    private func server(_ runID: String, startedAt: Int64, port: Int = 6379) -> ServerIdentity {
        var server = ServerIdentity(runID: runID)
        (server.startedAt, server.seenAt) = (WallTime(seconds: startedAt), WallTime(seconds: 1000))
        server.installation = ServerIdentity.Installation(
            port: port, executable: "/bin/redis", configFile: "", operatingSystem: "Linux")
        return server
    }

    private func header(_ target: String, servers: [ServerIdentity] = []) -> JournalHeader {
        JournalHeader(
            id: 1, kind: .flush, scope: "session", target: target, database: 0, runID: "8f2c", software: "",
            startedAt: Sample.takenAt, servers: servers)
    }

    private func place(_ target: String, _ server: ServerIdentity? = nil, runID: String = "another") -> UndoPlace {
        UndoPlace(target: target, database: 0, runID: runID, servers: server.map { [$0] } ?? [])
    }

    @Test(arguments: loopbacks) func anotherProcessBehindALocalNameWantsAWord(target: String) throws {
        let place = place(target)
        #expect(!place.isWhere(header(target)))
        let words = try #require(place.objection(to: header(target)))
        #expect(words.contains("--url") && words.contains("not known"))
        #expect(self.place(target, runID: "8f2c").isWhere(header(target)), "the same process")
    }

    @Test(arguments: loopbacks) func serverThatWasStartedAgainStaysOne(target: String) {
        let before = header(target, servers: [server("8f2c", startedAt: 10)])
        #expect(place(target, server("another", startedAt: 1005)).objection(to: before) == nil)
        #expect(place(target, server("another", startedAt: 1005, port: 6380)).objection(to: before) != nil)
        #expect(place(target, server("another", startedAt: 900)).objection(to: before) != nil, "it ran all the time")
    }

    /// It is what the printed command names, whatever answers there today.
    @Test(arguments: loopbacks) func namingTheJournalsOwnNameSaysNothingOfAnotherServer(target: String) throws {
        let before = header(target, servers: [server("8f2c", startedAt: 10)])
        let other = place(target, server("another", startedAt: 900))
        let words = try #require(other.objection(to: before, isNamed: true))
        #expect(words.contains("another server answers") && words.contains("--into-another-server"))
        #expect(other.objection(to: before) == words && !words.contains("--url"))
        #expect(other.objection(to: before, isNamed: true, isAnotherMeant: true) == nil)
        #expect(place(target).objection(to: before, isNamed: true) == nil, "nobody knows who it is: the name counts")
        #expect(place(target, server("another", startedAt: 1005)).objection(to: before, isNamed: true) == nil)
        let elsewhere = place("redis://cache-2:6379/0", server("another", startedAt: 900))
        #expect(elsewhere.objection(to: before, isNamed: true) == nil, "another name is a word")
        #expect(elsewhere.objection(to: before, isAnotherMeant: true)?.contains("--url") == true)
        let somebody = "redis://cache-1:6379/0"
        let replaced = place(somebody, server("another", startedAt: 900))
        let journal = header(somebody, servers: [server("8f2c", startedAt: 10)])
        #expect(replaced.objection(to: journal, isNamed: true) == nil, "that name is somebody's")
    }

    @Test func nameOfSomebodyCountsWhereTheServersDoNotSayEnough() throws {
        let target = "redis://cache-1:6379/0"
        #expect(place(target).isWhere(header(target)))
        let before = header(target, servers: [server("8f2c", startedAt: 10)])
        let other = place(target, server("another", startedAt: 900))
        #expect(!other.isWhere(before), "another server behind the same address")
        #expect(other.objection(to: before)?.contains("another server answers at redis://cache-1:6379/0") == true)
        var promoted = server("another", startedAt: 900)
        promoted.earlier = ServerIdentity.History(id: "h", offset: 77)
        var primary = server("8f2c", startedAt: 10)
        primary.history = ServerIdentity.History(id: "h", offset: 70)
        #expect(place(target, promoted).isWhere(header(target, servers: [primary])), "a fail-over")
    }

    @Test func anotherDatabaseIsAnotherPlace() {
        var elsewhere = header("redis://cache-1:6379/0")
        elsewhere.database = 5
        #expect(!place("redis://cache-1:6379/0", runID: "8f2c").isWhere(elsewhere))
    }

    /// What a head says of servers that it does not name by their run is not believed.
    @Test func identitiesBelongToTheRunsOfTheHead() {
        let before = header("redis://other:1/0", servers: [server("stranger", startedAt: 10)])
        #expect(!place("redis://cache-1:6379/0", server("stranger", startedAt: 10)).isWhere(before))
    }

    @Test func headKeepsWhoTheServersWere() throws {
        var known = server("8f2c", startedAt: 10)
        (known.nodeID, known.history) = ("n", ServerIdentity.History(id: "h", offset: 70))
        known.earlier = ServerIdentity.History(id: "g", offset: 7)
        let header = header("redis://cache-1:6379/0", servers: [known, ServerIdentity(runID: "b")])
        let payload = JournalFormat.payload(header)
        let block = JournalFormat.block(.header, sequence: 0, id: 1, payload: payload)
        let frame = try JournalFormat.frame(Array(block.prefix(JournalFormat.frameLength)), block: 0)
        #expect(try JournalFormat.header(frame, payload) == header)
    }
}

/// What an undo may call whole.
@Suite struct UndoReceiptTests {
    @Test func nothingIsWholeThatMayLackKeys() {
        var receipt = Sample.undoReceipt()
        #expect(receipt.isWhole)
        receipt.journalIsWhole = false
        #expect(!receipt.isWhole)
        (receipt.journalIsWhole, receipt.damagedBlocks) = (true, 1)
        #expect(!receipt.isWhole)
    }

    @Test func damageIsNotCalledWholeAndItsKeysAreCounted() {
        var receipt = Sample.undoReceipt()
        func words() -> String { OperationWords.receipt(receipt, isDryRun: false).joined(separator: "\n") }
        receipt.journalIsWhole = false
        #expect(words().contains("no end") && words().contains("what it holds is whole"))
        receipt.damagedBlocks = 2
        #expect(words().contains("2 damaged blocks were passed over: how many keys were in them nobody knows"))
        #expect(!words().contains("whole"))
        (receipt.journalIsWhole, receipt.lostKeys) = (true, 640)
        #expect(words().contains("640 keys in them are lost") && !words().contains("whole"))
    }

    /// A damaged block may have said what was not removed.
    @Test func whatMayBeRevivedIsSaid() {
        var receipt = Sample.undoReceipt()
        func words() -> String { OperationWords.receipt(receipt, isDryRun: false).joined(separator: "\n") }
        #expect(!words().contains("may be back"))
        (receipt.damagedBlocks, receipt.lostKeys) = (1, 0)
        #expect(words().contains("what others deleted meanwhile may be back"))
        receipt.damagedBlocks = 0
        receipt.inDoubt = 12
        #expect(
            words().contains("of 12 nobody knows whether they were removed: what was deleted by others may be back"))
        (receipt.inDoubt, receipt.areLastInDoubt) = (0, true)
        #expect(words().contains("of the last ones nobody knows whether they were removed"))
    }

    @Test func repairThatCannotBeUndoneDoesNotPromiseIt() {
        var receipt = RepairReceipt(scope: .namespace("session"))
        (receipt.given, receipt.undo, receipt.undoObjection) = (3, "cachewatch undo j", "no permissions to run 'eval'")
        #expect(OperationWords.receipt(receipt).contains { $0.contains("another user") && $0.contains("'eval'") })
        var plan = Sample.repairPlan("session")
        #expect(!OperationWords.plan(plan).contains { $0.contains("another user") })
        plan.undoObjection = "no permissions to run 'eval'"
        #expect(OperationWords.plan(plan).contains { $0.contains("another user") && $0.contains("'eval'") })
    }

    @Test func whatTheServerWouldRefuseIsNotPromised() {
        var receipt = Sample.undoReceipt()
        receipt.objection = "no permissions to run 'restore'"
        #expect(!receipt.canRestore && !receipt.isWhole)
        #expect(OperationWords.receipt(receipt, isDryRun: true).contains { $0.contains("would refuse it: no perm") })
        var flushed = Sample.flushReceipt("session")
        flushed.undoObjection = "no permissions to run 'restore'"
        #expect(OperationWords.receipt(flushed).contains { $0.contains("another user") && $0.contains("'restore'") })
    }
}
