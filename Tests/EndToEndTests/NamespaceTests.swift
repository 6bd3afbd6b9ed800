import CacheModel
import Foundation
import Glibc
import Support
import Testing

/// `--estimate` and `--sweep` as typed, on the built program.
@Suite struct NamespaceTests {
    private func json(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private func items(_ whole: [String: Any]) throws -> [String: [String: Any]] {
        let namespaces = try #require(whole["namespaces"] as? [String: Any])
        let items = try #require(namespaces["items"] as? [[String: Any]])
        return Dictionary(uniqueKeysWithValues: items.map { ($0["name"] as? String ?? "", $0) })
    }

    @Test(arguments: ["counts", "full"]) func sweepAgreesWithTheServer(mode: String) throws {
        let server = try RedisServer()
        let truth = try KnownKeyspace(on: server, keys: 5000)
        let result = try Program.cachewatch(
            "--url", server.socketURL, "--once", "--quiet", "--format", "json", "--sweep", mode, "--pace", "fast")
        // Counters without a TTL are a warning.
        #expect(result.status == 1, "\(result.errors)")
        #expect(result.errors.isEmpty, "no progress where nobody watches")
        let whole = try json(result.output)
        let namespaces = try #require(whole["namespaces"] as? [String: Any])
        #expect(namespaces["method"] as? String == "sweep-\(mode)")
        #expect(namespaces["complete"] as? Bool == true)
        #expect(namespaces["keys"] as? Int == truth.total)
        for (name, item) in try items(whole) {
            #expect(item["keys"] as? Int == truth.keys[name, default: 0], "\(name)")
            if mode == "full" {
                #expect(item["bytes"] as? Int == (try KnownKeyspace.bytes(of: name, on: server)), "\(name)")
            }
        }
        let alerts = try #require(whole["alerts"] as? [[String: Any]])
        #expect(alerts.contains { $0["id"] as? String == "ttl-contract-broken" && $0["node"] is NSNull })
    }

    @Test func estimateIsPrintedInEveryFormat() throws {
        let server = try RedisServer()
        _ = try KnownKeyspace(on: server, keys: 3000)
        func run(_ format: String) throws -> String {
            try Program.cachewatch(
                "--url", server.socketURL, "--once", "--quiet", "--format", format, "--estimate", "--sample", "500"
            ).output
        }
        let whole = try json(try run("json"))
        #expect((whole["namespaces"] as? [String: Any])?["examined"] as? Int == 500)
        #expect((try items(whole))["session"]?["keys_low"] as? Int ?? .max < 603)
        let text = try run("text")
        #expect(text.contains("estimate from 500 of"))
        #expect(text.contains("largest stall at most"))
        // The first line is one for plug-ins, and what is to be copied is whole.
        let prose = text.split(separator: "\n").dropFirst().filter { !$0.hasPrefix("               cachewatch ") }
        #expect(prose.allSatisfy { $0.count <= 100 })
        #expect(try run("prometheus").contains("cachewatch_namespace_keys{namespace=\"session\"} "))
        let picture = try run("svg").replacing("\u{a0}", with: " ")
        #expect(picture.contains("estimate of 500 keys"))
        // Which of the small ones there is room for is luck: the largest two have theirs, and what is cut is counted.
        let names = ["product", "session", "cart", "rate:limit", "token:blacklist", "api:cache", "ws:session"]
        #expect(names.prefix(2).allSatisfy(picture.contains))
        #expect(names.allSatisfy(picture.contains) || picture.contains("more on 2"))
    }

    @Test func ownNamespacesOfTheSettingsAreUsed() throws {
        let server = try RedisServer()
        try server.cli("MSET", "shop:basket:1", "x", "shop:session:1", "x", "session:1", "x")
        let folder = try TemporaryFolder()
        let file = try folder.write(
            """
            [cachewatch]
            key_prefix = "shop:"
            [[cachewatch.namespace]]
            name = "cart"
            prefixes = ["basket"]
            max_ttl = "2h"
            """, to: "c.toml")
        let result = try Program.run(
            [Program.cachewatch, "--config", file, "--once", "--quiet", "--format", "json", "--sweep", "full"],
            environment: ["REDIS_URL": server.socketURL])
        let items = try items(try json(result.output))
        #expect(items["cart"]?["keys"] as? Int == 1)
        #expect(items["cart"]?["layout"] as? [String] == ["shop:basket:"])
        #expect(items["session"]?["keys"] as? Int == 1, "the one without the prefix is another deployment's")
        #expect(items["product"]?["keys"] as? Int == 0)
    }

    @Test func interruptedSweepTellsWhatItHasCounted() throws {
        // It has 60 ms for that, which a machine that is busy with other things may give to others.
        for _ in 0..<20 { if try tellsWhatItHasCounted() { return } }
        Issue.record("nothing was told in any of 20 attempts")
    }

    /// - Returns: false where nothing at all was printed.
    private func tellsWhatItHasCounted() throws -> Bool {
        let server = try RedisServer()
        let truth = try KnownKeyspace(on: server, keys: 80_000)
        let folder = try TemporaryFolder()
        let output = folder.path + "/output"
        let child = try Child(
            [
                Program.cachewatch, "--url", server.socketURL, "--once", "--quiet", "--format", "json", "--sweep",
                "full",
            ], output: output)
        // More than is on its way at once: some of it was taken in.
        try eventually("the sweep is under way") {
            let asked = try server.cli("INFO", "commandstats").firstMatch(of: #/cmdstat_pttl:calls=([0-9]+)/#)
            return asked.flatMap { Int($0.1) } ?? 0 >= 2000
        }
        child.signal(SIGINT)
        _ = child.wait()
        let text = try String(contentsOfFile: output, encoding: .utf8)
        if text.isEmpty { return false }
        let whole = try json(text)
        let namespaces = try #require(whole["namespaces"] as? [String: Any])
        #expect(namespaces["complete"] as? Bool == false)
        #expect(namespaces["keys"] as? Int == truth.total)
        #expect(namespaces["examined"] as? Int ?? .max < truth.total)
        return true
    }

    @Test(arguments: [
        ["--estimate"], ["--sweep", "full"], ["--once", "--pace", "fast"], ["--once", "--sweep", "all"],
        ["--once", "--estimate", "--sweep", "full"], ["--once", "--estimate", "--sample", "0"],
        ["--once", "--sweep", "full", "--pace", "wild"],
    ]) func nonsenseIsRefused(arguments: [String]) throws {
        let result = try Program.run([Program.cachewatch, "--url", "redis://127.0.0.1:1"] + arguments)
        #expect(result.status == 64, "\(arguments) \(result.status)")
        #expect(result.output.isEmpty && !result.errors.isEmpty)
    }

    @Test func prefixesThatNameNothingAreRefused() throws {
        let folder = try TemporaryFolder()
        for prefix in ["", ":", "::/", "*:"] {
            let file = try folder.write(
                "[[cachewatch.namespace]]\nname = \"x\"\nprefixes = [\"\(prefix)\"]\n", to: "c.toml")
            let result = try Program.cachewatch("--config", file, "--once")
            #expect(result.status == 64, "\(prefix)")
            #expect(result.errors.contains("names no keys"), "\(result.errors)")
        }
    }

    /// The dashboard's own: a sweep whose keys always answer, a part of one, a namespace in full.
    @Test func dashboardSweepsWhileKeysAnswer() throws {
        let server = try RedisServer()
        let truth = try KnownKeyspace(on: server, keys: 150_000)
        // Nothing is looked at unasked.
        let file = try server.folder.write("[cachewatch]\nestimate_every = \"0\"\n", to: "c.toml")
        let session = try TmuxSession(
            "\(Program.cachewatch) --url \(server.socketURL) --config \(file); echo ended with $?")
        session.waitForVerdict()
        try session.press("2", "S")
        session.waitFor("x stops")
        try session.press("4")
        session.waitFor("By command")
        try session.press("2", "x")
        session.waitFor("part of a full sweep")
        try session.press("s")
        session.waitFor("sweep of \(Format.count(truth.total)) keys")
        try session.press("Enter")
        session.waitFor("Expiring within the hour")
        try session.press("q")
        session.waitFor("ended with 0")
    }
}
