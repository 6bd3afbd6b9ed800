import CacheModel
import Support
import NIOConcurrencyHelpers
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

@Suite struct KeyTests {
    private func browser(_ server: RedisServer, pace: SweepPace = .gentle) throws -> KeyBrowser {
        KeyBrowser(settings: try settings(server.socketURL, timeout: .seconds(5)), pace: pace)
    }

    @Test func pagesTogetherAreTheNamespace() async throws {
        let server = try RedisServer()
        let truth = try KnownKeyspace(on: server, keys: 5000)
        let browser = try browser(server)
        var names: Set<[UInt8]> = []
        var cursor: [UInt8]?
        repeat {
            let page = await browser.page(of: .namespace("session"), from: cursor, wanted: 100)
            #expect(page.refusal == nil)
            for row in page.rows {
                #expect(isSession(row.name))
                #expect(row.facts?.type != nil && row.facts?.bytes != nil)
                names.insert(row.name)
            }
            cursor = page.cursor
        } while cursor != nil
        // The bare name is counted with the namespace, and is no key of it that could be flushed.
        #expect(names.count == (truth.keys["session"] ?? 0) - 1)
    }

    @Test func namesComeAfterOneRoundTrip() async throws {
        let server = try RedisServer()
        _ = try KnownKeyspace(on: server, keys: 20_000)
        let browser = try browser(server, pace: .fast)
        let first = NIOLockedValueBox<KeyPage?>(nil)
        let page = await browser.page(of: .pattern("product:*"), wanted: 500) { page in
            first.withLockedValue { $0 = page }
        }
        let early = try #require(first.withLockedValue { $0 })
        #expect(!early.rows.isEmpty && early.rows.allSatisfy { $0.facts == nil })
        #expect(early.total == Int(try server.cli("DBSIZE").split(separator: "\n")[0]))
        #expect(Array(page.rows.prefix(early.rows.count)).map(\.name) == early.rows.map(\.name))
        #expect(page.rows.count >= 500)
    }

