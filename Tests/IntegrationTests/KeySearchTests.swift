import CacheModel
import NIOConcurrencyHelpers
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Filters that the server keeps to, and looks within collections, on a real one.
@Suite struct KeySearchTests {
    private func browser(_ server: RedisServer, pace: SweepPace = .gentle) throws -> KeyBrowser {
        KeyBrowser(settings: try settings(server.socketURL, timeout: .seconds(5)), pace: pace)
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// Of a table of 30,000 keys while it grows, with a chain in each of its halves.
    private static let longestChain = 16

    private func calls(of command: String, _ server: RedisServer) throws -> Int {
        let prefix = "cmdstat_\(command):calls="
        let line = try server.cli("INFO", "commandstats").split(whereSeparator: \.isNewline)
            .first { $0.hasPrefix(prefix) }
        return try line.map { try #require(Int($0.dropFirst(prefix.count).prefix { $0 != "," })) } ?? 0
    }

    /// Rows that do not match are never fetched, and the walk tells how far it is.
    @Test func filterIsTheServersWhileTheWalkGoesOn() async throws {
        let server = try RedisServer()
        try server.cli(
            "EVAL",
            "for i=1,30000 do redis.call('SET', 'session:' .. i, 1) end "
                + "for i=1,3 do redis.call('SET', 'session:giant:' .. i, 1); redis.call('SET', 'cart:giant:' .. i, 1) end",
            "0")
        let browser = try browser(server, pace: .fast)
        for (scope, expected) in [
            (KeyScope.namespace("session"), 3), (.pattern("*"), 6), (.pattern("cart:*"), 3),
            (.pattern("cart:giant:1"), 1),
            (.pattern("cart:none"), 0),
        ] {
            var names: Set<String> = []
            var (cursor, examined, pages): ([UInt8]?, Int, Int) = (nil, 0, 0)
            let before = try calls(of: "scan", server)
            repeat {
                let page = await browser.page(
                    of: scope, matching: "*giant*", from: cursor, wanted: 60)
                #expect(page.refusal == nil && page.rows.allSatisfy { text($0.name).contains("giant") })
                names.formUnion(page.rows.map { text($0.name) })
                examined += page.examined
                pages += 1
                if pages == 1 { #expect(page.total == 30_006) }
                cursor = page.cursor
            } while cursor != nil
            #expect(names.count == expected, "\(scope)")
            if case .pattern("cart:giant:1") = scope { continue }
            if case .pattern("cart:none") = scope { continue }
            // A page of a filter is told as what was asked for: the server walks each chain of its table to its end and
            // may walk over some more.
            let scans = try calls(of: "scan", server) - before
            #expect(scans > 0 && examined + scans * Self.longestChain >= 30_006, "\(scope): it has walked over all")
        }
        // Nobody was asked for the type of what does not match.
        #expect(try calls(of: "type", server) < 20)
        await browser.close()
    }

    @Test func aHashOfTwentyThousandIsPagedAndSearched() async throws {
        let server = try RedisServer()
        try server.cli(
            "EVAL",
            "for i=1,20000 do redis.call('HSET', 'big', 'field:' .. i, i); redis.call('SADD', 'set', 'field:' .. i); "
                + "redis.call('ZADD', 'zset', i, 'field:' .. i) end",
            "0")
        let browser = try browser(server)
        let big = Array("big".utf8)
        let first = try await browser.inspect(big)
        #expect(first.length == 20_000 && first.content.elements.count >= KeyBrowser.elementPage)
        let next = try #require(first.content.next)
        let second = try await browser.inspect(big, from: next)
        let (one, two) = (first.content.elements.map(\.label), second.content.elements.map(\.label))
        #expect(second.length == 20_000 && Set(one).isDisjoint(with: two))
        for key in ["big", "set", "zset"] {
            var cursor = KeyCursor.matching(Array("*777*".utf8), from: Array("0".utf8))
            var (found, walked, parts): (Set<String>, Int, Int) = ([], 0, 0)
            while true {
                let part = try await browser.inspect(Array(key.utf8), from: cursor)
                #expect(part.length == 20_000)
                for element in part.content.elements {
                    found.insert(text(key == "big" ? element.label ?? [] : element.value))
                }
                walked += part.content.walked ?? 0
                parts += 1
                guard let next = part.content.next else { break }
                cursor = next
            }
            #expect(found == Set((1...20_000).filter { "\($0)".contains("777") }.map { "field:\($0)" }), "\(key)")
            #expect(walked >= 20_000 && parts < 100)
        }
        // By score, from the lowest.
        let ranked = try await browser.inspect(Array("zset".utf8))
        #expect(ranked.content.elements.prefix(3).map { text($0.label ?? []) } == ["1", "2", "3"])
        // Nothing was written, and the whole was never asked for at once.
        let statistics = try server.cli("INFO", "commandstats")
        for name in ["hgetall", "smembers", "hkeys"] { #expect(!statistics.contains("cmdstat_\(name):"), "\(name)") }
        await browser.close()
    }

    @Test func streamsAreNewestFirstWithTheirGroups() async throws {
        let server = try RedisServer()
        try server.cli("EVAL", "for i=1,250 do redis.call('XADD', 'stream', i .. '-1', 'n', i) end", "0")
        try server.cli("XGROUP", "CREATE", "stream", "mailers", "0")
        try server.cli("XGROUP", "CREATE", "stream", "idle", "$")
        try server.cli("XREADGROUP", "GROUP", "mailers", "worker", "COUNT", "3", "STREAMS", "stream", ">")
        let browser = try browser(server)
        let key = Array("stream".utf8)
        let first = try await browser.inspect(key)
        #expect(first.content.elements.prefix(2).map { text($0.label ?? []) } == ["250-1", "249-1"])
        guard case .known(let groups, all: 2)? = first.groups else {
            Issue.record("\(String(describing: first.groups))")
            return
        }
        let mailers = try #require(groups.first { text($0.name) == "mailers" })
        #expect(mailers.pending == 3 && mailers.consumers == 1 && mailers.lastDelivered.map(text) == "3-1")
        #expect(mailers.members?.map { text($0.name) } == ["worker"] && mailers.members?.first?.pending == 3)
        let next = try #require(first.content.next)
        let second = try await browser.inspect(key, from: next)
        #expect(second.content.elements.first.map { text($0.label ?? []) } == "150-1")
        // Who may not ask is told so, and sees the entries all the same.
        try server.cli("ACL", "SETUSER", "default", "-xinfo")
        let refused = try await browser.inspect(key)
        guard case .unknown(let reason)? = refused.groups else {
            Issue.record("\(String(describing: refused.groups))")
            return
        }
        #expect(reason.contains("NOPERM") && refused.content.elements.count == 100)
        await browser.close()
    }

    /// Ten megabytes are fetched a page at a time.
    @Test func largeValuesAreBounded() async throws {
        let server = try RedisServer()
        try server.cli("EVAL", "redis.call('SET', 'big', '[' .. string.rep('1,', 5*1024*1024) .. '1]')", "0")
        let browser = try browser(server)
        let inspection = try await browser.inspect(Array("big".utf8))
        let bytes = try #require(inspection.content.elements.first?.value)
        #expect(bytes.count == KeyBrowser.stringPage && inspection.length == 10 * 1024 * 1024 + 3)
        let decoded = DecodedValue(bytes, isCut: inspection.content.next != nil, clock: .utc)
        #expect(decoded.name == "JSON" && decoded.lines.count <= KeyBrowser.stringPage)
        let end = try #require(inspection.expiresAt == nil ? inspection.askedAt : nil)
        #expect(end.milliseconds > 0)
        await browser.close()
    }

    /// A server whose cursors go round in a hash.
    @Test func searchThatComesToNoEndIsEnded() async throws {
        let server = try AnsweringServer { command, _ in
            switch command[0] {
            case "TYPE": .status("hash")
            case "HLEN": .integer(1000)
            case "HSCAN": .array([.string(command[2] == "7" ? "8" : "7"), .array([])])
            case "OBJECT" where command[1] == "ENCODING": .string("hashtable")
            default: .integer(1)
            }
        }
        let browser = KeyBrowser(settings: try settings(server.url, timeout: .seconds(5)))
        let error = await #expect(throws: CacheError.self) {
            var cursor = KeyCursor.matching(Array("*x*".utf8), from: Array("0".utf8))
            while let next = try await browser.inspect(Array("h".utf8), from: cursor).content.next { cursor = next }
        }
        #expect(error?.refusal.kind == .endlessScan)
        await browser.close()
        withExtendedLifetime(server) {}
    }
}
