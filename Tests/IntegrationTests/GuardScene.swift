import CacheModel
import Foundation
import Glibc
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// What changes a cache.
enum Act: String, CaseIterable, Sendable {
    case flush, repair, undo, revoke, rewriteLost, unrevoke, cutOff, cutOffAgain, letIn, delete, setLifetime

    /// By its name in `CLIENT LIST`: the last question before it is begun.
    var lastQuestion: String {
        switch self {
        case .unrevoke: "get"
        case .letIn: "unlink"
        default: "pttl"
        }
    }
}

/// What keeps it from being done.
enum Obstacle: String, CaseIterable, Sendable {
    case readOnly, replica, clusterNode, otherServer, rights, protection, noAudit
    case nothing

    static let allCases: [Obstacle] = [
        .readOnly, .replica, .clusterNode, .otherServer, .rights, .protection, .noAudit,
    ]
}

/// A server on which something would be done, were it not for the guard.
final class GuardScene {
    let act: Act
    let obstacle: Obstacle
    let server: RedisServer
    let operations: CacheOperations
    private let control = SweepControl()
    private var journal = ""
    private var flushPlan: FlushPlan?
    private var repairPlan: RepairPlan?

    private static let session = Array("session:1".utf8)
    private static let stolen = Array("token:blacklist:stolen".utf8)

    private var isProtected: Bool { obstacle == .protection }
    private var key: [UInt8] { isProtected ? Self.stolen : Self.session }

    init(_ act: Act, _ obstacle: Obstacle) async throws {
        self.act = act
        self.obstacle = obstacle
        let isCluster = obstacle == .clusterNode
        server = try isCluster ? RedisServer.wholeCluster() : RedisServer()
        try Self.seed(server)
        try server.cli(
            "ACL", "SETUSER", "eye", "on", ">pw", "~*", "+@read", "+@connection", "+info", "+dbsize", "+wait")
        let (server, folder) = (server, server.folder.path)
        let url = isCluster ? server.url : server.socketURL
        let before = try IntegrationTests.operations(server, url: url) {
            $0.clusterEnabled = isCluster
            $0.revocationLayout = .documented
        }
        try await Self.prepare(act, before, server, isProtected: obstacle == .protection, &journal)
        await before.close()
        // Who looks next must not be taken for one of these.
        if obstacle == .otherServer {
            try eventually("its connections are gone") { [server] in try server.ours() == 0 }
        }
        operations = try IntegrationTests.operations(
            server, url: obstacle == .rights ? "unix://eye:pw@" + server.socket : url
        ) {
            $0.readOnly = obstacle == .readOnly
            $0.revocationLayout = .documented
            if obstacle == .noAudit { $0.auditFile = "/proc/nowhere/audit.jsonl" }
            if obstacle == .otherServer { $0.auditFile = folder + "/pipe" }
        }
        try await plan()
    }

    private static func seed(_ server: RedisServer) throws {
        try server.cli(
            "EVAL",
            """
            for id = 1, 3 do
              redis.call('SET', 'session:' .. id, 'x', 'EX', 5000)
              redis.call('SET', 'rate:limit:ip:' .. id, 'x')
            end
            redis.call('SET', 'token:blacklist:stolen', '{}', 'EX', 5000)
            redis.call('SET', 'token:blacklist:forever', '{}')
            redis.call('SET', 'blacklist:since:17', '1000', 'EX', 5000)
            """, "0")
    }

    /// What an act presupposes: a journal, a revocation that was lost.
    private static func prepare(
        _ act: Act, _ operations: CacheOperations, _ server: RedisServer, isProtected: Bool, _ journal: inout String
    ) async throws {
        switch act {
        case .undo where isProtected:
            // An older life of the key, which would be put in the place of what stands there now.
            journal = try #require(try await operations.delete(stolen, readmits: true))
            try server.cli("SET", "token:blacklist:stolen", "newer", "EX", "5000")
        case .undo: journal = try #require(try await operations.delete(session))
        case .rewriteLost:
            let request = RevocationRequest(tokens: [TokenInput(id: "lost")], lifetime: .seconds(3600))
            #expect(try await operations.revoke(request)[0].holds)
            if !isProtected { try server.cli("DEL", "token:blacklist:lost") }
        case .cutOffAgain:
            #expect(try await operations.cutOff(CutOffRequest(user: "lost"), typed: "lost").holds)
            if !isProtected { try server.cli("DEL", "blacklist:since:lost") }
        default: break
        }
    }

    private func plan() async throws {
        switch act {
        case .flush:
            flushPlan = try await operations.plan(
                flush: isProtected ? "token:blacklist" : "session", pace: .fast, control: control)
        case .repair:
            repairPlan = try await operations.plan(
                repair: isProtected ? "token:blacklist" : "rate:limit", pace: .fast, control: control)
        default: break
        }
    }

