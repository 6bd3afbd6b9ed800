import CacheModel
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

@Suite struct EstimateTests {
    @Test(arguments: RedisServer.Software.allCases) func intervalsHoldTheTruth(software: RedisServer.Software)
        async throws
    {
        let server = try RedisServer(software: software)
        let truth = try KnownKeyspace(on: server, keys: 40_000)
        var bytes: [String: Double] = [:]
        for name in KnownKeyspace.globs.keys { bytes[name] = Double(try KnownKeyspace.bytes(of: name, on: server)) }
        let (surveyor, collector) = try surveyor(server.socketURL)
        var (held, sized, all) = (0, 0, 0)
        for _ in 0..<20 {
            let report = await surveyor.estimate(sample: 1000)
            #expect(report.refusal == nil && report.examined == 1000)
            for usage in report.items {
                all += 1
                let keys = Double(truth.keys[usage.name] ?? 0)
                if usage.keys.low <= keys && keys <= usage.keys.high { held += 1 }
                let size = bytes[usage.name] ?? 0
                if let found = usage.bytes, found.low <= size, size <= found.high { sized += 1 }
            }
        }
        // 140 intervals of 95 %: fewer than 119 hold once in a million runs.
        #expect(held >= 119, "\(held) of \(all)")
        #expect(sized >= 119, "\(sized) of \(all)")
        await collector.close()
    }

    @Test func aKeyTakesFiveCommands() async throws {
        let server = try RedisServer()
        _ = try KnownKeyspace(on: server, keys: 2000)
        let (surveyor, collector) = try surveyor(server.socketURL)
        let first = await surveyor.estimate(sample: 300)
        let second = await surveyor.estimate(sample: 300)
        // Four questions of a key, a draw, and what surrounds them: what there is, whether it has expired, what it took;
        // the first time the probe and the greeting too.
        #expect(second.receipt.commands == 300 * 5 + 8)
        #expect(first.receipt.commands <= second.receipt.commands + 8)
        #expect((first.receipt.serverTime ?? .zero) > .zero)
        await collector.close()
    }

    /// Keys that have expired and are not removed yet are counted by DBSIZE, and passed over by RANDOMKEY.
    @Test func keysThatHaveExpiredAreNotEstimated() async throws {
        let server = try RedisServer(["--enable-debug-command", "yes"])
        try server.cli("DEBUG", "SET-ACTIVE-EXPIRE", "0")
        try server.cli(
            "EVAL",
            """
            for i = 1, 8000 do redis.call('SET', 'session:' .. i, 'x', 'PX', 1) end
            for i = 1, 2000 do redis.call('SET', 'product:' .. i, 'x', 'EX', 3600) end
            """, "0")
        let (surveyor, collector) = try surveyor(server.socketURL)
        // Each draw meets as many that have expired as there are for one that is there, and removes them: of 8,000 some
        // 8,000 / e^3 are left after three draws for each one that is there, about 400.
        let report = await surveyor.estimate(sample: 6000)
        let product = try #require(report["product"])
        #expect(product.keys.low <= 2000 && 2000 <= product.keys.high, "\(product.keys)")
        #expect(product.keys.high < 3000 && report.method == .estimate, "\(product.keys)")
        // The draws remove what has expired: what is left is no more than the sample at last, and is counted.
        _ = await surveyor.estimate(sample: 3000)
        let again = await surveyor.estimate(sample: 3000)
        #expect(again.method == .sweepFull && again["product"]?.keys == Estimated(exactly: 2000))
        await collector.close()
    }

    /// Up to Redis 7.4, RANDOMKEY never returns where every key has expired and writes are paused.
    @Test func serverWithPausedWritesIsNotHeld() async throws {
        let server = try RedisServer(["--enable-debug-command", "yes"])
        try server.cli("DEBUG", "SET-ACTIVE-EXPIRE", "0")
        try server.cli(
            "EVAL", "for i = 1, 5000 do redis.call('SET', 'session:' .. i, 'x', 'PX', 1) end", "0")
        try server.cli("CLIENT", "PAUSE", "60000", "WRITE")
        let (surveyor, collector) = try surveyor(server.socketURL)
        let report = await surveyor.estimate(sample: 100)
        #expect(!report.complete && report.examined == 0 && report.refusal?.kind == .mostlyExpired)
        #expect(try server.cli("PING").contains("PONG"))
        await collector.close()
    }

