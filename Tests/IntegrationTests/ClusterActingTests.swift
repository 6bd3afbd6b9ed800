import CacheModel
import Foundation
import Support
import NIOConcurrencyHelpers
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// What changes a cache does so in a cluster as on one server, while nothing moves, while slots move, and while a
/// primary dies.
@Suite struct ClusterActingTests {
    private func settings(_ farm: ClusterFarm, _ change: (inout Settings) -> Void = { _ in }) throws -> Settings {
        var settings = Settings()
        settings.endpoint = try Endpoint(url: farm.servers[0].url)
        settings.clusterEnabled = true
        settings.clusterNodes = farm.addresses
        settings.timeout = .seconds(5)
        change(&settings)
        return settings
    }

    private func operations(
        _ farm: ClusterFarm, _ change: (inout Settings) -> Void = { _ in }
    ) throws -> CacheOperations {
        CacheOperations(
            settings: try settings(farm, change), files: files(farm), actor: AuditLog.Actor(user: "tester"))
    }

    private func files(_ farm: ClusterFarm) -> OperationFiles {
        OperationFiles(directory: farm.servers[0].folder.path + "/state")
    }

    /// A third is of the namespace; hash tags gather some in few slots.
    private func fill(_ farm: ClusterFarm, _ count: Int) throws {
        try farm.fill(
            (0..<count).map { index in
                switch index % 6 {
                case 0: "SET session:\(index) \(String(repeating: "s", count: 1 + index % 50)) EX 5000"
                case 1: "RPUSH session:{u\(index % 40)}:\(index) a b c"
                case 2: "SET product:\(index) \(String(repeating: "p", count: 1 + index % 50)) EX 3600"
                case 3: "HSET cart:{u\(index % 40)}:\(index) sku \(index)"
                case 4: "SET sessions:\(index) look-alike"
                default: "SET other:\(index) x"
                }
            })
    }

    private func image(_ farm: ClusterFarm, besides gone: Int? = nil) async throws -> [[UInt8]: [UInt8]] {
        var keys: [[UInt8]: [UInt8]] = [:]
        for (index, server) in farm.servers.enumerated() where index != gone {
            guard try server.cli("ROLE").hasPrefix("master") else { continue }
            keys.merge(try await dumps(of: server)) { $1 }
        }
        return keys
    }

    /// What tells each value of a node from another.
    private func dumps(of server: RedisServer) async throws -> [[UInt8]: [UInt8]] {
        let line = Line(endpoint: try Endpoint(url: server.socketURL), dialler: Dialler(settings: Settings()))
        let scan = try await line.pipeline([Command("SCAN", "0", "COUNT", "10000000")], deadline: .seconds(60))
        let keys = try scan[0].array[1].array.map { value throws in try value.bytes }
        let replies = try await line.pipeline(
            keys.map { Command([Array("DUMP".utf8), $0]) }, deadline: .seconds(60))
        await line.close()
        let digests = try replies.map { reply throws in ComparedRemoval.digest(try reply.bytes) }
        return Dictionary(uniqueKeysWithValues: zip(keys, digests))
    }

    @Test(arguments: RedisServer.Software.allCases)
    func flushAndUndo(_ software: RedisServer.Software) async throws {
        let farm = try ClusterFarm(software: software)
        try fill(farm, 3000)
        let before = try await image(farm)
        let operations = try operations(farm)
        #expect(try await operations.access() == .allowed)
        let plan = try await operations.plan(flush: "session", acts: true, pace: .fast, control: SweepControl())
        #expect(plan.keys == 1000 && plan.total == 3000 && plan.nodes.count == 3, "\(plan)")
        #expect(plan.parts == [FlushPlan.Part(prefix: "session:", keys: 1000)] && (plan.bytes ?? 0) > 1000)
        let receipt = try await operations.flush(
            plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .fast, control: SweepControl())
        #expect(receipt.isWhole && receipt.removed == 1000 && receipt.comparesWrites, "\(receipt)")
        #expect(try await image(farm) == before.filter { !isSession($0.key) })
        let journal = try #require(receipt.journal)
        let look = try await operations.undo(
            journal, UndoChoices(isDryRun: true), pace: .fast, control: SweepControl())
        #expect(look.restored == 1000 && look.existing == 0)
        let undone = try await operations.undo(journal, pace: .fast, control: SweepControl())
        #expect(undone.isWhole && undone.restored == 1000 && undone.verified == 1000, "\(undone)")
        #expect(try await image(farm) == before)
        await operations.close()
    }

