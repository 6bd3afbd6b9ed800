import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// The server has done it, and its answer never came: nobody may say that it was not done.
@Suite struct LostAnswerTests {
    private func outcome(_ operations: CacheOperations) throws -> String {
        let text = try String(contentsOfFile: operations.audit.path, encoding: .utf8)
        let line = try #require(text.split(separator: "\n").last)
        let json = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        return json["outcome"] as? String ?? ""
    }

    /// What each action sends to change something, and not before.
    private static let requests = [
        "expire": "PEXPIRE\r\n$9\r\nsession:1\r\n", "persist": "PERSIST\r\n$9\r\nsession:1\r\n",
        "delete": "EVAL\r\n", "unrevoke": "UNLINK\r\n$20\r\ntoken:blacklist:gone\r\n",
        "revoke": "SET\r\n$19\r\ntoken:blacklist:new\r\n",
    ]

    @Test(arguments: requests.keys.sorted(), [FaultProxy.Fault.silence, .reset, .cut])
    func auditSaysUnknown(_ action: String, _ fault: FaultProxy.Fault) async throws {
        let server = try RedisServer()
        try server.cli("SET", "session:1", "x", "EX", "5000")
        try server.cli("SET", "token:blacklist:gone", "{}", "EX", "5000")
        // Without scripts a key is deleted by a command that is told from its probe.
        try server.cli("ACL", "SETUSER", "default", "-eval")
        let proxy = try FaultProxy(to: server.socket)
        let operations = try operations(server, url: proxy.url) {
            // What is cut off ends at once, and what is silent after five times as long.
            $0.timeout = fault == .silence ? .milliseconds(500) : .seconds(10)
            $0.longestFlight = .milliseconds(2500)
            $0.revocationLayout = .documented
        }
        await eventually("it is connected") { (try? await operations.access()) == .allowed }
        let request = action == "delete" ? "UNLINK\r\n$9\r\nsession:1\r\n" : Self.requests[action] ?? ""
        proxy.begin(fault, from: request)
        let key = Array("session:1".utf8)
        await #expect {
            switch action {
            case "expire": _ = try await operations.setLifetime(of: key, to: .seconds(30))
            case "persist": _ = try await operations.setLifetime(of: key, to: nil)
            case "delete": _ = try await operations.delete(key)
            case "unrevoke": _ = try await operations.unrevoke("gone", typed: "gone")
            default: _ = try await operations.revoke(RevocationRequest(tokens: [TokenInput(id: "new")]))
            }
        } throws: { error in
            guard case .unknown? = error as? CacheError else { return false }
            return "\(error)".contains("nobody knows whether it was done")
        }
        #expect(proxy.hasCaught)
        #expect(try outcome(operations) == "unknown")
        let isDone =
            switch action {
            case "expire": (Int(try server.cli("TTL", "session:1").filter(\.isNumber)) ?? 0) <= 30
            case "persist": try server.cli("TTL", "session:1").hasPrefix("-1")
            case "delete": try server.cli("EXISTS", "session:1").hasPrefix("0")
            case "unrevoke": try server.cli("EXISTS", "token:blacklist:gone").hasPrefix("0")
            default: try server.cli("EXISTS", "token:blacklist:new").hasPrefix("1")
            }
        #expect(isDone, "the server had it")
        // What may have been written is watched.
        if action == "revoke" { #expect(operations.ledger.entries(at: .now).map(\.token.id) == ["new"]) }
        await operations.close()
    }

    /// Whoever gives up waiting does not know either.
    @Test func cancelledAfterSendingIsUnknownToo() async throws {
        let server = try RedisServer()
        try server.cli("SET", "session:1", "x", "EX", "5000")
        let proxy = try FaultProxy(to: server.socket)
        let operations = try operations(server, url: proxy.url)
        proxy.begin(.silence, from: Self.requests["expire"] ?? "")
        let task = Task { try await operations.setLifetime(of: Array("session:1".utf8), to: .seconds(30)) }
        await eventually("it is sent") { () async -> Bool in proxy.hasCaught }
        task.cancel()
        await #expect { _ = try await task.value } throws: { "\($0)".contains("nobody knows") }
        #expect(try outcome(operations) == "unknown")
        await operations.close()
    }

    /// What was never sent was not done.
    @Test func anErrorBeforeSendingIsNotDone() async throws {
        let server = try RedisServer()
        try server.cli("SET", "session:1", "x", "EX", "5000")
        try server.cli("ACL", "SETUSER", "default", "-eval")
        let operations = try operations(server) { $0.auditFile = server.folder.path + "/audit" }
        // No journal, no removal.
        try Data().write(to: URL(filePath: server.folder.path + "/state"))
        await #expect(throws: CacheError.self) { _ = try await operations.delete(Array("session:1".utf8)) }
        #expect(try outcome(operations) == "not done")
        #expect(try server.cli("EXISTS", "session:1").hasPrefix("1"))
        await operations.close()
    }
}
