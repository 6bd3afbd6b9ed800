import CacheModel
import Foundation
import Glibc
import NIOConcurrencyHelpers
import Recording
import RedisValues
import Support
import Testing

@testable import CacheWatch

/// What other programs have noted of what they did, and nothing else.
@Suite struct AuditTailTests {
    private static let target = "redis://cache-1:6379/0"
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/audit.jsonl" }

    init() throws { folder = try TemporaryFolder() }

    private func tail(of target: String = target) -> AuditTail { AuditTail(path, of: target, isOwn: { _ in false }) }

    /// As this program writes them.
    private func log(_ target: String = target) -> AuditLog {
        AuditLog(path: path, actor: AuditLog.Actor(user: "alice", address: "192.0.2.7"), target: target)
    }

    private func append(_ bytes: some Sequence<UInt8>) throws {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let bytes = Array(bytes)
        #expect(write(descriptor, bytes, bytes.count) == bytes.count)
    }

    private func line(
        _ id: String, server: String = target, scope: String = "session", time: String = WallTime.now.iso8601
    ) -> String {
        #"{"time":"\#(time)","id":"\#(id)","user":"bob","ssh_client":null,"server":"\#(server)","#
            + #""action":"flush","scope":"\#(scope)","outcome":"done","removed":3,"share":0.5,"forced":true,"#
            + #""token_ids":["a-1",2],"more":{"x":1}}"# + "\n"
    }

    @Test func whatOthersDoIsReadAsTheyNoteIt() throws {
        let log = log()
        log.refuse("flush", scope: "before", why: "it was long ago")
        var tail = tail()
        #expect(tail.take(nodes: []).isEmpty)
        let heard = NIOLockedValueBox([RecordedAction]())
        log.tell { action in heard.withLockedValue { $0.append(action) } }
        let id = try log.begin("flush", scope: "session", details: [("planned_keys", .integer(3))])
        log.end(
            id, "flush", scope: "session", outcome: "done",
            details: [("removed", .integer(3)), ("continued_on", .null), ("for_good", .boolean(false))])
        _ = try log.begin("revoke", scope: "2 tokens", details: [("token_ids", JSONValue(["a-1", "a-2"]))])
        log.refuse("kill", scope: "leaky-*", why: "read-only")
        let told = heard.withLockedValue { $0 }
        #expect(told.count == 4 && tail.take(nodes: []) == told)
        #expect(tail.take(nodes: []).isEmpty)
    }

    @Test func ownActsAreToldAnotherWay() throws {
        var tail = AuditTail(path, of: Self.target)
        let id = try log().begin("flush", scope: "session")
        log().refuse("flush", scope: "session", why: "read-only")
        #expect(tail.take(nodes: []).isEmpty)
        // One of another container may have the same number.
        try append((line(id) + line("\(getpid())-1-1")).utf8)
        #expect(tail.take(nodes: []).map(\.id) == ["\(getpid())-1-1"])
    }

    @Test(arguments: [
        ("redis://cache-1:6379/0", true), ("redis://***@cache-1:6379/0", true), ("redis://cache-1:6379/3", true),
        ("redis://cache-2:6379/0", false), ("redis://10.0.0.4:7001/0", true), ("redis://10.0.0.4:7002/0", false),
        ("redis-cluster://cache-1:6379/0", false), ("redis-cluster://10.0.0.4:7001,10.0.0.9:1/0", true), ("", false),
        ("redis-sentinel://cache-1:26379/main/0", false), ("cache-1", false),
    ])
    func actsOnOtherServersAreNotOurs(server: String, isOurs: Bool) throws {
        var tail = tail()
        try append(line("9-1-1", server: server).utf8)
        #expect(tail.take(nodes: ["10.0.0.4:7001"]).isEmpty == !isOurs, "\(server)")
    }

    @Test func aClusterIsFoundByItsWordsAndItsNodes() throws {
        var tail = tail(of: "redis-cluster://a:1,b:2/0")
        try append((line("9-1-1", server: "redis-cluster://a:1,b:2/0") + line("9-1-2", server: "redis://b:2/0")).utf8)
        #expect(tail.take(nodes: ["a:1", "b:2"]).map(\.id) == ["9-1-1", "9-1-2"])
    }

    /// Other seeds of the same cluster, and another sentinel of the same service.
    @Test(arguments: [
        ("redis-cluster://a:1,b:2/0", "redis-cluster://b:2/0", true),
        ("redis-cluster://a:1,b:2/0", "redis-cluster://c:3/0", true),
        ("redis-cluster://a:1,b:2/0", "redis-cluster://d:4/0", false),
        ("redis-sentinel://s:1,t:2/main/0", "redis-sentinel://t:2/main/0", true),
        ("redis-sentinel://s:1,t:2/main/0", "redis-sentinel://t:2/other/0", false),
        ("redis-sentinel://s:1,t:2/main/0", "redis-cluster://t:2/0", false),
    ])
    func otherWordsForTheSameDeploymentAreKnown(target: String, server: String, isOurs: Bool) throws {
        var tail = tail(of: target)
        try append(line("9-1-1", server: server).utf8)
        #expect(tail.take(nodes: ["c:3"]).isEmpty == !isOurs)
    }

