import CacheModel
import Foundation
import NIOConcurrencyHelpers
import Recording
import Support
import Testing

@testable import CacheWatch

/// Whoever records hears of what is done as the audit has it.
@Suite struct RecordedActTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/audit.jsonl" }

    init() throws { folder = try TemporaryFolder() }

    /// What a listener has heard.
    private final class Heard: Sendable {
        private let actions = NIOLockedValueBox<[RecordedAction]>([])

        var all: [RecordedAction] { actions.withLockedValue { $0 } }
        func note(_ action: RecordedAction) { actions.withLockedValue { $0.append(action) } }
    }

    private func log(_ path: String? = nil) -> (AuditLog, Heard) {
        let log = AuditLog(
            path: path ?? self.path, actor: AuditLog.Actor(user: "alice", address: "192.0.2.7"), target: "redis://h")
        let heard = Heard()
        log.tell(heard.note)
        return (log, heard)
    }

    @Test func beginningEndAndRefusalAreTold() throws {
        let (log, heard) = log()
        let id = try log.begin("flush", scope: "session", details: [("planned_keys", .integer(3))])
        log.end(
            id, "flush", scope: "session", outcome: "done",
            details: [("removed", .integer(3)), ("continued_on", .null), ("for_good", .boolean(false))])
        log.refuse("kill", scope: "leaky-*", why: "read-only")
        let who = ["user": "alice", "ssh_client": "192.0.2.7", "server": "redis://h"]
        #expect(
            heard.all == [
                RecordedAction(
                    id: id, action: "flush", scope: "session", outcome: "begun",
                    details: who.merging(["planned_keys": "3"]) { $1 }),
                RecordedAction(
                    id: id, action: "flush", scope: "session", outcome: "done",
                    details: who.merging(["removed": "3", "for_good": "false"]) { $1 }),
                RecordedAction(
                    id: heard.all.last?.id ?? "", action: "kill", scope: "leaky-*", outcome: "refused",
                    details: who.merging(["reason": "read-only"]) { $1 }),
            ])
        #expect(
            heard.all.map(\.words) == [
                "flush session begun by alice", "flush session done: removed 3", "kill leaky-* refused: read-only",
            ])
        #expect(heard.all.last.map { !$0.id.isEmpty && $0.id != id } == true)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == heard.all.count)
        log.tell(nil)
        log.refuse("kill", scope: "leaky-*", why: "read-only")
        #expect(heard.all.count == 3)
    }

    /// What cannot be noted is not begun, and is not told to have been; what has ended is told whatever the file takes.
    @Test func whatTheFileDoesNotTakeIsToldAsItWas() throws {
        let (log, heard) = log("/dev/full")
        #expect(throws: CacheError.self) { try log.begin("flush", scope: "session") }
        #expect(heard.all.isEmpty)
        log.end("1", "flush", scope: "session", outcome: "stopped")
        #expect(heard.all.map(\.outcome) == ["stopped"] && log.takeLapse() != nil)
    }

    @Test func elementsOfAListStandOneAfterTheOther() throws {
        let (log, heard) = log()
        _ = try log.begin("revoke", scope: "2 tokens", details: [("token_ids", JSONValue(["a-1", "a-2"]))])
        #expect(heard.all.first?.details["token_ids"] == "a-1, a-2")
    }
}
