import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Waits for nothing longer than it has to.
///
/// - Parameter fault: one that ends at once, or does no harm, needs no short time.
private func faulty(_ url: String, _ fault: FaultProxy.Fault? = nil) throws -> Settings {
    let isSilent = fault.map { $0 == .half || $0 == .silence } ?? true
    return try settings(url, timeout: isSilent ? .milliseconds(700) : .seconds(10)) {
        if isSilent { $0.longestFlight = .milliseconds(3500) }
    }
}

/// What networks do, to everything that talks to a server: each ends, says why, loses nothing, and works again when
/// the network does.
@Suite struct FaultTests {
    private static let keys = 3000

    private struct Place {
        let server: RedisServer
        let proxy: FaultProxy

        init() throws {
            server = try RedisServer()
            try server.cli(
                "EVAL",
                "for i=1,\(FaultTests.keys) do redis.call('SET', 'session:'..i, string.rep('x', 30), 'EX', 5000) end",
                "0")
            proxy = try FaultProxy(to: server.socket)
        }

        func settings(_ fault: FaultProxy.Fault? = nil) throws -> Settings { try faulty(proxy.url, fault) }

        var files: OperationFiles { OperationFiles(directory: server.folder.path + "/state") }

        func operations(_ fault: FaultProxy.Fault? = nil) throws -> CacheOperations {
            CacheOperations(
                settings: try settings(fault), files: files,
                actor: AuditLog.Actor(user: "tester"))
        }
    }

    /// Whether the words are those of the fault.
    private func isRight(_ words: String, _ fault: FaultProxy.Fault) -> Bool {
        switch fault {
        case .delay, .trickle: false
        case .cut, .reset: words.contains("closed the connection")
        case .half, .silence: words.contains("does not answer")
        case .garbage: words.contains("protocol error") || words.contains("not a Redis server")
        }
    }