    @Test(arguments: [(true, 1200), (false, 500)])
    func slotsMoveDuringAFlush(journals: Bool, slots: Int) async throws {
        let farm = try ClusterFarm()
        try fill(farm, 9000)
        let before = try await image(farm)
        let operations = try operations(farm)
        let reshard = try farm.reshard(slots: slots, from: 0, to: 1)
        let plan = try await operations.plan(flush: "session", pace: .gentle, control: SweepControl())
        #expect(plan.keys == 3000, "each once, wherever it is")
        let receipt = try await operations.flush(
            plan, FlushConfirmation(typed: "session"), journal: journals ? .automatic : .none, pace: .gentle,
            control: SweepControl())
        #expect(receipt.outcome == .done, "\(receipt)")
        #expect(reshard.wait() == 0)
        #expect(try farm.servers[1].cli("CLUSTER", "INFO").contains("cluster_state:ok"))
        #expect(try await image(farm) == before.filter { !isSession($0.key) })
        #expect(receipt.removed == 3000)
        if let journal = receipt.journal {
            let back = try farm.reshard(slots: slots, from: 1, to: 0)
            let undone = try await operations.undo(journal, pace: .gentle, control: SweepControl())
            #expect(undone.outcome == .done && undone.failed == 0 && undone.restored == 3000, "\(undone)")
            #expect(back.wait() == 0)
            #expect(try await image(farm) == before)
        }
        await operations.close()
    }

