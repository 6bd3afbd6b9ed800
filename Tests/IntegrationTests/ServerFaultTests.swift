import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// What happens to servers, to everything that talks to them. Each cell ends, says why, loses nothing, and works again
/// when the server does; the table that comes of it is printed.
@Suite struct ServerFaultTests {
    typealias Fault = ServerFault

    /// What everybody says about a fault; nil where it has to work all the same.
    private struct Words {
        var poll: String?
        var sweep: String?
        var flush: String?
        var revoke: String?
        var once: String?
    }

    private func words(_ fault: Fault) -> Words {
        func all(_ words: String) -> Words {
            Words(poll: words, sweep: words, flush: words, revoke: words, once: words)
        }
        return switch fault {
        case .killed: all("connection refused")
        case .stopped: all("does not answer")
        case .restarted: Words(flush: "another server process")
        case .replica: Words(flush: "no primary any more", revoke: "replica")
        case .loading: all("LOADING")
        case .maxclients: all("max number of clients")
        case .password: all("NOAUTH")
        case .full: Words(revoke: "OOM")
        }
    }

    private static let keys = 8000

    private struct Place {
        let server: RedisServer
        let fault: Fault

        init(_ fault: Fault) throws {
            self.fault = fault
            server = try ServerFault.server(keys: ServerFaultTests.keys)
        }

        /// Only who is silent is given up soon.
        var settings: Settings {
            get throws {
                let timeout = fault == .stopped ? Duration.seconds(1) : .seconds(10)
                return try IntegrationTests.settings("redis://127.0.0.1:\(server.port)", timeout: timeout) {
                    if fault == .stopped { $0.longestFlight = timeout * 5 }
                }
            }
        }

        func operations() throws -> CacheOperations {
            CacheOperations(
                settings: try settings, files: OperationFiles(directory: server.folder.path + "/state"),
                actor: AuditLog.Actor(user: "tester"))
        }
    }

    @Test func faults() async { await sideBySide(Fault.allCases) { try await tryOut($0) } }

    private func tryOut(_ fault: Fault) async throws {
        let place = try Place(fault)
        let collector = SnapshotCollector(settings: try place.settings)
        let operations = try place.operations()
        #expect((await collector.collect()).nodes[0].reachable)
        #expect(await collector.surveyor.sweep(SweepOptions(pace: .fast), control: SweepControl()).complete)
        let plan = try await operations.plan(flush: "session", pace: .fast, control: SweepControl())
        #expect(plan.keys == Self.keys)
        let squatter = try fault.begin(on: place.server)
        defer { squatter?.end() }
        let due = words(fault)
        var row: [String] = []
        func note(_ found: String?, _ due: String?, _ what: String) {
            let isRight = if let due { found?.contains(due) == true } else { found == nil }
            #expect(isRight, "\(fault), \(what): \(found ?? "nothing wrong")")
            guard let found else { return row.append("works") }
            let text = due.flatMap { found.firstRange(of: $0) }.map { found[$0.lowerBound...] } ?? found[...]
            row.append(String(text.prefix { $0 != "\n" }.prefix(60)))
        }
        // The first poll may be the one that finds a connection broken.
        _ = await collector.collect()
        let refusal = (await collector.collect()).nodes[0].refusal
        note(refusal.map { CacheError.refused($0).description }, due.poll, "poll")
        _ = await collector.surveyor.sweep(SweepOptions(pace: .fast), control: SweepControl())
        let sweep = await collector.surveyor.sweep(SweepOptions(pace: .fast), control: SweepControl())
        note(sweep.refusal.map { CacheError.refused($0).description }, due.sweep, "sweep")
        note(await tried { try await self.flush(plan, operations) }, due.flush, "flush")
        note(
            await tried {
                let results = try await operations.revoke(RevocationRequest(tokens: [TokenInput(id: "a-1")]))
                return results.first { !$0.holds }.map { "\($0.state)" }
            }, due.revoke, "revoke")
        let once = try Program.run([
            Program.cachewatch, "--once", "--quiet", "--url", "redis://127.0.0.1:\(place.server.port)",
        ])
        if due.once != nil { #expect(once.status != 0, "\(once)") }
        note(due.once == nil ? nil : once.output + once.errors, due.once, "--once")
        squatter?.end()
        try fault.end(on: place.server)
        try await recovers(collector, place)
        await collector.close()
        await operations.close()
        Self.table.note(fault.rawValue, row)
    }

    private func flush(_ plan: FlushPlan, _ operations: CacheOperations) async throws -> String? {
        let receipt = try await operations.flush(
            plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .fast, control: SweepControl())
        return receipt.outcome.isDone ? nil : "\(receipt.outcome)"
    }

    /// What is said; the first attempt may be the one that finds a connection broken.
    private func tried(_ work: () async throws -> String?) async -> String? {
        for attempt in 0..<2 {
            do { return try await work() } catch {
                let words = "\(error)"
                if attempt == 0, words.contains("closed the connection") { continue }
                return words
            }
        }
        return nil
    }

    private func recovers(_ collector: SnapshotCollector, _ place: Place) async throws {
        let end = ContinuousClock.now + .seconds(30)
        while !(await collector.collect()).nodes[0].reachable, ContinuousClock.now < end {}
        #expect((await collector.collect()).nodes[0].reachable, "it recovers by itself")
        var sweep = await collector.surveyor.sweep(SweepOptions(pace: .fast), control: SweepControl())
        if !sweep.complete {
            sweep = await collector.surveyor.sweep(SweepOptions(pace: .fast), control: SweepControl())
        }
        #expect(sweep.complete, "\(String(describing: sweep.refusal))")
        let operations = try place.operations()
        let results = try await operations.revoke(RevocationRequest(tokens: [TokenInput(id: "a-2")]))
        #expect(results[0].holds)
        await operations.close()
    }

    /// Rows of all faults, printed with each so that the last one is whole.
    private static let table = FaultTable()
}

/// A table that grows with the tests.
final class FaultTable: @unchecked Sendable {
    private let lock = NSLock()
    private var rows: [(String, [String])] = []

    func note(_ name: String, _ cells: [String]) {
        lock.withLock { rows.append((name, cells)) }
        guard lock.withLock({ rows.count }) == ServerFaultTests.Fault.allCases.count else { return }
        print("| fault | poll | sweep | flush | revoke | --once |\n|---|---|---|---|---|---|")
        for (name, cells) in rows { print("| \(name) | \(cells.joined(separator: " | ")) |") }
    }
}