    @Test func fewKeysAreCountedAndNotDrawn() async throws {
        let server = try RedisServer()
        for number in 0..<5 { try server.cli("SET", "session:\(number)", "x") }
        let (surveyor, collector) = try surveyor(server.socketURL)
        let report = await surveyor.estimate(sample: 5000)
        #expect(report.complete && report.examined == 5 && report["session"]?.keys == Estimated(exactly: 5))
        #expect(report.receipt.commands < 60)
        await collector.close()
    }

    @Test func whoMayNotWalkOverFewKeysDrawsThemAndSaysSo() async throws {
        let server = try RedisServer()
        for number in 0..<5 { try server.cli("SET", "session:\(number)", "x") }
        try server.cli("ACL", "SETUSER", "w", "on", ">pw", "~*", "+@all", "-scan")
        let (surveyor, collector) = try surveyor("redis://w:pw@127.0.0.1:\(server.port)")
        let drawn = await surveyor.estimate(sample: 50)
        #expect(drawn.method == .estimate && drawn.draws == 50 && drawn.examined == 5)
        await collector.close()
    }

    @Test func withoutMemoryUsageThereAreSharesButNoBytes() async throws {
        let server = try RedisServer()
        _ = try KnownKeyspace(on: server, keys: 2000)
        try server.cli(
            "ACL", "SETUSER", "w", "on", ">pw", "~*", "-@all", "+info", "+dbsize", "+randomkey", "+type",
            "+pttl", "+scan")
        let (surveyor, collector) = try surveyor("redis://w:pw@127.0.0.1:\(server.port)")
        let report = await surveyor.estimate(sample: 300)
        #expect(report.refusal == nil)
        #expect(report["product"]?.bytes == nil)
        #expect((report["product"]?.share.value ?? 0) > 0.1)
        #expect(report.denied.contains(DeniedCommand(command: "MEMORY USAGE", needs: "+memory|usage")))
        let errors = try stats(server)["total_error_replies"]
        _ = await surveyor.estimate(sample: 300)
        // On a busy machine a loopback looks like a slow link, where scripts would be tried, too.
        let sweep = await surveyor.sweep(
            SweepOptions(full: true, pace: .fast, engine: .pipeline), control: SweepControl())
        #expect(sweep.complete && sweep["product"]?.bytes == nil)
        #expect(sweep["rate:limit"]?.contract == .broken)
        #expect(try stats(server)["total_error_replies"] == errors, "what is denied is asked once")
        await collector.close()
    }

    @Test func userWithoutKeysIsToldWhatItNeeds() async throws {
        let server = try RedisServer()
        _ = try KnownKeyspace(on: server, keys: 1000)
        try server.cli("ACL", "SETUSER", "w", "on", ">pw", "~nothing:*", "+@all")
        let (surveyor, collector) = try surveyor("redis://w:pw@127.0.0.1:\(server.port)")
        let report = await surveyor.sweep(
            SweepOptions(full: true, pace: .fast, engine: .pipeline), control: SweepControl())
        #expect(report.complete)
        #expect(report["session"]?.keys.value == 203)
        #expect(report["session"]?.bytes == nil && report["session"]?.contract == .unknown)
        #expect(report.denied.contains(DeniedCommand(command: "TYPE", needs: "~*")))
        #expect(report.receipt.errors <= 5, "the greeting and a probe of each command, no more")
        await collector.close()
    }

    @Test func refusedDrawsAndWalksSayWhatTheyNeed() async throws {
        let server = try RedisServer()
        try server.cli("SET", "cart:1", "x")
        try server.cli("ACL", "SETUSER", "w", "on", ">pw", "~*", "-@all", "+info", "+dbsize")
        let (surveyor, collector) = try surveyor("redis://w:pw@127.0.0.1:\(server.port)")
        let estimate = await surveyor.estimate(sample: 100)
        #expect(estimate.refusal?.kind == .noPermission)
        #expect(!estimate.complete)
        let again = await surveyor.estimate(sample: 100)
        #expect(again.refusal?.detail.contains("+randomkey") == true)
        let sweep = await surveyor.sweep(SweepOptions(), control: SweepControl())
        #expect(sweep.refusal?.kind == .noPermission && !sweep.complete)
        #expect(sweep.examined == 0)
        await collector.close()
    }

