import Foundation
import Support
import Testing

/// `--once` as cron runs it: the built program, its output, its status.
@Suite struct OnceTests {
    private func json(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private func node(_ text: String) throws -> [String: Any] {
        try #require((try json(text)["nodes"] as? [[String: Any]])?.first)
    }

    /// One field of `redis-cli INFO`.
    private func field(_ name: String, _ server: RedisServer) throws -> String {
        let line = try server.cli("INFO").split(whereSeparator: \.isNewline).first { $0.hasPrefix(name + ":") }
        return try String(#require(line).dropFirst(name.count + 1))
    }

    @Test func jsonAgreesWithRedisCli() throws {
        let server = try RedisServer([
            "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru", "--slowlog-log-slower-than", "0",
        ])
        for id in 0..<20 { try server.cli("SET", "product:\(id)", "x", "EX", "100") }
        try server.cli("GET", "product:1")
        try server.cli("GET", "product:none")
        try server.cli("CONFIG", "SET", "slowlog-log-slower-than", "-1")
        let result = try Program.cachewatch("--url", server.url, "--once", "--format", "json")
        // Everything here is slower than a threshold of 0: that is one warning.
        #expect(result.status == 1, "\(result.output)\(result.errors)")
        let whole = try json(result.output)
        let node = try node(result.output)
        #expect(whole["schema"] as? Int == 1)
        #expect(whole["status"] as? String == "warning")
        #expect(whole["target"] as? String == "redis://127.0.0.1:\(server.port)/0")
        #expect(whole["deployment"] as? String == "standalone")
        #expect(node["keys"] as? Int == Int(try server.cli("DBSIZE").trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(node["role"] as? String == "primary")
        #expect(node["software"] as? String == "redis")
        #expect(node["version"] as? String == (try field("redis_version", server)))
        let memory = try #require(node["memory"] as? [String: Any])
        #expect(memory["max"] as? Int == Int(try field("maxmemory", server)))
        #expect(memory["policy"] as? String == "allkeys-lru")
        let clients = try #require(node["clients"] as? [String: Any])
        #expect(clients["max"] as? Int == Int(try field("maxclients", server)))
        #expect(clients["blocked"] as? Int == 0)
        #expect(node["hit_ratio"] as? Double == 0.5)
        let slowlog = try #require(node["slowlog"] as? [[String: Any]])
        let theirs =
            try server.cli("--json", "SLOWLOG", "GET", "1000").isEmpty ? "" : try server.cli("SLOWLOG", "GET", "1000")
        let ids = slowlog.compactMap { $0["id"] as? Int }
        #expect(ids.count == Int(try server.cli("SLOWLOG", "LEN").trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(theirs.contains("product:19"))
        let set = try #require(slowlog.first { ($0["command"] as? [String])?.contains("product:19") == true })
        #expect(set["command"] as? [String] == ["SET", "product:19", "x", "EX", "100"])
        #expect(theirs.split(separator: "\n").contains("\(set["duration_us"] as? Int ?? -1)"))
    }

    @Test func healthyServerIsZero() throws {
        let server = try RedisServer()
        let result = try Program.cachewatch("--url", server.url, "--once")
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("OK"))
    }

    @Test func fullMemoryIsCriticalWithItsRemedies() throws {
        let server = try RedisServer(["--maxmemory", "4mb"])
        try eventually("the memory is nearly full") {
            for _ in 0..<20 {
                try server.cli("APPEND", "cart:x\(Int.random(in: 0...50))", String(repeating: "x", count: 20_000))
            }
            return try (Double(field("used_memory", server)) ?? 0) > 0.93 * 4_194_304
        }
        let result = try Program.cachewatch("--url", server.url, "--once", "--format", "json")
        #expect(result.status == 2)
        let alerts = try #require(try json(result.output)["alerts"] as? [[String: Any]])
        let alert = try #require(alerts.first { $0["id"] as? String == "memory-high" })
        #expect(alert["level"] as? String == "critical")
        let remedy = (alert["remedy"] as? [String] ?? []).joined(separator: "\n")
        for words in ["Enable key expiration (TTL)", "maxmemory-policy allkeys-lru", "Increase Redis server memory"] {
            #expect(remedy.contains(words))
        }
        #expect(result.errors.contains("WARNING: Redis memory usage high"))
    }

    @Test func stoppedServerIsUnreachable() throws {
        let server = try RedisServer()
        server.stop()
        let result = try Program.cachewatch("--url", server.url, "--once", "--format", "json")
        #expect(result.status == 2)
        let alerts = try #require(try json(result.output)["alerts"] as? [[String: Any]])
        #expect(alerts.map { $0["id"] as? String } == ["unreachable"])
        #expect((alerts.first?["message"] as? String)?.contains("connection refused") == true)
        #expect(try node(result.output)["reachable"] as? Bool == false)
        #expect(
            result.errors.contains("WARN Failed to connect to Redis: Connection refused. Continuing without cache."))
    }

