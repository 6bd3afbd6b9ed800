import CacheModel
import Foundation
import Support
import NIOConcurrencyHelpers
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

@Suite struct FlushTests {
    /// Says little when it fails: a keyspace is long.
    private static func same(_ left: [[UInt8]: KeyspaceImage.Key], _ right: [[UInt8]: KeyspaceImage.Key]) -> Bool {
        left.count == right.count && left.allSatisfy { right[$0.key]?.digest == $0.value.digest }
    }

    private func flush(
        _ operations: CacheOperations, _ namespace: String, journal: JournalChoice = .automatic,
        pace: SweepPace = .fast, control: SweepControl = SweepControl(), readmits: Bool = false,
        tell: @escaping @Sendable (OperationProgress) -> Void = { _ in }
    ) async throws -> FlushReceipt {
        let plan = try await operations.plan(flush: namespace, pace: pace, control: SweepControl())
        return try await operations.flush(
            plan, FlushConfirmation(typed: namespace, readmits: readmits), journal: journal, pace: pace,
            control: control, tell: tell)
    }

    @Test(arguments: RedisServer.Software.allCases)
    func exactlyTheNamespaceGoesAndComesBack(_ software: RedisServer.Software) async throws {
        let server = try RedisServer(RedisServer.debugging(software), software: software)
        _ = try KnownKeyspace(on: server, keys: 10_000)
        let before = try await KeyspaceImage(of: server)
        let doomed = before.keys(where: isSession)
        let operations = try operations(server)
        let plan = try await operations.plan(flush: "session", pace: .fast, control: SweepControl())
        #expect(plan.keys == doomed.count)
        #expect(plan.namesakes == ["session"])
        #expect(plan.parts.map(\.prefix).sorted() == ["session/", "session:"])
        let sum = try server.cli(
            "EVAL",
            "local s=0 for _,g in ipairs({'session:*','session/*'}) do for _,k in ipairs(redis.call('KEYS',g)) do s=s+redis.call('MEMORY','USAGE',k) end end return s",
            "0")
        #expect(plan.bytes == Int(sum.trimmingCharacters(in: .whitespacesAndNewlines)))

        let receipt = try await flush(operations, "session")
        #expect(receipt.isWhole)
        #expect(receipt.removed == doomed.count && receipt.vanished == 0)
        #expect(receipt.journalKeys == doomed.count)
        let after = try await KeyspaceImage(of: server)
        #expect(Self.same(after.keys, before.keys(where: { !isSession($0) })))

        let journal = try #require(receipt.journal)
        let mode = try FileManager.default.attributesOfItem(atPath: journal)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let dry = try await operations.undo(
            journal, UndoChoices(isDryRun: true), pace: .fast, control: SweepControl())
        #expect(dry.restored == doomed.count)
        #expect(try await KeyspaceImage(of: server).keys.count == after.keys.count)
        // Another file came in its place since it was looked at.
        var looked = UndoChoices(isTargetNamed: true)
        (looked.journal, looked.place) = (dry.header.id &+ 1, dry.place)
        await #expect { try await operations.undo(journal, looked, control: SweepControl()) } throws: {
            "\($0)".contains("another journal than when it was looked at")
        }
        #expect(try await KeyspaceImage(of: server).keys.count == after.keys.count)
        looked.journal = dry.header.id
        let undone = try await operations.undo(journal, looked, pace: .fast, control: SweepControl())
        #expect(undone.isWhole && undone.journalIsWhole)
        #expect(undone.restored == doomed.count && undone.verified == doomed.count)
        let restored = try await KeyspaceImage(of: server)
        #expect(Self.same(restored.keys, before.keys))
        for (key, image) in doomed {
            let lifetime = try #require(restored.keys[key]?.lifetime)
            // The tests' machine may be slow, but time passes alike for both.
            #expect(image.lifetime < 0 ? lifetime < 0 : abs(image.lifetime - lifetime) < 60_000 && lifetime > 0)
        }
        await operations.close()
    }

    @Test func aliasesGoTogether() async throws {
        let server = try RedisServer(RedisServer.debugging(.installed))
        _ = try KnownKeyspace(on: server, keys: 2000)
        let operations = try operations(server)
        let before = try await KeyspaceImage(of: server)
        let receipt = try await flush(operations, "token:blacklist", readmits: true)
        let prefixes = ["token:blacklist:", "blacklist:token:", "blacklist:user:"]
        let doomed = before.keys { key in prefixes.contains { key.begins(with: $0) } }
        #expect(receipt.removed == doomed.count && doomed.count > 50)
        let after = try await KeyspaceImage(of: server)
        #expect(after.keys.count == before.keys.count - doomed.count)
    }

    @Test func prefixesAreTakenLiterally() async throws {
        let server = try RedisServer()
        for key in ["a*b:1", "aXb:1", "a*b:2", "[x]:1", "x:1"] { try server.cli("SET", key, "v") }
        let operations = try operations(server) {
            $0.namespaces = [
                NamespaceRule(name: "star", prefixes: ["a*b"]), NamespaceRule(name: "class", prefixes: ["[x]"]),
            ]
        }
        #expect(try await flush(operations, "star").removed == 2)
        #expect(try await flush(operations, "class").removed == 1)
        #expect(try server.cli("KEYS", "*").split(separator: "\n").sorted() == ["aXb:1", "x:1"])
    }

    @Test func timeGoesOnWhileKeysAreAway() async throws {
        let server = try RedisServer()
        try server.cli("SET", "session:long", "a", "PX", "500000")
        try server.cli("SET", "session:short", "b", "PX", "3000")
        try server.cli("SET", "session:never", "c")
        try server.cli("SET", "session:again", "d", "PX", "500000")
        let operations = try operations(server)
        let receipt = try await flush(operations, "session")
        #expect(receipt.removed == 4)
        try server.cli("SET", "session:again", "new")
        let began = ContinuousClock.now
        try eventually("its time has passed") { () throws -> Bool in ContinuousClock.now - began > .milliseconds(3200) }
        let undone = try await operations.undo(try #require(receipt.journal), control: SweepControl())
        #expect(undone.restored == 2 && undone.verified == 2)
        #expect(undone.expired == 1)
        #expect(undone.existing == 1)
        #expect(try server.cli("GET", "session:again").contains("new"))
        let left = try #require(
            Int(try server.cli("PTTL", "session:long").trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(left < 499_001 && left > 400_000)
        #expect(try server.cli("TTL", "session:never").hasPrefix("-1"))
        let replaced = try await operations.undo(
            try #require(receipt.journal), UndoChoices(replaces: true), control: SweepControl())
        #expect(replaced.restored == 3 && replaced.existing == 0)
        #expect(try server.cli("GET", "session:again").hasPrefix("d"))
    }

    /// Some servers crash when a key that somebody waits for is written by a connection with NO-TOUCH.
    @Test(arguments: RedisServer.Software.allCases)
    func aListThatSomebodyWaitsForIsPutBack(_ software: RedisServer.Software) async throws {
        let server = try RedisServer(software: software)
        try server.cli("RPUSH", "session:queue", "one", "two")
        let operations = try operations(server)
        let receipt = try await flush(operations, "session")
        #expect(receipt.removed == 1)
        let waiter = try Child(["redis-cli", "-s", server.socket, "BLPOP", "session:queue", "0"])
        try eventually("it waits") { try server.cli("INFO", "clients").contains("blocked_clients:1") }
        let undone = try await operations.undo(try #require(receipt.journal), control: SweepControl())
        #expect(undone.restored == 1, "\(undone)")
        #expect(waiter.wait() == 0)
        #expect(try server.cli("LRANGE", "session:queue", "0", "-1").contains("two"))
        await operations.close()
    }

    @Test func undoWorksIntoAnotherServer() async throws {
        let installed = try RedisServer(RedisServer.debugging(.installed))
        // Valkey reads what Redis has written up to version 7.2.
        let here =
            try installed.version() < (7, 4)
            ? installed : RedisServer(RedisServer.debugging(.redis62), software: .redis62)
        let there = try RedisServer(RedisServer.debugging(.valkey9), software: .valkey9)
        _ = try KnownKeyspace(on: here, keys: 1000)
        let before = try await KeyspaceImage(of: here).keys(where: isSession)
        let receipt = try await flush(try operations(here), "session")
        let undone = try await operations(there).undo(
            try #require(receipt.journal), UndoChoices(isTargetNamed: true), control: SweepControl())
        #expect(undone.isWhole && undone.restored == before.count)
        #expect(try await KeyspaceImage(of: there).keys.count == before.count)
        // The other way round the values are too new; the server says so, and nothing is half written.
        try there.cli("SET", "session:new", "x")
        let later = try await flush(try operations(there), "session")
        let refused = try await operations(here).undo(
            try #require(later.journal), UndoChoices(isTargetNamed: true), control: SweepControl())
        #expect(refused.restored == 0)
        #expect(refused.failed > 0 && refused.failure?.contains("DUMP payload version") == true)
        #expect(!refused.isWhole)
    }

    @Test func cancelStopsAndTheReceiptIsTrue() async throws {
        let server = try RedisServer(RedisServer.debugging(.installed))
        _ = try KnownKeyspace(on: server, keys: 20_000)
        let before = try await KeyspaceImage(of: server)
        let operations = try operations(server)
        let control = SweepControl()
        let receipt = try await flush(operations, "product", pace: .gentle, control: control) { progress in
            if progress.done > 0 { control.cancel() }
        }
        #expect(receipt.outcome == .cancelled)
        let after = try await KeyspaceImage(of: server)
        #expect(receipt.removed > 0)
        #expect(after.keys.count == before.keys.count - receipt.removed)
        let undone = try await operations.undo(try #require(receipt.journal), control: SweepControl())
        // What was journalled and not removed is there still.
        #expect(undone.restored == receipt.removed)
        #expect(undone.restored + undone.existing == receipt.journalKeys)
        #expect(undone.journalIsWhole)
        #expect(Self.same(try await KeyspaceImage(of: server).keys, before.keys))
    }

    /// Somebody makes the server a replica in the middle: nothing more is sent.
    @Test func aServerThatIsNoPrimaryAnyMoreIsLeftAlone() async throws {
        let server = try RedisServer(RedisServer.debugging(.installed))
        _ = try KnownKeyspace(on: server, keys: 20_000)
        let before = try await KeyspaceImage(of: server)
        let operations = try operations(server)
        let demoted = NIOLockedValueBox(false)
        let receipt = try await flush(operations, "product", pace: .gentle) { progress in
            guard progress.done > 0, !demoted.withLockedValue({ $0 }) else { return }
            demoted.withLockedValue { $0 = true }
            _ = try? server.cli("REPLICAOF", "127.0.0.1", "1")
        }
        guard case .stopped(let words) = receipt.outcome else {
            Issue.record("\(receipt.outcome)")
            return
        }
        #expect(words.contains("no primary any more") || words.contains("READONLY"), "\(words)")
        try server.cli("REPLICAOF", "NO", "ONE")
        let after = try await KeyspaceImage(of: server)
        // Its notes of what it has removed could not be taken away from a replica.
        let (ours, theirs) = (
            after.keys { $0.begins(with: RemovalMarks.prefix) }, after.keys { !$0.begins(with: RemovalMarks.prefix) }
        )
        #expect(theirs.count == before.keys.count - receipt.removed)
        #expect(receipt.removed > 0 && receipt.removed < before.keys.count)
        #expect(ours.count == 2)
        let undone = try await operations.undo(try #require(receipt.journal), control: SweepControl())
        #expect(undone.restored == receipt.removed && undone.inDoubt == 0, "\(undone)")
        #expect(Self.same(try await KeyspaceImage(of: server).keys, before.keys), "and they are gone with the undo")
    }

    @Test func aPlanForAnotherProcessIsRefused() async throws {
        let server = try RedisServer()
        try server.cli("SET", "session:1", "x")
        let operations = try operations(server)
        let plan = try await operations.plan(flush: "session", pace: .fast, control: SweepControl())
        server.stop()
        try server.restart()
        try server.cli("SET", "session:1", "x")
        await #expect {
            try await operations.flush(
                plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .fast, control: SweepControl())
        } throws: { "\($0)".contains("another server process") }
        #expect(try server.cli("EXISTS", "session:1").hasPrefix("1"))
    }

    @Test func aDyingServerLosesNothingThatIsNotJournalled() async throws {
        let server = try RedisServer(RedisServer.debugging(.installed))
        _ = try KnownKeyspace(on: server, keys: 20_000)
        let operations = try operations(server)
        let killed = NIOLockedValueBox(false)
        let receipt = try await flush(operations, "product", pace: .gentle) { progress in
            guard progress.done > 0, !killed.withLockedValue({ $0 }) else { return }
            killed.withLockedValue { $0 = true }
            server.signal(SIGKILL)
        }
        guard case .stopped = receipt.outcome else {
            Issue.record("\(receipt.outcome)")
            return
        }
        #expect(receipt.removed + receipt.uncertain <= receipt.journalKeys)
        let checked = try JournalReader.check(path: try #require(receipt.journal))
        #expect(checked.keys == receipt.journalKeys)
    }

    @Test func aFullDiskStopsTheFlushBeforeAnythingUnsafeGoes() async throws {
        let server = try RedisServer(RedisServer.debugging(.installed))
        _ = try KnownKeyspace(on: server, keys: 20_000)
        let before = try await KeyspaceImage(of: server)
        // A file may grow to so many bytes and no further.
        let state = server.folder.path + "/state"
        let result = try Program.run(
            [
                "sh", "-c",
                "ulimit -f 64; exec '\(Program.cachewatch)' flush product --yes --pace fast --url '\(server.socketURL)'",
            ], environment: ["XDG_STATE_HOME": state])
        #expect(result.status == 5, "\(result.errors)")
        #expect(
            result.errors.contains("File too large") && result.errors.contains("--journal FILE"), "\(result.errors)")
        let after = try await KeyspaceImage(of: server)
        let journals = state + "/cachewatch/journals"
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: journals).first)
        var journalled: Set<[UInt8]> = []
        let reader = try JournalReader(path: journals + "/" + name)
        while let block = try reader.next() { journalled.formUnion(block.entries.map(\.key)) }
        for key in before.keys.keys where after.keys[key] == nil { #expect(journalled.contains(key)) }
        #expect(after.keys.count > before.keys.count / 2)
    }

    @Test func journalsAreNeverOverwritten() async throws {
        let server = try RedisServer()
        try server.cli("SET", "session:1", "x")
        let operations = try operations(server)
        let path = try server.folder.write("precious", to: "precious")
        await #expect {
            _ = try await flush(operations, "session", journal: .file(path))
        } throws: { "\($0)".contains("File exists") && "\($0)".contains("another name") }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
        #expect(try server.cli("EXISTS", "session:1").hasPrefix("1"))
    }

    @Test func withoutAnAuditNothingIsDone() async throws {
        let server = try RedisServer()
        try server.cli("SET", "session:1", "x")
        let operations = try operations(server) { $0.auditFile = "/proc/nowhere/audit.jsonl" }
        await #expect { _ = try await flush(operations, "session") } throws: { "\($0)".contains("/proc/nowhere") }
        await #expect { _ = try await operations.delete(Array("session:1".utf8)) } throws: {
            "\($0)".contains("/proc/")
        }
        await #expect {
            _ = try await operations.revoke(RevocationRequest(tokens: [TokenInput(id: "a")]))
        } throws: { "\($0)".contains("/proc/") }
        #expect(try server.cli("DBSIZE").hasPrefix("1"))
    }

    @Test func valuesTooLargeForAJournalStay() async throws {
        let server = try RedisServer()
        try server.cli("EVAL", "redis.call('SET', 'session:huge', string.rep('x', 60*1024*1024))", "0")
        try server.cli("SET", "session:small", "x")
        let operations = try operations(server)
        let receipt = try await flush(operations, "session")
        #expect(receipt.removed == 1 && receipt.keptCount == 1)
        #expect(receipt.kept == ["session:huge"])
        #expect(!receipt.isWhole)
        #expect(try server.cli("EXISTS", "session:huge").hasPrefix("1"))
        #expect(try await flush(operations, "session", journal: .none).removed == 1)
    }

    @Test func auditHoldsEveryActionAndNoSecret() async throws {
        let server = try RedisServer(["--requirepass", "s3cr3t-pass"])
        _ = try Program.run(["redis-cli", "-s", server.socket, "-a", "s3cr3t-pass", "SET", "session:1", "x"])
        let url = "unix://:s3cr3t-pass@" + server.socket
        let operations = try operations(server, url: url)
        let receipt = try await flush(operations, "session")
        _ = try await operations.undo(try #require(receipt.journal), control: SweepControl())
        await #expect(throws: CacheError.self) { try await flush(operations, "token:blacklist") }
        let text = try String(contentsOfFile: server.folder.path + "/state/audit.jsonl", encoding: .utf8)
        let lines = try text.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        let words = lines.map { "\($0["action"] as? String ?? "") \($0["outcome"] as? String ?? "")" }
        #expect(words == ["flush begun", "flush done", "undo begun", "undo done", "flush refused"])
        for line in lines {
            #expect(line["user"] as? String == "tester" && line["ssh_client"] as? String == "192.0.2.7")
            #expect((line["server"] as? String)?.hasPrefix("unix://***@") == true)
        }
        #expect(lines[1]["removed"] as? Int == 1)
        #expect(lines[3]["restored"] as? Int == 1)
        #expect(!text.contains("s3cr3t"))
        let mode = try FileManager.default.attributesOfItem(atPath: server.folder.path + "/state/audit.jsonl")[
            .posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    /// Nobody follows one successor after the other for ever, and who was taken last is flushed, too.
    @Test func everySuccessorThatIsTakenIsFlushed() async throws {
        let (server, other) = (try RedisServer(), try RedisServer())
        try server.cli("SET", "session:1", "x")
        let nodes = [try node(server.url), try node(other.url)]
        let deployment = FakeDeployment([nodes[0]], movesKeys: false)
        let operations = CacheOperations(
            deployment: deployment, settings: try settings(server.url, timeout: .seconds(5)),
            files: OperationFiles(directory: server.folder.path + "/state"), actor: AuditLog.Actor(user: "tester"))
        let plan = try await operations.plan(flush: "session", acts: true, pace: .fast, control: SweepControl())
        deployment.replaceAll(by: nodes)
        let receipt = try await operations.flush(
            plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .fast, control: SweepControl())
        #expect(!receipt.isWhole && receipt.continuedOn.count == 10, "\(receipt.outcome)")
        #expect(deployment.looks == 1 + receipt.continuedOn.count, "each is looked at before anything is sent")
        for node in nodes { await node.close() }
    }
}