    /// INFO tells as well how many keys there are.
    @Test func estimateNeedsNoDBSIZE() async throws {
        let server = try RedisServer()
        let truth = try KnownKeyspace(on: server, keys: 2000)
        try server.cli("ACL", "SETUSER", "w", "on", ">pw", "~*", "+@all", "-dbsize")
        let (surveyor, collector) = try surveyor("redis://w:pw@127.0.0.1:\(server.port)")
        let report = await surveyor.estimate(sample: 300)
        #expect(report.refusal == nil && report.keys == truth.total && report.examined == 300)
        #expect(report.denied.contains(DeniedCommand(command: "DBSIZE", needs: "+dbsize")))
        let errors = try stats(server)["total_error_replies"]
        _ = await surveyor.estimate(sample: 300)
        #expect(try stats(server)["total_error_replies"] == errors, "what is denied is asked once")
        await collector.close()
    }

    /// Where nobody says how many keys there are, that is said: it is not that there are none.
    @Test func estimateWithoutAnySizeSaysSo() async throws {
        let server = try RedisServer()
        _ = try KnownKeyspace(on: server, keys: 2000)
        try server.cli("ACL", "SETUSER", "w", "on", ">pw", "~*", "+@all", "-dbsize", "-info")
        let (surveyor, collector) = try surveyor("redis://w:pw@127.0.0.1:\(server.port)")
        let report = await surveyor.estimate(sample: 300)
        #expect(report.refusal?.kind == .noPermission && report.refusal?.detail.contains("+dbsize") == true)
        #expect(!report.complete && report.examined == 300)
        #expect((report["product"]?.share.value ?? 0) > 0.1)
        await collector.close()
    }

    @Test func serverThatEvictsByFrequencyIsNotAskedForIdleTimes() async throws {
        let server = try RedisServer(["--maxmemory-policy", "allkeys-lfu"])
        _ = try KnownKeyspace(on: server, keys: 1000)
        let (surveyor, collector) = try surveyor(server.socketURL)
        let report = await surveyor.estimate(sample: 300)
        #expect(report["session"]?.idleShare == nil)
        #expect(report["session"]?.bytes != nil)
        let sweep = await surveyor.sweep(SweepOptions(full: true, pace: .fast), control: SweepControl())
        #expect(sweep.complete)
        #expect((report.receipt + sweep.receipt).errors <= 1, "the probe may fail, nothing after it")
        await collector.close()
    }

    @Test func idleMemoryIsTold() async throws {
        let server = try RedisServer(["--maxmemory-policy", "allkeys-lru"])
        try server.cli(
            "EVAL",
            """
            redis.call('SET', 'seed', string.rep('x', 500))
            local dump = redis.call('DUMP', 'seed')
            for i = 1, 300 do redis.call('RESTORE', 'cart:' .. i, 0, dump, 'IDLETIME', i <= 100 and 4000 or 10) end
            """, "0")
        let (surveyor, collector) = try surveyor(server.socketURL)
        let sweep = await surveyor.sweep(SweepOptions(pace: .fast), control: SweepControl())
        #expect(abs((sweep["cart"]?.idleShare ?? 0) - 1 / 3) < 0.01)
        await collector.close()
    }

    @Test func unreachableServerIsAValue() async throws {
        let (surveyor, collector) = try surveyor("redis://127.0.0.1:\(FreePort.next())")
        let estimate = await surveyor.estimate(sample: 100)
        #expect(estimate.refusal?.kind == .refused && !estimate.complete)
        let sweep = await surveyor.sweep(SweepOptions(), control: SweepControl())
        #expect(sweep.refusal?.kind == .refused && !sweep.complete)
        await collector.close()
    }

    @Test func lineOfACLIsEnoughForAFullSweep() async throws {
        let server = try RedisServer()
        let truth = try KnownKeyspace(on: server, keys: 1000)
        let line = AccessRules.line(user: "watcher").replacing("PASSWORD", with: "pw")
        _ = try Program.run(["redis-cli", "-s", server.socket] + line.split(separator: " ").map(String.init))
        let (surveyor, collector) = try surveyor("redis://watcher:pw@127.0.0.1:\(server.port)")
        let estimate = await surveyor.estimate(sample: 100)
        #expect(estimate.refusal == nil && estimate.denied.compactMap(\.needs).filter { !$0.contains("client") } == [])
        let sweep = await surveyor.sweep(SweepOptions(full: true, pace: .fast), control: SweepControl())
        #expect(sweep.complete && sweep.keys == truth.total && sweep["cart"]?.bytes?.isExact == true)
        await collector.close()
    }