    // MARK: between plan and act

    /// Brings the obstacle about, where it was not there from the beginning.
    ///
    /// - Returns: the keys as they then are, once the act has begun.
    func arrange() throws -> @Sendable () throws -> String {
        let server = server
        switch (obstacle, act) {
        case (.replica, _): try server.cli("REPLICAOF", "127.0.0.1", "1")
        case (.otherServer, .flush), (.otherServer, .repair):
            try Self.openPipe(server)
            server.stop()
            try server.restart()
            try Self.seed(server)
        case (.otherServer, .undo): journal = try Self.foreign(journal, server)
        case (.otherServer, _): return try replaceWhenLookedAt()
        default: break
        }
        let image = try server.image()
        return { image }
    }

    /// Another server stands at the address as soon as the act has looked at this one. The act waits for it with the
    /// audit's first line, which goes into a pipe that nobody reads yet.
    private func replaceWhenLookedAt() throws -> @Sendable () throws -> String {
        let (server, question) = (server, act.lastQuestion)
        try #require(mkfifo(server.folder.path + "/pipe", 0o600) == 0)
        let image = Outcome<String>()
        Thread.detachNewThread {
            image.set(
                Result {
                    try eventually("it has looked") {
                        try server.cli("CLIENT", "LIST").split(separator: "\n").contains {
                            $0.contains("name=cachewatch") && $0.contains("cmd=\(question) ")
                        }
                    }
                    server.stop()
                    try server.restart()
                    try Self.seed(server)
                    return try server.image()
                })
            try? Self.openPipe(server)
        }
        return { try image.get() }
    }

    /// Reads what is written into the pipe until the end of the tests.
    private static func openPipe(_ server: RedisServer) throws {
        let path = server.folder.path + "/pipe"
        mkfifo(path, 0o600)
        let reader = open(path, O_RDWR | O_CLOEXEC)
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 4096)
            while read(reader, &buffer, buffer.count) > 0 {}
        }
    }

    /// The journal of a server that is not this one.
    private static func foreign(_ journal: String, _ server: RedisServer) throws -> String {
        try openPipe(server)
        let reader = try JournalReader(path: journal)
        var header = reader.header
        (header.runID, header.target) = ("another", "redis://another:6379/0")
        let path = server.folder.path + "/foreign"
        let writer = try JournalWriter(path: path, header: header, expected: nil)
        while let block = try reader.next() { try writer.append(block.entries, takenAt: block.takenAt) }
        try writer.end()
        return path
    }

    // MARK: the act

    func perform() async throws {
        let name = isProtected ? "token:blacklist" : act == .repair ? "rate:limit" : "session"
        switch act {
        case .flush:
            _ = try await operations.flush(
                try #require(flushPlan), FlushConfirmation(typed: name), journal: .automatic, pace: .fast,
                control: control)
        case .repair:
            _ = try await operations.repair(
                try #require(repairPlan), FlushConfirmation(typed: name), pace: .fast, control: control)
        case .undo: _ = try await operations.undo(journal, UndoChoices(replaces: isProtected), control: control)
        case .revoke:
            let token = TokenInput(id: isProtected ? "stolen" : "new")
            _ = try await operations.revoke(RevocationRequest(tokens: [token], lifetime: .seconds(60)))
        case .rewriteLost: _ = try await operations.rewriteLost()
        case .unrevoke: _ = try await operations.unrevoke("stolen", typed: isProtected ? "yes" : "stolen")
        case .cutOff: _ = try await operations.cutOff(CutOffRequest(user: "17"), typed: isProtected ? "yes" : "17")
        case .cutOffAgain: _ = try await operations.rewriteLostCutOffs()
        case .letIn: _ = try await operations.unrevoke(user: "17", typed: isProtected ? "yes" : "17")
        case .delete: _ = try await operations.delete(key)
        case .setLifetime: _ = try await operations.setLifetime(of: key, to: .seconds(30))
        }
    }

    var image: String { get throws { try server.image() } }
}

/// What a thread will have found.
private final class Outcome<Value: Sendable>: @unchecked Sendable {
    private let lock = NSCondition()
    private var result: Result<Value, any Error>?

    func set(_ result: Result<Value, any Error>) {
        lock.withLock {
            self.result = result
            lock.broadcast()
        }
    }

    func get() throws -> Value {
        try lock.withLock {
            while result == nil { lock.wait() }
            guard let result else { throw CocoaError(.featureUnsupported) }
            return try result.get()
        }
    }
}