    /// An editor, or a copy that is restored, brings the same lines in another file.
    @Test func whatWasThereBeforeIsNotToldAgain() throws {
        let log = log()
        try append(line("9-1-1", time: "2026-11-25T14:20:00Z").utf8)
        var tail = tail()
        #expect(unlink(path) == 0)
        try append(line("9-1-1", time: "2026-11-25T14:20:00Z").utf8)
        _ = try log.begin("flush", scope: "new")
        #expect(tail.take(nodes: []).map(\.scope) == ["new"])
        #expect(truncate(path, 0) == 0)
        #expect(tail.take(nodes: []).isEmpty)
        try append(line("9-1-1", time: "2026-11-25T14:20:00Z").utf8)
        #expect(tail.take(nodes: []).isEmpty)
    }

    @Test func membersAreTexts() throws {
        var tail = tail()
        try append(line("9-1-1").utf8)
        #expect(
            tail.take(nodes: []) == [
                RecordedAction(
                    id: "9-1-1", action: "flush", scope: "session", outcome: "done",
                    details: [
                        "user": "bob", "server": Self.target, "removed": "3", "share": "0.5", "forced": "true",
                        "token_ids": "a-1, 2",
                    ])
            ])
    }

    /// A byte at a time: a line counts once it has its end.
    @Test func linesComeWhole() throws {
        var tail = tail()
        var acts: [RecordedAction] = []
        for byte in (line("9-1-1") + line("9-1-2")).utf8 {
            try append([byte])
            acts += tail.take(nodes: [])
            if byte != UInt8(ascii: "\n") { #expect(acts.count < 2) }
        }
        #expect(acts.map(\.id) == ["9-1-1", "9-1-2"])
    }

    @Test func whatIsNoLineOfAnAuditIsPassedOver() throws {
        var tail = tail()
        let nested = String(repeating: "[", count: 60_000)
        let long = line("9-1-2", scope: String(repeating: "x", count: 70_000))
        for junk in [
            "\n", "null\n", "[]\n", "{}\n", "{\"id\":1}\n", "no json\n", "\0\0\0\n", "\u{9b}31m\n", nested + "\n", long,
            #"{"server":"\#(Self.target)","action":"flush"}"# + "\n",
        ] {
            try append(Array(junk.utf8) + [0xff, 0xfe, 0x0a] + Array(line("9-1-1").utf8))
            #expect(tail.take(nodes: []).map(\.id) == ["9-1-1"], "\(junk.prefix(40))")
        }
    }

    @Test func aNewFileIsFollowedFromItsBeginning() throws {
        try append(line("9-1-1").utf8)
        var tail = tail()
        try append(line("9-1-2").utf8.dropLast(9))
        #expect(tail.take(nodes: []).isEmpty)
        #expect(rename(path, path + ".1") == 0)
        #expect(tail.take(nodes: []).isEmpty)
        try append(line("9-1-3").utf8)
        #expect(tail.take(nodes: []).map(\.id) == ["9-1-3"])
        #expect(truncate(path, 0) == 0)
        try append(line("9-1-4").utf8.dropFirst(0))
        // As long as it was: who cuts a file while nobody looks writes less than there was, or is not seen.
        _ = tail.take(nodes: [])
        #expect(truncate(path, 0) == 0)
        #expect(tail.take(nodes: []).isEmpty)
        try append(line("9-1-5").utf8)
        #expect(tail.take(nodes: []).map(\.id) == ["9-1-5"])
    }

    /// It is there from the first act on.
    @Test func aFileThatComesLaterIsRead() throws {
        var tail = tail()
        #expect(tail.take(nodes: []).isEmpty)
        try append(line("9-1-1").utf8)
        #expect(tail.take(nodes: []).map(\.id) == ["9-1-1"])
    }

    @Test func ofManyTheLatestAreRead() throws {
        var tail = tail()
        try append((0..<5000).map { line("9-1-\($0)") }.joined().utf8)
        let ids = tail.take(nodes: []).map(\.id)
        #expect(ids.last == "9-1-4999" && ids.count > 3000 && ids.count < 5000)
    }

    @Test func whatIsNoFileIsLeftAlone() throws {
        #expect(mkfifo(path, 0o600) == 0)
        var tail = tail()
        #expect(tail.take(nodes: []).isEmpty)
        var folder = AuditTail(folder.path, of: Self.target)
        #expect(folder.take(nodes: []).isEmpty)
        var full = AuditTail("/dev/zero", of: Self.target)
        #expect(full.take(nodes: []).isEmpty)
    }
}