    /// A move that was begun and never ended: some keys are here, some there, and both answer for theirs only.
    @Test func aSlotThatStaysOpen() async throws {
        let farm = try ClusterFarm()
        let keys = (0..<20).map { "session:{tag}:\($0)" }
        try farm.fill(keys.map { "SET \($0) x EX 5000" } + ["SET other:{tag} x", "SET session:1 x EX 5000"])
        let slot = KeySlot.of(Array(keys[0].utf8))
        let source = slot * 3 / 16_384
        let target = (source + 1) % 3
        try farm.halfMove(slot, from: source, to: target, keys: Array(keys.prefix(8)) + ["other:{tag}"])
        #expect(try farm.count("session:*") == 21)
        let browser = KeyBrowser(settings: try settings(farm))
        for key in keys { #expect(try await browser.inspect(Array(key.utf8)).exists, "\(key)") }
        await browser.close()
        let operations = try operations(farm)
        let plan = try await operations.plan(flush: "session", pace: .fast, control: SweepControl())
        #expect(plan.keys == 21)
        let repair = try await operations.plan(
            repair: "session", ttl: .seconds(60), pace: .fast, control: SweepControl())
        #expect(repair.above == 21)
        let mended = try await operations.repair(
            repair, FlushConfirmation(typed: "session"), pace: .fast, control: SweepControl())
        #expect(mended.outcome == .done && mended.shortened == 21, "\(mended)")
        let receipt = try await operations.flush(
            plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .fast, control: SweepControl())
        #expect(receipt.isWhole && receipt.removed == 21, "\(receipt)")
        #expect(try farm.count("*") == 1, "only the other one")
        let undone = try await operations.undo(
            try #require(receipt.journal), pace: .fast, control: SweepControl())
        #expect(undone.isWhole && undone.restored == 21, "\(undone)")
        #expect(try farm.count("session:*") == 21)
        // A token whose key belongs into the open slot.
        let name = "token:blacklist:{tag}"
        #expect(KeySlot.of(Array(name.utf8)) == slot)
        let results = try await operations.revoke(RevocationRequest(tokens: [TokenInput(id: "{tag}")]))
        #expect(results[0].holds, "\(results)")
        #expect(try farm.count(name) == 1)
        let deleted = try await operations.delete(Array(keys[0].utf8))
        #expect(deleted != nil)
        #expect(try await operations.setLifetime(of: Array(keys[1].utf8), to: .seconds(9)))
        #expect(try farm.count("session:*") == 20)
        await operations.close()
    }

    @Test func aPrimaryDiesDuringAFlush() async throws {
        let farm = try ClusterFarm(replicas: 1)
        try fill(farm, 20_001)
        for server in farm.servers.prefix(3) { try server.cli("WAIT", "1", "5000") }
        let before = try await image(farm)
        let operations = try operations(farm)
        let plan = try await operations.plan(flush: "session", pace: .fast, control: SweepControl())
        let killed = NIOLockedValueBox(false)
        let control = SweepControl()
        let receipt = try await operations.flush(
            plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .gentle, control: control
        ) { progress in
            guard progress.done > 100, !killed.withLockedValue({ $0 }) else { return }
            killed.withLockedValue { $0 = true }
            try? farm.expectsFailure()
            farm.servers[0].stop()
            control.hurry()
        }
        #expect(killed.withLockedValue { $0 })
        #expect(receipt.outcome == .done && receipt.continuedOn.count == 1, "\(receipt)")
        #expect(try await image(farm, besides: 0) == before.filter { !isSession($0.key) })
        let undone = try await operations.undo(
            try #require(receipt.journal), pace: .fast, control: SweepControl())
        #expect(undone.failed == 0 && undone.outcome == .done, "\(undone)")
        #expect(try await image(farm, besides: 0) == before)
        await operations.close()
    }

    /// Nobody takes its place: what is left undone is said, and what was done comes back.
    @Test func aNodeIsGoneForGood() async throws {
        let farm = try ClusterFarm()
        try fill(farm, 3000)
        let operations = try operations(farm)
        let plan = try await operations.plan(flush: "session", pace: .fast, control: SweepControl())
        farm.servers[2].stop()
        await #expect(throws: CacheError.self) {
            _ = try await operations.flush(
                plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .fast,
                control: SweepControl())
        }
        await #expect(throws: CacheError.self, "no count of a part is told for the whole") {
            _ = try await operations.plan(flush: "session", pace: .fast, control: SweepControl())
        }
        await operations.close()
    }

    @Test func repairAndUndo() async throws {
        let farm = try ClusterFarm()
        try farm.fill((0..<300).map { "SET session:\($0) x" } + (0..<300).map { "SET session:x\($0) x EX 999999" })
        let operations = try operations(farm)
        let plan = try await operations.plan(
            repair: "session", ttl: .seconds(600), acts: true, pace: .fast, control: SweepControl())
        #expect(plan.withoutTTL == 300 && plan.above == 300)
        let receipt = try await operations.repair(
            plan, FlushConfirmation(typed: "session"), pace: .fast, control: SweepControl())
        #expect(receipt.outcome == .done && receipt.given == 300 && receipt.shortened == 300, "\(receipt)")
        let again = try await operations.plan(
            repair: "session", ttl: .seconds(600), pace: .fast, control: SweepControl())
        #expect(again.breaches == 0)
        let undone = try await operations.undo(
            try #require(receipt.journal), pace: .fast, control: SweepControl())
        #expect(undone.isWhole && undone.restored == 600, "\(undone)")
        let after = try await operations.plan(
            repair: "session", ttl: .seconds(600), pace: .fast, control: SweepControl())
        #expect(after.withoutTTL == 300 && after.above == 300)
        await operations.close()
    }

    @Test(arguments: RevocationLayout.allCases)
    func tokensAreRevoked(_ layout: RevocationLayout) async throws {
        let farm = try ClusterFarm()
        let operations = try operations(farm) { $0.revocationLayout = layout }
        let ids = (0..<12).map { "id-\($0)" }
        let request = RevocationRequest(
            tokens: ids.map { TokenInput(id: $0, user: "u1", type: "access") }, lifetime: .seconds(900))
        let results = try await operations.revoke(request)
        #expect(results.count == 12 && results.allSatisfy { $0.state == .written && $0.holds }, "\(results)")
        #expect(try await operations.revoke(request).allSatisfy { $0.state == .alreadyRevoked })
        let listed = try await operations.revoked(limit: 100, pace: .fast, control: SweepControl())
        #expect(Set(listed.tokens.map(\.token.id)) == Set(ids) && listed.isWhole)
        let collector = SnapshotCollector(settings: try settings(farm), ledger: operations.ledger)
        #expect((await collector.collect()).revocations == RevocationCheck(watched: 12, lost: []))
        let key = try #require(layout.layouts.last).key(of: ids[3], keyPrefix: [])
        try farm.cli("DEL", String(decoding: key, as: UTF8.self))
        #expect((await collector.collect()).revocations == RevocationCheck(watched: 12, lost: [ids[3]]))
        let rewritten = try await operations.rewriteLost()
        #expect(rewritten.count == 1 && rewritten[0].holds)
        #expect((await collector.collect()).revocations == RevocationCheck(watched: 12, lost: []))
        let removed = try await operations.unrevoke(ids[0], typed: ids[0]).keys
        #expect(removed.count == layout.layouts.count)
        #expect((await collector.collect()).revocations == RevocationCheck(watched: 11, lost: []))
        await collector.close()
        await operations.close()
        // The layout is found by looking at the keys of all nodes.
        let others = try self.operations(farm)
        #expect(try await others.blacklistLayout().layout == layout)
        await others.close()
    }

    /// A node's id outlives its process: a journal knows it again by that.
    @Test func nodesAreKnownByTheirIds() async throws {
        let farm = try ClusterFarm()
        let operations = try operations(farm)
        let ids: Set<String?> = Set(try farm.servers.map { try $0.nodeID() })
        let targets = try await operations.targets()
        #expect(Set(targets.map(\.opened.identity.server.nodeID)) == ids)
        let scope = operations.tokens("all", keys: (0..<50).map { Array("token:blacklist:\($0)".utf8) })
        let checked = try await operations.guard.check(.revoke, on: scope)
        #expect(Set(checked.identities.map(\.server.nodeID)) == ids)
        await operations.close()
    }

    @Test func aLostRevocationStaysLostWhileItsNodeIsSilent() async throws {
        let farm = try ClusterFarm()
        let settings = try settings(farm) {
            $0.timeout = .seconds(2)
            $0.revocationLayout = .documented
        }
        let operations = CacheOperations(
            settings: settings, files: files(farm), actor: AuditLog.Actor(user: "tester"))
        let ids = (0..<24).map { "stolen-\($0)" }
        _ = try await operations.revoke(
            RevocationRequest(
                tokens: ids.map { TokenInput(id: $0, user: "u1", type: "access") }, lifetime: .seconds(900)))
        let keys = Dictionary(
            uniqueKeysWithValues: operations.ledger.entries(at: .now).flatMap { entry in
                entry.keys.map { (String(decoding: $0, as: UTF8.self), entry.token.id) }
            })
        let silent = farm.servers[2]
        let held = try silent.cli("KEYS", "*").split(separator: "\n").compactMap { keys[String($0)] }
        let lost = try #require(held.first)
        try silent.cli("DEL", try #require(keys.first { $0.value == lost }).key)
        let collector = SnapshotCollector(settings: settings, ledger: operations.ledger)
        var alerts = AlertEngine(immediate: true)
        _ = alerts.evaluate(await collector.collect())
        #expect(alerts.raised.contains { $0.id == .revocationLost })
        silent.signal(SIGSTOP)
        defer { silent.signal(SIGCONT) }
        for _ in 0..<4 {
            let snapshot = await collector.collect()
            _ = alerts.evaluate(snapshot)
            let alert = try #require(alerts.raised.first { $0.id == .revocationLost })
            #expect(alert.message.contains("1 of 24 revocations, \(lost); "), "\(alert.message)")
            let check = try #require(snapshot.revocations)
            #expect(check.watched == 24 && check.lost.isEmpty)
            #expect(Set(check.unanswered ?? []).isSuperset(of: held))
        }
        silent.signal(SIGCONT)
        await eventually("it is asked again") {
            await collector.collect().revocations == RevocationCheck(watched: 24, lost: [lost])
        }
        await collector.close()
        await operations.close()
    }

    @Test func singleKeys() async throws {
        let farm = try ClusterFarm()
        try farm.fill((0..<10).map { "SET session:\($0) v\($0)" })
        let operations = try operations(farm)
        for index in 0..<10 {
            let key = Array("session:\(index)".utf8)
            #expect(try await operations.setLifetime(of: key, to: .seconds(50)))
            #expect(try await operations.setLifetime(of: key, to: nil))
            let journal = try #require(try await operations.delete(key))
            #expect(try farm.cli("EXISTS", "session:\(index)").hasPrefix("0"))
            #expect(try await operations.undo(journal, control: SweepControl()).isWhole)
            #expect(try farm.cli("GET", "session:\(index)").hasPrefix("v\(index)"))
        }
        #expect(try await operations.delete(Array("nobody".utf8)) == nil)
        await operations.close()
    }

    /// A database that a cluster does not have is refused, and 0 is not taken instead of it.
    @Test func aDatabaseThatAClusterDoesNotHaveIsRefused() async throws {
        let farm = try ClusterFarm()
        try farm.fill((0..<30).map { "SET session:\($0) x" })
        let operations = try operations(farm) { $0.endpoint.database = 5 }
        for act in [
            { _ = try await operations.plan(flush: "session", pace: .fast, control: SweepControl()) },
            { _ = try await operations.delete(Array("session:1".utf8)) },
            { _ = try await operations.revoke(RevocationRequest(tokens: [TokenInput(id: "a")])) },
        ] {
            await #expect { try await act() } throws: {
                guard case CacheError.refused(let refusal) = $0 else { return false }
                return refusal.kind == .noSuchDatabase && refusal.detail.contains("database 5")
            }
        }
        #expect(try farm.count("*") == 30)
        await operations.close()
    }

    /// Valkey 9 has databases in a cluster, too, and what is done in one leaves the others alone.
    @Test func databasesOfAClusterAreActedOn() async throws {
        let software = RedisServer.Software.valkey9
        _ = try #require(software.program, "\(software.rawValue) is not set; scripts/test sets it")
        let farm = try ClusterFarm(software: software, arguments: ["--cluster-databases", "16"])
        for server in farm.servers {
            let numbers = try farm.names(on: server)
            for database in ["0", "5"] {
                for name in numbers { try server.cli("-n", database, "SET", name, "x", "EX", "5000") }
            }
        }
        func sizes(_ database: String) throws -> Int {
            try farm.servers.reduce(0) { $0 + (Int(try $1.cli("-n", database, "DBSIZE").filter(\.isNumber)) ?? 0) }
        }
        #expect(try sizes("0") == 30 && sizes("5") == 30)
        let operations = try operations(farm) { $0.endpoint.database = 5 }
        let collector = SnapshotCollector(settings: try settings(farm) { $0.endpoint.database = 5 })
        let snapshot = await collector.collect()
        #expect(snapshot.database == 5 && snapshot.nodes.compactMap(\.keys).reduce(0, +) == 30)
        await collector.close()
        let plan = try await operations.plan(flush: "session", acts: true, pace: .fast, control: SweepControl())
        #expect(plan.database == 5 && plan.keys == 30 && plan.target.hasSuffix("/5"))
        let receipt = try await operations.flush(
            plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .fast, control: SweepControl())
        #expect(receipt.isWhole && receipt.removed == 30, "\(receipt)")
        #expect(try sizes("0") == 30 && sizes("5") == 0)
        let undone = try await operations.undo(try #require(receipt.journal), control: SweepControl())
        #expect(undone.isWhole && undone.restored == 30, "\(undone)")
        #expect(try sizes("0") == 30 && sizes("5") == 30)
        await operations.close()
    }
}

extension ClusterFarm {
    /// Ten names of sessions that a node holds.
    fileprivate func names(on server: RedisServer) throws -> [String] {
        let index = try #require(servers.firstIndex { $0 === server })
        let range = (16_384 * index / primaries)...(16_384 * (index + 1) / primaries - 1)
        return Array(
            (0..<1000).lazy.map { "session:\($0)" }.filter { range.contains(KeySlot.of(Array($0.utf8))) }.prefix(10))
    }
}
