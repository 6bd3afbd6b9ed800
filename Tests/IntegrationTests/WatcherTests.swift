import CacheModel
import Foundation
import Logging
import Support
import NIOConcurrencyHelpers
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

@Suite struct WatcherTests {
    @Test func deadServerIsTriedAgainAndRecoveryNeedsNobody() async throws {
        let server = try RedisServer()
        server.stop()
        let watcher = Watcher(
            settings: try settings(server.url), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            files: OperationFiles(directory: server.folder.path), actor: AuditLog.Actor(user: "test"))
        let running = Task { await watcher.run() }
        var retries = 0
        var recovered = false
        for await event in watcher.events {
            switch event {
            case .retry(let delay, let attempt):
                retries += 1
                #expect(attempt == retries)
                #expect(delay > .zero && delay <= .seconds(5))
                if retries == 2 { try server.restart() }
            case .snapshot(let snapshot): recovered = snapshot.nodes[0].reachable
            case .connecting: break
            }
            if recovered { break }
        }
        #expect(retries >= 2)
        running.cancel()
        await running.value
    }

    @Test func intervalChangesAtOnce() async throws {
        let server = try RedisServer()
        let watcher = Watcher(
            settings: try settings(server.url) { $0.interval = .seconds(60) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            files: OperationFiles(directory: server.folder.path), actor: AuditLog.Actor(user: "test"))
        let running = Task { await watcher.run() }
        var snapshots = 0
        for await event in watcher.events {
            guard case .snapshot = event else { continue }
            snapshots += 1
            if snapshots == 1 { await watcher.setInterval(.milliseconds(200)) }
            if snapshots == 3 { break }
        }
        #expect(snapshots == 3)
        running.cancel()
        await running.value
    }
}
