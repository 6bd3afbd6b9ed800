import CacheModel
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Sentinel and Cluster over TLS that asks for client certificates, as users with the rights that `cachewatch acl`
/// prints and no others; and Cluster behind proxies, under addresses that nobody announces.
@Suite struct SecuredDeploymentTests {
    private func settings(_ address: String, _ certificates: Certificates?) throws -> Settings {
        var settings = Settings()
        settings.endpoint = try Endpoint(url: "\(certificates == nil ? "redis" : "rediss")://\(address)")
        settings.timeout = .seconds(5)
        settings.tls.caFile = certificates?.authority
        settings.tls.certificateFile = certificates?.clientCertificate
        settings.tls.keyFile = certificates?.clientKey
        return settings
    }

    private func operations(_ settings: Settings, _ server: RedisServer) -> CacheOperations {
        CacheOperations(
            settings: settings, files: OperationFiles(directory: server.folder.path + "/state"),
            actor: AuditLog.Actor(user: "tester"))
    }

    private func make(_ user: String, on servers: [RedisServer], cluster: Bool) throws {
        let line = AccessRules.line(user: user, for: .acting, cluster: cluster).replacing("PASSWORD", with: "pw")
        for server in servers {
            #expect(try server.cli(line.split(separator: " ").map(String.init)).hasPrefix("OK"))
        }
    }

    /// Looks, sweeps, flushes, brings back and revokes.
    private func useAll(_ settings: Settings, keys: Int, _ server: RedisServer) async throws {
        let collector = SnapshotCollector(settings: settings)
        let snapshot = await collector.collect()
        let refusals = snapshot.nodes.compactMap(\.refusal)
        #expect(refusals.isEmpty, "\(refusals)")
        let sweep = await collector.surveyor.sweep(SweepOptions(full: true, pace: .fast), control: SweepControl())
        #expect(sweep.complete && sweep.keys == keys, "\(sweep.keys)")
        await collector.close()
        let operations = operations(settings, server)
        #expect(try await operations.access() == .allowed)
        let plan = try await operations.plan(flush: "session", acts: true, pace: .fast, control: SweepControl())
        #expect(plan.keys == keys - 1)
        let receipt = try await operations.flush(
            plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .fast, control: SweepControl())
        #expect(receipt.isWhole && receipt.removed == keys - 1 && receipt.comparesWrites, "\(receipt)")
        let undone = try await operations.undo(
            try #require(receipt.journal), pace: .fast, control: SweepControl())
        #expect(undone.isWhole && undone.restored == keys - 1, "\(undone)")
        let results = try await operations.revoke(RevocationRequest(tokens: [TokenInput(id: "a-1")]))
        #expect(results[0].holds, "\(results)")
        await operations.close()
    }

    @Test func clusterWithCertificatesAndUsers() async throws {
        let certificates = try Certificates()
        let farm = try ClusterFarm(tls: certificates)
        try farm.fill((0..<300).map { "SET session:\($0) x EX 5000" } + ["SET other:1 x"])
        try make("w", on: farm.servers, cluster: true)
        var settings = try settings("w:pw@" + farm.addresses[0], certificates)
        (settings.clusterEnabled, settings.clusterNodes) = (true, [farm.addresses[0]])
        try await useAll(settings, keys: 301, farm.servers[0])
        settings.tls.certificateFile = nil
        settings.tls.keyFile = nil
        let without = SnapshotCollector(settings: settings)
        #expect((await without.collect()).nodes[0].refusal?.kind == .tlsClientCertificate)
        await without.close()
    }

    @Test func sentinelWithCertificatesAndUsers() async throws {
        let certificates = try Certificates()
        let farm = try SentinelFarm(replicas: 1, password: "s-secret", tls: certificates)
        try farm.servers[0].cli(
            "EVAL", "for i=1,300 do redis.call('SET','session:'..i,'x','EX',5000) end redis.call('SET','other:1','x')",
            "0")
        try make("w", on: farm.servers, cluster: false)
        var settings = try settings("w:pw@" + farm.addresses[0], certificates)
        (settings.sentinelEnabled, settings.sentinelNodes) = (true, farm.addresses)
        settings.sentinelPassword = Secret("s-secret")
        try await useAll(settings, keys: 301, farm.servers[0])
    }

    /// Nodes announce what nobody can reach from here; MOVED and ASK do so, too.
    @Test func clusterBehindProxies() async throws {
        let farm = try ClusterFarm()
        let keys = (0..<6).map { "session:{tag}:\($0)" }
        try farm.fill(((0..<294).map { "session:\($0)" } + keys).map { "SET \($0) x EX 5000" } + ["SET other:1 x"])
        let proxies = try farm.servers.map { try FaultProxy(to: $0.socket) }
        for (index, server) in farm.servers.enumerated() {
            try server.cli("CONFIG", "SET", "cluster-announce-hostname", "node-\(index).invalid")
            try server.cli("CONFIG", "SET", "cluster-preferred-endpoint-type", "hostname")
        }
        try eventually("all know all names") {
            try farm.servers.allSatisfy { server in
                try server.cli("CLUSTER", "SHARDS").components(separatedBy: ".invalid").count - 1 >= 6
            }
        }
        var settings = try settings("127.0.0.1:\(proxies[0].port)", nil)
        (settings.clusterEnabled, settings.clusterNodes) = (true, ["127.0.0.1:\(proxies[0].port)"])
        for (index, server) in farm.servers.enumerated() {
            settings.addressMap["node-\(index).invalid:\(server.port)"] = "127.0.0.1:\(proxies[index].port)"
        }
        try await useAll(settings, keys: 301, farm.servers[0])
        // A slot that stays open sends about.
        let slot = KeySlot.of(Array(keys[0].utf8))
        try farm.halfMove(slot, from: slot * 3 / 16_384, to: (slot * 3 / 16_384 + 1) % 3, keys: Array(keys.prefix(3)))
        let operations = operations(settings, farm.servers[0])
        for key in keys { #expect(try await operations.setLifetime(of: Array(key.utf8), to: .seconds(77)), "\(key)") }
        let plan = try await operations.plan(flush: "session", pace: .fast, control: SweepControl())
        #expect(plan.keys == 300)
        let receipt = try await operations.flush(
            plan, FlushConfirmation(typed: "session"), journal: .automatic, pace: .fast, control: SweepControl())
        #expect(receipt.isWhole && receipt.removed == 300, "\(receipt)")
        await operations.close()
        // One that is silent keeps nobody waiting, and comes back.
        let collector = SnapshotCollector(settings: settings)
        _ = await collector.collect()
        proxies[1].begin(.silence)
        await eventually("one is late") { await collector.collect().nodes.filter { $0.late != nil }.count == 1 }
        proxies[1].heal()
        await eventually("all answer") {
            await collector.collect().nodes.allSatisfy { $0.late == nil && $0.reachable }
        }
        await collector.close()
    }
}