    @Test(arguments: FaultProxy.Fault.allCases)
    func polls(_ fault: FaultProxy.Fault) async throws {
        let place = try Place()
        let collector = SnapshotCollector(settings: try place.settings(fault))
        #expect((await collector.collect()).nodes[0].reachable)
        place.proxy.begin(fault, after: 100)
        let node = (await collector.collect()).nodes[0]
        #expect(node.reachable == fault.isHarmless, "\(String(describing: node.refusal))")
        if let refusal = node.refusal { #expect(isRight("\(CacheError.refused(refusal))", fault), "\(refusal)") }
        place.proxy.heal()
        _ = await collector.collect()
        #expect((await collector.collect()).nodes[0].reachable, "it recovers by itself")
        await collector.close()
    }

    @Test func looks() async {
        await sideBySide([false, true]) { full in
            for fault in FaultProxy.Fault.allCases { try await look(fault, full: full) }
        }
    }

    private func look(_ fault: FaultProxy.Fault, full: Bool) async throws {
        let place = try Place()
        let collector = SnapshotCollector(settings: try place.settings())
        func look() async -> NamespaceReport {
            full
                ? await collector.surveyor.sweep(SweepOptions(full: true, pace: .fast), control: SweepControl())
                : await collector.surveyor.estimate(sample: 500)
        }
        #expect((await look()).complete, "\(fault)")
        place.proxy.begin(fault, after: 3000)
        let report = await look()
        #expect(report.complete == fault.isHarmless, "\(fault): \(String(describing: report.refusal))")
        if let refusal = report.refusal {
            #expect(isRight("\(CacheError.refused(refusal))", fault), "\(fault): \(refusal)")
        }
        place.proxy.heal()
        var again = await look()
        // Healing closes a connection that was only slow.
        if again.refusal?.kind == .closed { again = await look() }
        #expect(again.complete && again.keys == Self.keys, "\(fault): \(String(describing: again.refusal))")
        await collector.close()
    }

    @Test func flushes() async { await sideBySide(FaultProxy.Fault.allCases) { try await flush($0) } }

    private func flush(_ fault: FaultProxy.Fault) async throws {
        let place = try Place()
        let operations = try place.operations()
        let plan = try await operations.plan(flush: "session", pace: .fast, control: SweepControl())
        place.proxy.begin(fault, after: 90_000)
        let receipt = try await operations.flush(
            plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .gentle, control: SweepControl())
        #expect(receipt.outcome.isDone == fault.isHarmless, "\(fault): \(receipt.outcome)")
        if case .stopped(let words) = receipt.outcome { #expect(isRight(words, fault), "\(fault): \(words)") }
        place.proxy.heal()
        // Every key is on the server or in the journal.
        let left = Int(try place.server.cli("DBSIZE").filter(\.isNumber)) ?? -1
        var journalled: Set<[UInt8]> = []
        let journal = try #require(receipt.journal)
        let reader = try JournalReader(try JournalReader.check(path: journal), newestFirst: false)
        while let block = try reader.next() { journalled.formUnion(block.entries.map(\.key)) }
        #expect(left + journalled.count >= Self.keys, "\(fault)")
        #expect(
            Self.keys - left >= receipt.removed && Self.keys - left <= receipt.removed + receipt.uncertain,
            "\(fault): \(left) left, \(receipt)")
        let undone = try await operations.undo(journal, pace: .fast, control: SweepControl())
        #expect(undone.failed == 0 && undone.outcome == .done, "\(fault): \(undone)")
        #expect(try place.server.cli("DBSIZE").filter(\.isNumber) == String(Self.keys), "\(fault): all are there again")
        await operations.close()
    }

    @Test func revocations() async { await sideBySide(FaultProxy.Fault.allCases) { try await revoke($0) } }

    private func revoke(_ fault: FaultProxy.Fault) async throws {
        let place = try Place()
        let operations = try place.operations()
        _ = try await operations.blacklistLayout()
        place.proxy.begin(fault)
        let request = RevocationRequest(tokens: [TokenInput(id: "a-1")])
        do throws(CacheError) {
            let results = try await operations.revoke(request)
            #expect(fault.isHarmless && results.allSatisfy { $0.holds }, "\(fault)")
        } catch { #expect(!fault.isHarmless && isRight(error.description, fault), "\(fault): \(error)") }
        place.proxy.heal()
        // Whatever is not known is said again.
        let again = try await operations.revoke(request)
        #expect(again.count == 1 && again[0].holds, "\(fault)")
        #expect(try place.server.cli("EXISTS", "token:blacklist:a-1").hasPrefix("1"), "\(fault)")
        await operations.close()
    }

    /// Neither descriptors nor threads nor memory pile up.
    @Test func manyFaultsLeaveNothingBehind() async throws {
        let place = try Place()
        let collector = SnapshotCollector(settings: try place.settings(.cut))
        func hurt(_ times: Int) async -> Int {
            var recoveries = 0
            for index in 0..<times {
                place.proxy.begin([.cut, .reset, .garbage][index % 3])
                _ = await collector.collect()
                place.proxy.heal()
                // The connection may have been given up at this poll only.
                for _ in 0..<10 where (await collector.collect()).nodes[0].reachable {
                    recoveries += 1
                    break
                }
            }
            return recoveries
        }
        _ = await hurt(100)
        let before = try OwnProcess()
        #expect(await hurt(1000) == 1000, "it comes back each time")
        // The proxy closes its own ends a little later.
        var after = try OwnProcess()
        try eventually("descriptors are given back: \(before)") {
            try OwnProcess().descriptors <= before.descriptors + 10
        }
        after = try OwnProcess()
        #expect(after.threads <= before.threads + 10, "\(before), then \(after)")
        #expect(after.residentKiB - before.residentKiB < 16 << 10, "\(before), then \(after)")
        await collector.close()
    }

    /// The same of looks at keys and of operations, which have connections of their own.
    @Test func manyFaultsOfActionsLeaveNothingBehind() async throws {
        let place = try Place()
        let files = place.files
        let operations = try place.operations(.cut)
        _ = try await operations.blacklistLayout()
        let surveys = SnapshotCollector(settings: try place.settings(.cut))
        func act(_ index: Int) async -> Bool {
            switch index % 3 {
            case 0: return (await surveys.surveyor.estimate(sample: 20)).refusal == nil
            case 1:
                let request = RevocationRequest(tokens: [TokenInput(id: "t-\(index)")])
                return (try? await operations.revoke(request).allSatisfy(\.holds)) == true
            default:
                return (try? await operations.setLifetime(of: Array("session:1".utf8), to: .seconds(900))) == true
            }
        }
        func hurt(_ times: Int) async -> Int {
            var recoveries = 0
            for index in 0..<times {
                // Each revocation reads the list of those before it, which is not what is tried here.
                if index % 50 == 0 { try? FileManager.default.removeItem(atPath: files.ledger) }
                // A connection is there, and is cut in the middle of what is asked next.
                _ = await act(index)
                place.proxy.begin(index % 2 == 0 ? .cut : .reset, after: 40)
                _ = await act(index)
                place.proxy.heal()
                for _ in 0..<10 where await act(index) {
                    recoveries += 1
                    break
                }
            }
            return recoveries
        }
        _ = await hurt(60)
        let before = try OwnProcess()
        #expect(await hurt(1000) == 1000, "it comes back each time")
        try eventually("descriptors are given back: \(before)") {
            try OwnProcess().descriptors <= before.descriptors + 10
        }
        let after = try OwnProcess()
        #expect(after.threads <= before.threads + 10, "\(before), then \(after)")
        #expect(after.residentKiB - before.residentKiB < 16 << 10, "\(before), then \(after)")
        await operations.close()
        await surveys.close()
    }
}

/// What this process holds of the system.
private struct OwnProcess: CustomStringConvertible {
    let descriptors: Int
    let threads: Int
    let residentKiB: Int

    init() throws {
        descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        residentKiB = line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }

    var description: String { "\(descriptors) descriptors, \(threads) threads, \(residentKiB) KiB" }
}
