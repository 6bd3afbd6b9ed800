import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// A server whose SCAN never comes round: its cursors come again and again, or are random for ever.
@Suite struct EndlessScanTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    enum Kind: CaseIterable, Sendable { case same, cycle, random }

    private static let info =
        "redis_version:7.0.15\r\nrun_id:\(String(repeating: "a", count: 40))\r\nrole:master\r\nredis_mode:standalone\r\n"
        + "db0:keys=3,expires=0,avg_ttl=0\r\n"

    private func server(_ kind: Kind, keys: [String] = ["session:1", "blacklist:since:17"]) throws -> AnsweringServer {
        let calls = Calls()
        return try AnsweringServer { words, _ in
            switch words[0].uppercased() {
            case "INFO": return .string(Self.info)
            case "DBSIZE": return .integer(3)
            case "SCAN":
                let call = calls.next()
                let cursor =
                    switch kind {
                    case .same: 7
                    case .cycle: 1 + call % 5
                    case .random: Int.random(in: 1...Int.max)
                    }
                return .array([.string("\(cursor)"), .array(keys.map { .string($0) })])
            case "TYPE": return .status("string")
            case "PTTL", "MEMORY", "OBJECT": return .integer(60)
            case "GETRANGE": return .string("1795357927")
            default: return .status("OK")
            }
        }
    }

    private final class Calls: @unchecked Sendable {
        private let lock = NSLock()
        private var count = 0
        func next() -> Int {
            lock.withLock {
                count += 1
                return count
            }
        }
    }

    private func operations(_ server: AnsweringServer) throws -> CacheOperations {
        CacheOperations(
            settings: try settings(server.url, timeout: .seconds(5)), files: OperationFiles(directory: folder.path),
            actor: AuditLog.Actor(user: "tester", address: "192.0.2.7"))
    }

    @Test(arguments: Kind.allCases)
    func sweepTellsWhatItHasCountedAndThatItIsNotAll(kind: Kind) async throws {
        let server = try server(kind)
        let (surveyor, collector) = try surveyor(server.url)
        let report = await surveyor.sweep(SweepOptions(full: false, pace: .fast), control: SweepControl())
        #expect(!report.complete && report.refusal?.kind == .endlessScan)
        #expect(report["session"]?.keys.value == 1)
        await collector.close()
        withExtendedLifetime(server) {}
    }

    @Test(arguments: Kind.allCases)
    func listOfKeysEndsAndIsNotCalledWhole(kind: Kind) async throws {
        let server = try server(kind)
        let browser = KeyBrowser(settings: try settings(server.url, timeout: .seconds(5)), pace: .fast)
        var (cursor, pages): ([UInt8]?, Int) = (nil, 0)
        var page = KeyPage()
        repeat {
            page = await browser.page(of: .namespace("cart"), from: cursor, wanted: 100)
            (cursor, pages) = (page.cursor, pages + 1)
        } while cursor != nil && pages < 100
        #expect(page.refusal?.kind == .endlessScan && page.cursor == nil && page.rows.isEmpty)
        await browser.close()
        withExtendedLifetime(server) {}
    }

    @Test func dryRunSaysThatItCannotBeCounted() async throws {
        let server = try server(.cycle)
        let operations = try operations(server)
        let error = await #expect(throws: CacheError.self) {
            _ = try await operations.plan(flush: "session", pace: .fast, control: SweepControl())
        }
        #expect(error?.refusal.kind == .endlessScan)
        await operations.close()
        withExtendedLifetime(server) {}
    }

    @Test func listOfRevocationsHasWhatWasFoundAndSaysThatThereMayBeMore() async throws {
        let server = try server(.cycle)
        let operations = try operations(server)
        let list = try await operations.revoked(limit: 10, pace: .fast, control: SweepControl())
        #expect(list.cutOffs.map(\.cutOff.user) == ["17"])
        #expect(!list.isWhole && list.obstacle?.kind == .endlessScan)
        #expect(RevocationWords.notes(list)[0].contains("not all could be looked at"))
        await operations.close()
        withExtendedLifetime(server) {}
    }

    @Test func clientsWalkEnds() async throws {
        let server = try server(.same)
        let client = CacheClient(CacheConfiguration(endpoint: try Endpoint(url: server.url)))
        let error = await #expect(throws: CacheError.self) { try await client.scan(namespace: "session") { _ in true } }
        #expect(error?.refusal.kind == .endlessScan)
        await client.close()
        withExtendedLifetime(server) {}
    }

    /// The order of the cursors is what an honest walk is believed by.
    @Test func cursorsOfARealServerAreInOrder() async throws {
        let server = try RedisServer()
        _ = try KnownKeyspace(on: server, keys: 3000)
        let line = Line(
            endpoint: try Endpoint(url: server.socketURL), dialler: Dialler(settings: Settings()), purpose: .browse)
        let session = try await line.session(deadline: .seconds(5))
        var scan = MatchingScan(.pattern("*"), within: ScanBound(keys: 3000))
        var steps = 0
        while !scan.isDone {
            var flight = FlightBuffer()
            scan.append(to: &flight, count: 20)
            var position = 0
            _ = try scan.receive(try await session.fly(flight), at: &position)
            steps += 1
            #expect(scan.bound.isOrdered)
        }
        #expect(steps > 50)
        await line.close()
    }
}
