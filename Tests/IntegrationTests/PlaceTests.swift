import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Undo behind a name that is nobody's.
@Suite struct PlaceTests {
    /// Where a link leads, as a tunnel's other end.
    private func lead(_ link: String, to server: RedisServer) throws {
        try? FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: server.socket)
    }

    /// What was seen of one deployment's keys says nothing of another's, and what was revoked there is not missed here.
    @Test func layoutAndLedgerAreOfWhoWasThere() async throws {
        let (here, there) = (try RedisServer(), try RedisServer())
        try here.cli("SET", "blacklist:token:f47ac10b-58cc-4372-a567-0e02b2c3d479", "{}", "EX", "1000")
        try there.cli("SET", "token:blacklist:one", "{}", "EX", "1000")
        let link = here.folder.path + "/tunnel"
        try lead(link, to: here)
        let operations = try operations(here, url: "unix://" + link)
        let collector = SnapshotCollector(settings: try settings("unix://" + link), ledger: operations.ledger)
        func revoke(_ id: String) async throws -> [BlacklistLayout] {
            try await operations.revoke(RevocationRequest(tokens: [TokenInput(id: id)]))[0].layouts
        }
        #expect(try await revoke("a") == [.deployed])
        #expect(await collector.collect().revocations == RevocationCheck(watched: 1, lost: []))
        // The tunnel breaks, and leads elsewhere from then on.
        try lead(link, to: there)
        try here.cli("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        let port = there.port
        await eventually("the other one answers") {
            await collector.collect().nodes[0].info?.server.tcpPort == port
        }
        #expect(await collector.collect().revocations == RevocationCheck(watched: 0, lost: []))
        #expect(try await operations.rewriteLost().isEmpty)
        #expect(try there.cli("DBSIZE").hasPrefix("1"), "nothing of the first one is written here")
        #expect(try await revoke("b") == [.documented])
        #expect(try await operations.blacklistLayout().layout == .documented)
        #expect(await collector.collect().revocations == RevocationCheck(watched: 1, lost: []))
        // And back, where its own is missed.
        try lead(link, to: here)
        try there.cli("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        try here.cli("DEL", "blacklist:token:\(TokenID.uuid(for: "a"))")
        await eventually("the first one answers again") {
            await collector.collect().revocations?.lost == ["a"]
        }
        #expect(try await operations.blacklistLayout().layout == .deployed)
        await collector.close()
        await operations.close()
    }

    private func flushed(_ server: RedisServer, _ operations: CacheOperations) async throws -> String {
        try server.cli("SET", "session:1", "x")
        let plan = try await operations.plan(flush: "session", pace: .fast, control: SweepControl())
        let receipt = try await operations.flush(
            plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .fast, control: SweepControl())
        return try #require(receipt.journal)
    }

    @Test func serverThatWasStartedAgainIsUndoneUnasked() async throws {
        let server = try RedisServer()
        let operations = try operations(server)
        let journal = try await flushed(server, operations)
        server.stop()
        try server.restart()
        let undone = try await operations.undo(journal, control: SweepControl())
        #expect(undone.restored == 1 && undone.place?.isWhere(undone.header) == true, "\(undone)")
    }

    /// A tunnel leads elsewhere now: the same name, another server.
    @Test func anotherServerBehindTheSameNameWantsAWord() async throws {
        let (here, there) = (try RedisServer(), try RedisServer())
        let link = here.folder.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: here.socket)
        let journal = try await flushed(here, try operations(here, url: "unix://" + link))
        try FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: there.socket)
        let operations = try operations(here, url: "unix://" + link)
        await #expect { try await operations.undo(journal, control: SweepControl()) } throws: {
            "\($0)".contains("another server answers")
        }
        #expect(try there.cli("DBSIZE").hasPrefix("0"))
        let named = try await operations.undo(
            journal, UndoChoices(isTargetNamed: true), control: SweepControl())
        #expect(named.restored == 1)
    }
}