    /// What is refused is remembered, in whatever words: it is not sent five thousand times a minute.
    @Test(arguments: ["ERR command is not allowed", "unknown command", "NOPERM", "ERR 42"], [true, false])
    func whatIsRefusedInOtherWordsIsNotDrawnOrWalkedAgain(words: String, scans: Bool) async throws {
        let server = try AnsweringServer { command, _ in
            switch command[0] {
            case "INFO":
                .string("redis_version:7.0.15\r\nrun_id:a\r\nrole:master\r\nused_memory:1\r\nconnected_clients:1\r\n")
            case "DBSIZE": .integer(500)
            case "RANDOMKEY": .error(words)
            case "SCAN":
                scans ? .array([.string("0"), .array((0..<20).map { .string("cart:\($0)") })]) : .error(words)
            default: .string(nil)
            }
        }
        let (surveyor, collector) = try surveyor(server.url)
        for _ in 0..<3 {
            let report = await surveyor.estimate(sample: 40)
            #expect(report.refusal?.kind.concernsCommand == true && !report.isKnown && report.examined == 0)
            #expect(report.denied.contains { $0.command == (scans ? "RANDOMKEY" : "SCAN") })
            if scans { continue }
            let sweep = await surveyor.sweep(SweepOptions(pace: .fast), control: SweepControl())
            #expect(!sweep.isKnown && sweep.denied.contains { $0.command == "SCAN" })
        }
        // Where nobody can tell whether there is a key to draw, none is drawn.
        #expect(server.seen.count { $0[0] == "RANDOMKEY" } == (scans ? 40 : 0))
        #expect(server.seen.count { $0[0] == "SCAN" } == (scans ? 3 : 1), "one page for each look")
        await collector.close()
    }

    /// Each time in the server's own words, as it said them; and only what SCAN was answered counts for it.
    @Test func refusedWalkIsToldInTheServersWords() async throws {
        let server = try AnsweringServer(asksAboutConnections: true) { command, _ in
            switch command[0] {
            case "INFO": .string("redis_version:7.0.15\r\nrun_id:a\r\nrole:master\r\nused_memory:1\r\n")
            case "DBSIZE": .integer(500)
            case "SCAN": .error("ERR SCAN is not supported here")
            case "SELECT": .error("NOPERM this user has no permissions to run the 'select' command")
            default: .status("OK")
            }
        }
        let (here, other) = (try surveyor(server.url), try surveyor(server.url + "/3"))
        let options = SweepOptions(full: false, pace: .fast, engine: .pipeline)
        for _ in 0..<3 {
            let sweep = await here.surveyor.sweep(options, control: SweepControl())
            let denied = sweep.denied.first { $0.command == "SCAN" }
            #expect(denied?.words == "ERR SCAN is not supported here" && denied?.needs == nil)
            #expect(sweep.refusal?.kind == .commandRefused, "\(String(describing: sweep.refusal))")
        }
        #expect(server.seen.count { $0[0] == "SCAN" } == 1)
        let sweep = await other.surveyor.sweep(options, control: SweepControl())
        #expect(!sweep.isKnown && !sweep.denied.contains { $0.command == "SCAN" }, "\(sweep.denied)")
        for look in [here, other] { await look.collector.close() }
    }

    /// What only the polls ask is none of a look's concerns.
    @Test func looksTellOnlyOfTheirOwnQuestions() async throws {
        let server = try RedisServer()
        for number in 0..<50 { try server.cli("SET", "session:\(number)", "x") }
        try server.cli(
            "ACL", "SETUSER", "w", "on", ">pw", "~*", "+@all", "-slowlog", "-config", "-acl", "-object", "-randomkey")
        let (surveyor, collector) = try surveyor("redis://w:pw@127.0.0.1:\(server.port)")
        _ = await collector.collect()
        let sweep = await surveyor.sweep(SweepOptions(full: true, pace: .fast), control: SweepControl())
        #expect(sweep.denied.map(\.command) == ["OBJECT IDLETIME"])
        for sample in [20, 5000] {
            let estimate = await surveyor.estimate(sample: sample)
            #expect(estimate.denied.map(\.command) == ["RANDOMKEY", "OBJECT IDLETIME"], "\(sample)")
        }
        await collector.close()
    }
}
