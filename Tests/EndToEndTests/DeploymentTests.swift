import Foundation
import Support
import Testing

/// Deployments of several nodes, as typed.
@Suite struct DeploymentTests {
    private func json(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    /// The first sentinel is dead; the file is the platform's own.
    @Test func onceGoesThroughAnySentinel() throws {
        let farm = try SentinelFarm(replicas: 1)
        farm.stop(sentinel: 0)
        let nodes = farm.addresses.map { "\"\($0)\"" }.joined(separator: ", ")
        let file = try farm.folder.write(
            """
            [cache]
            cache_type = "Redis"
            redis_url = "redis://127.0.0.1:1"
            sentinel_enabled = true
            sentinel_nodes = [\(nodes)]
            sentinel_service = "mymaster"
            """, to: "platform.toml")
        let result = try Program.cachewatch("--config", file, "--once", "--quiet", "--format", "json")
        #expect(result.status == 1, "a sentinel is gone, which is a warning: \(result.errors)")
        let whole = try json(result.output)
        #expect(whole["deployment"] as? String == "sentinel")
        let members = try #require(whole["nodes"] as? [[String: Any]])
        #expect(members.first?["role"] as? String == "primary")
        let alerts = try #require(whole["alerts"] as? [[String: Any]])
        #expect(alerts.contains { $0["id"] as? String == "sentinel-quorum" && $0["level"] as? String == "warning" })
        let text = try Program.cachewatch(
            "--url", "redis://\(farm.addresses[1])", "--sentinel", "mymaster", "--once", "--quiet")
        #expect(text.output.contains("2 of 3 answer, quorum 2"), "\(text.output)")
        let flushed = try Program.cachewatch(
            "flush", "session", "--yes", "--url", "redis://\(farm.addresses[2])", "--sentinel", "mymaster")
        #expect(flushed.status == 0, "\(flushed.errors)")
    }

    @Test func theDashboardFollowsAFailOver() throws {
        let farm = try SentinelFarm()
        let session = try TmuxSession(
            "\(Program.cachewatch) --url redis://\(farm.addresses[0]) --sentinel mymaster; echo ended with $?")
        session.waitForVerdict()
        session.waitFor("127.0.0.1:\(farm.servers[0].port)")
        try farm.expectsFailOver()
        farm.servers[0].stop()
        // A poll that comes late finds the new primary at once.
        eventually("it is missed: \(session.screen)") {
            ["connection refused", "Fail-over: "].contains { session.screen.contains($0) }
        }
        session.waitFor("Fail-over: ")
        session.waitForVerdict()
        try session.press("7")
        session.waitFor("3 of 3 answer")
        // The old one comes back as a replica.
        try farm.servers[0].restart()
        eventually("two replicas are up") {
            session.screen.components(separatedBy: "replica").count - 1 == 2
                && !session.screen.contains("connection refused")
        }
        try session.press("q")
        session.waitFor("ended with 0")
    }

    @Test func aClusterIsSeenAsAWhole() throws {
        let farm = try ClusterFarm()
        try farm.fill((0..<300).map { "SET session:\($0) x EX 5000" })
        let once = try Program.cachewatch(
            "--url", "redis://\(farm.addresses[2])", "--cluster", "--once", "--quiet", "--format", "json", "--sweep",
            "full", "--pace", "fast")
        let whole = try json(once.output)
        #expect(whole["deployment"] as? String == "cluster")
        #expect((whole["sum"] as? [String: Any])?["keys"] as? Int == 300)
        #expect((whole["namespaces"] as? [String: Any])?["keys"] as? Int == 300)
        let keys = try Program.cachewatch(
            "keys", "session", "--limit", "1000", "--url", "redis://\(farm.addresses[0])", "--cluster")
        #expect(keys.output.split(separator: "\n").count == 300)
        let place = ["--url", "redis://\(farm.addresses[0])", "--cluster"]
        let journal = farm.servers[0].folder.path + "/flush.journal"
        let flush = try Program.run([Program.cachewatch] + ["flush", "session", "--yes", "--journal", journal] + place)
        #expect(flush.status == 0 && (flush.output + flush.errors).contains("300 keys of session removed"), "\(flush)")
        #expect(try farm.count("*") == 0)
        let undo = try Program.run([Program.cachewatch] + ["undo", journal] + place)
        #expect(undo.status == 0, "\(undo)")
        #expect(try farm.count("session:*") == 300)
        let refused = try Program.run([Program.cachewatch] + ["flush", "session", "--yes", "--read-only"] + place)
        #expect(refused.status == 4 && refused.errors.contains("nothing was sent"), "\(refused.errors)")
        let session = try TmuxSession(
            "\(Program.cachewatch) --url redis://\(farm.addresses[0]) --cluster; echo ended with $?")
        session.waitFor("all primaries")
        try session.press("7")
        session.waitFor("16,384 of 16,384 slots")
        try session.press("j", "Enter")
        session.waitFor("All screens show")
        try session.press("1")
        eventually("one node's keys are not all") { !session.screen.contains("all primaries") }
        try session.press("q")
        session.waitFor("ended with 0")
        let alone = try Program.cachewatch("--url", "redis://\(farm.addresses[0])", "--once", "--quiet")
        #expect(alone.output.contains("--cluster"), "\(alone.output)")
    }

    @Test(arguments: [
        (["--cluster", "--sentinel", "m", "--once"], "one of them"), (["--sentinel", "a b", "--once"], "no blanks"),
    ])
    func wrongUseIsRefused(words: [String], message: String) throws {
        let result = try Program.run([Program.cachewatch, "--url", "redis://127.0.0.1:1"] + words)
        #expect(result.status == 64 && result.errors.contains(message), "\(result.errors)")
    }
}