    @Test func aNameWithoutWildcardsIsLookedUp() async throws {
        let server = try RedisServer()
        try server.cli("SET", "a*b[1]", "x")
        try server.cli("SET", "plain", "x")
        let browser = try browser(server)
        for (pattern, names) in [
            ("plain", ["plain"]), (#"a\*b\[1]"#, ["a*b[1]"]), ("none", []),
        ] {
            let page = await browser.page(of: .pattern(Glob(pattern)), wanted: 10)
            #expect(page.rows.map { String(decoding: $0.name, as: UTF8.self) } == names, "\(pattern)")
            #expect(page.cursor == nil && page.refusal == nil)
            #expect(page.rows.allSatisfy { $0.facts?.type == .string })
        }
        #expect(!(try server.cli("INFO", "commandstats").contains("cmdstat_scan:")))
    }

    /// A namespace that is rare takes many calls; they must not fill the server's time.
    @Test func lookingForRareKeysIsGentle() async throws {
        let server = try RedisServer(RedisServer.debugging(.installed))
        try server.cli("DEBUG", "POPULATE", "15000", "other")
        try server.cli("SET", "cart:one", "x")
        #expect(try server.cli("DBSIZE").hasPrefix("15001"))
        // What the kernel has given to the server: a command that it was interrupted at seems to take longer.
        func busy() throws -> Double {
            try server.cli("INFO", "cpu").split(whereSeparator: \.isNewline)
                .filter { $0.hasPrefix("used_cpu_user:") || $0.hasPrefix("used_cpu_sys:") }
                .compactMap { $0.split(separator: ":").last.flatMap { Double($0) } }.reduce(0, +) * 1e6
        }
        let before = try busy()
        let browser = try browser(server)
        var cursor: [UInt8]?
        var rows: [KeyRow] = []
        let start = ContinuousClock.now
        repeat {
            let page = await browser.page(of: .namespace("cart"), from: cursor, wanted: 60)
            #expect(page.refusal == nil)
            rows += page.rows
            cursor = page.cursor
        } while cursor != nil
        let wall = (ContinuousClock.now - start) / .microseconds(1)
        #expect(rows.map(\.name) == [Array("cart:one".utf8)])
        let used = try busy() - before
        #expect(used > 0 && used < wall / 5, "\(used) of \(wall) µs")
    }

    @Test func everyTypeIsShown() async throws {
        let server = try RedisServer()
        try server.cli("SET", "s", "text", "EX", "100")
        try server.cli("HSET", "h", "f", "v", "g", "w")
        try server.cli("RPUSH", "l", "a", "b", "c")
        try server.cli("SADD", "m", "x")
        try server.cli("ZADD", "z", "1.5", "one", "2", "two")
        try server.cli("XADD", "t", "1-1", "k", "v")
        let browser = try browser(server)
        func look(_ key: String) async throws -> KeyInspection { try await browser.inspect(Array(key.utf8)) }
        func pairs(_ inspection: KeyInspection) -> [String] {
            inspection.content.elements.map { element in
                let label = element.label.map { String(decoding: $0, as: UTF8.self) + "=" } ?? ""
                return label + String(decoding: element.value, as: UTF8.self)
            }
        }
        let string = try await look("s")
        #expect(string.type == .string && string.length == 4 && pairs(string) == ["text"])
        #expect(string.encoding == "embstr" && string.bytes ?? 0 > 0 && string.idle != nil)
        guard case .milliseconds(let rest)? = string.lifetime else {
            Issue.record("no TTL")
            return
        }
        #expect(rest > 90_000 && rest <= 100_000)
        #expect(pairs(try await look("h")) == ["f=v", "g=w"])
        #expect(pairs(try await look("l")) == ["0=a", "1=b", "2=c"])
        #expect(pairs(try await look("m")) == ["x"])
        #expect(pairs(try await look("z")) == ["1.5=one", "2=two"])
        #expect(pairs(try await look("t")) == ["1-1=k v"])
        let missing = try await look("none")
        #expect(!missing.exists && missing.note != nil)
    }

    @Test func largeValuesComeInPages() async throws {
        let server = try RedisServer()
        try server.cli("EVAL", "redis.call('SET', 'big', string.rep('x', 200000))", "0")
        try server.cli("EVAL", "for i=1,1000 do redis.call('RPUSH', 'list', i) end", "0")
        try server.cli("EVAL", "for i=1,1000 do redis.call('HSET', 'hash', i, i) end", "0")
        try server.cli("EVAL", "for i=1,250 do redis.call('XADD', 'stream', i .. '-1', 'n', i) end", "0")
        try server.cli("EVAL", "redis.call('RPUSH', 'fat', string.rep('x', 20*1024*1024))", "0")
        let browser = try browser(server)
        for (key, expected) in [("big", 200_000), ("list", 1000), ("hash", 1000), ("stream", 250)] {
            var cursor = KeyCursor.start
            var seen = 0
            var pages = 0
            while true {
                let inspection = try await browser.inspect(Array(key.utf8), from: cursor)
                #expect(inspection.length == expected)
                let content = inspection.content
                seen += key == "big" ? content.elements[0].value.count : content.elements.count
                #expect(content.elements.reduce(0) { $0 + $1.value.count } <= KeyBrowser.stringPage)
                pages += 1
                guard let next = content.next else { break }
                cursor = next
            }
            #expect(seen == expected && pages > 1, "\(key)")
        }
        let fat = try await browser.inspect(Array("fat".utf8))
        #expect(fat.content.elements.isEmpty && fat.note?.contains("MiB each") == true, "\(fat.note ?? "")")
    }

    @Test func keysAreEditedAndDeletedWithAJournal() async throws {
        let server = try RedisServer()
        let key: [UInt8] = Array("session:".utf8) + [0, 255, 10]
        let line = Line(
            endpoint: try Endpoint(url: server.socketURL), dialler: Dialler(settings: Settings()),
            purpose: .serve, allowsWrites: true)
        _ = try await line.pipeline([Command([Array("SET".utf8), key, Array("v".utf8)])], deadline: .seconds(2))
        let operations = try operations(server)
        #expect(try await operations.setLifetime(of: key, to: .seconds(100)))
        let pttl = Command([Array("PTTL".utf8), key])
        #expect(try await line.pipeline([pttl], deadline: .seconds(2))[0].integer > 90_000)
        #expect(try await operations.setLifetime(of: key, to: nil))
        #expect(try await line.pipeline([pttl], deadline: .seconds(2))[0].integer == -1)
        let journal = try #require(try await operations.delete(key))
        #expect(try server.cli("DBSIZE").hasPrefix("0"))
        #expect(try await operations.delete(key) == nil)
        #expect(try await operations.setLifetime(of: key, to: .seconds(1)) == false)
        let undone = try await operations.undo(journal, control: SweepControl())
        #expect(undone.restored == 1 && undone.verified == 1)
        #expect(try await line.pipeline([pttl], deadline: .seconds(2))[0].integer == -1)
    }

    /// A key was shown on one process, and another one answers under its address by now.
    @Test func keysAreChangedOnlyOnTheServerThatWasShown() async throws {
        let server = try RedisServer()
        try server.cli("SET", "session:a", "x")
        let operations = try operations(server)
        let key = Array("session:a".utf8)
        for act in [
            { try await operations.delete(key, shownOn: ["another"]) != nil },
            { try await operations.setLifetime(of: key, to: .seconds(100), shownOn: ["another"]) },
        ] {
            await #expect { _ = try await act() } throws: { "\($0)".contains("another server process") }
        }
        #expect(try server.cli("TTL", "session:a").hasPrefix("-1"))
        let info = try server.cli("INFO", "server").split(whereSeparator: \.isNewline)
        let runID = try #require(info.first { $0.hasPrefix("run_id:") }?.dropFirst(7))
        let isShort = try await operations.setLifetime(of: key, to: .seconds(100), shownOn: [String(runID), "another"])
        let journal = try await operations.delete(key, shownOn: [String(runID)])
        #expect(isShort && journal != nil)
        await operations.close()
    }

    /// The engine asks for the second word, whoever calls it.
    @Test func protectedKeysAreChangedAfterASecondWordOnly() async throws {
        let server = try RedisServer()
        let operations = try operations(server)
        for name in ["token:blacklist:a", "blacklist:user:a"] {
            let key = Array(name.utf8)
            try server.cli("SET", name, "x", "EX", "3600")
            for act in [
                { try await operations.delete(key) != nil },
                { try await operations.setLifetime(of: key, to: .milliseconds(1)) },
                { try await operations.setLifetime(of: key, to: nil) },
            ] {
                await #expect { _ = try await act() } throws: { "\($0)".contains(FlushPlan.readmission) }
                #expect(try server.cli("TTL", name).hasPrefix("3"))
            }
            #expect(try await operations.setLifetime(of: key, to: .seconds(100), readmits: true))
            let journal = try #require(try await operations.delete(key, readmits: true))
            #expect(try server.cli("EXISTS", name).hasPrefix("0"))
            // What is gone comes back without a word; what stands there is not overwritten without one.
            #expect(try await operations.undo(journal, control: SweepControl()).restored == 1)
            await #expect {
                _ = try await operations.undo(journal, UndoChoices(replaces: true), control: SweepControl())
            } throws: { "\($0)".contains("--readmit-revoked-tokens") }
            let choices = UndoChoices(replaces: true, readmits: true)
            #expect(try await operations.undo(journal, choices, control: SweepControl()).restored == 1)
        }
        await operations.close()
    }
}