    @Test func stdoutIsDataAndStderrIsWords() throws {
        let server = try RedisServer()
        let result = try Program.cachewatch("--url", server.url, "--once", "--format", "json")
        #expect(result.output.hasPrefix("{"))
        #expect(result.errors.isEmpty, "cron mails whatever it reads: \(result.errors)")
        server.stop()
        let words = ["--url", server.url, "--once", "--format", "json"]
        #expect(
            try Program.run([Program.cachewatch] + words).errors.split(separator: "\n").map(String.init) == [
                "INFO Connecting to Redis at redis://127.0.0.1:\(server.port)/0...",
                "WARN Failed to connect to Redis: Connection refused. Continuing without cache.",
            ])
        #expect(try Program.run([Program.cachewatch] + words + ["--quiet"]).errors.isEmpty)
    }

    @Test func secretsAreNeverPrinted() throws {
        let server = try RedisServer(["--requirepass", "geheim"])
        for format in try #require(ParserDump.current().formats["watch"]) {
            let result = try Program.cachewatch(
                "--url", "redis://:geheim@127.0.0.1:\(server.port)", "--once", "--format", format)
            #expect(result.status == 0, "\(format): \(result.errors)")
            #expect(!(result.output + result.errors).contains("geheim"))
        }
        let wrong = try Program.cachewatch("--url", "redis://:falsch@127.0.0.1:\(server.port)", "--once")
        #expect(wrong.status == 2)
        #expect(!(wrong.output + wrong.errors).contains("falsch"))
        #expect(wrong.output.contains("WRONGPASS"))
    }

    @Test func watchingForAWhileBringsRates() throws {
        let server = try RedisServer()
        let result = try Program.cachewatch(
            "--url", server.url, "--once", "--format", "json", "--watch-for", "2s", "--interval", "0.2")
        let rates = try #require(try node(result.output)["rates"] as? [String: Any])
        #expect(rates["hits"] as? Double == 0)
        #expect(rates["evicted"] as? Double == 0)
    }

    @Test func outputGoesToAFile() throws {
        let server = try RedisServer()
        let path = server.folder.path + "/out.prom"
        let result = try Program.cachewatch("--url", server.url, "--once", "--format", "prometheus", "--output", path)
        #expect(result.output.isEmpty)
        #expect(try String(contentsOfFile: path, encoding: .utf8).contains("redis_up"))
    }

    @Test func hostileNamesStayEscapedInEveryFormat() throws {
        let server = try RedisServer(["--slowlog-log-slower-than", "0"])
        try server.cli("SET", "evil\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}", "x")
        for format in try #require(ParserDump.current().formats["watch"]) {
            let result = try Program.cachewatch("--url", server.url, "--once", "--format", format)
            let bad = result.output.unicodeScalars.filter {
                ($0.value < 0x20 && $0 != "\n") || (0x7f...0x9f).contains($0.value) || $0.value == 0x202e
            }
            #expect(bad.isEmpty, "\(format)")
        }
    }
}
