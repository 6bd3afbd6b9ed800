import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Undo behind a name that is nobody's.
@Suite struct PlaceTests {
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
        // The printed command names the journal's own name, and so does whoever pastes it: that says nothing.
        await #expect {
            try await operations.undo(journal, UndoChoices(isTargetNamed: true), control: SweepControl())
        } throws: { "\($0)".contains("another server answers") && "\($0)".contains("--into-another-server") }
        #expect(try there.cli("DBSIZE").hasPrefix("0"))
        let meant = try await operations.undo(
            journal, UndoChoices(isTargetNamed: true, isAnotherMeant: true), control: SweepControl())
        #expect(meant.restored == 1)
    }
}
