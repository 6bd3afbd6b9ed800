import CacheModel
import Foundation
import Logging
import Support
import NIOConcurrencyHelpers
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

@Suite struct LogTests {
    private func snapshot(_ refusal: Refusal?, warnings: [String] = []) -> Snapshot {
        var node = NodeSnapshot(address: "localhost:6379")
        node.refusal = refusal
        node.info = refusal == nil ? ServerInfo() : nil
        node.warnings = warnings
        return Snapshot(takenAt: WallTime(seconds: 0), elapsed: .zero, target: "t", nodes: [node])
    }

    @Test func linesAreTheGuidesWordForWord() {
        var log = ConnectionLog(target: "redis://localhost:6379/0")
        var lines = log.start() + log.lines(for: snapshot(Refusal(.refused)))
        lines += log.lines(for: snapshot(nil)) + log.lines(for: snapshot(Refusal(.refused))) + [.memoryHigh]
        #expect(
            lines.map(\.description) == [
                "INFO Connecting to Redis at redis://localhost:6379/0...",
                "WARN Failed to connect to Redis: Connection refused. Continuing without cache.",
                "INFO Redis connected successfully",
                "ERROR: Redis connection error: Connection refused",
                "WARNING: Redis memory usage high",
            ])
    }

    /// Cron mails whatever is said: of a success nothing is, and of a failure all that led to it.
    @Test func progressIsToldTogetherWithWhatWorries() {
        var log = ReticentLog()
        #expect(log.take(.connecting(url: "t")).isEmpty && log.take(.connected).isEmpty)
        #expect(log.take(.memoryHigh) == [.connecting(url: "t"), .connected, .memoryHigh])
        #expect(log.take(.notice("n")) == [.notice("n")])
        #expect(log.take(.lost(Refusal(.refused))) == [.lost(Refusal(.refused))])
    }

    @Test func oneLineAChangeNotOneAPoll() {
        var log = ConnectionLog(target: "t")
        #expect(log.lines(for: snapshot(nil)).count == 1)
        #expect(log.lines(for: snapshot(nil)).isEmpty)
        #expect(log.lines(for: snapshot(Refusal(.refused))).count == 1)
        #expect(log.lines(for: snapshot(Refusal(.refused))).isEmpty)
        #expect(log.lines(for: snapshot(Refusal(.hung))).count == 1)
    }

    @Test func warningIsSaidOnce() {
        var log = ConnectionLog(target: "t")
        #expect(log.lines(for: snapshot(nil, warnings: ["unverified"])) == [.connected, .warning("unverified")])
        #expect(log.lines(for: snapshot(nil, warnings: ["unverified"])).isEmpty)
    }

    @Test func aLogThatTakesNothingIsComplainedOfOnce() throws {
        let heard = NIOLockedValueBox<[CacheError]>([])
        let handler = try PlainLogHandler.file("/dev/full") { error in heard.withLockedValue { $0.append(error) } }
        let logger = Logger(label: "t") { _ in handler }
        for _ in 0..<3 { logger.write(.connected) }
        let errors = heard.withLockedValue { $0 }
        #expect(errors.count == 1 && errors.first?.description.contains("free some space") == true, "\(errors)")
    }

    /// What was done is done; but the audit that does not say so is not complete, and that is told once.
    @Test func anEndThatTheAuditDoesNotTakeIsTold() throws {
        let folder = try TemporaryFolder()
        let audit = AuditLog(path: folder.path + "/a/audit", actor: AuditLog.Actor(user: "ops"), target: "t")
        let id = try audit.begin("flush", scope: "session")
        audit.end(id, "flush", scope: "session", outcome: "done")
        #expect(audit.takeLapse() == nil)
        try FileManager.default.removeItem(atPath: folder.path + "/a")
        try Data().write(to: URL(fileURLWithPath: folder.path + "/a"))
        audit.end(id, "flush", scope: "session", outcome: "done")
        #expect(audit.takeLapse()?.contains("the audit does not say how flush ended") == true)
        #expect(audit.takeLapse() == nil)
    }
}
