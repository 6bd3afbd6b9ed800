import CacheModel
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Lists of keys while nodes come and go.
@Suite struct KeyBrowserTests {
    private func server(_ keys: Range<Int>) throws -> RedisServer {
        let server = try RedisServer()
        for index in keys { try server.cli("SET", "session:\(index)", "x") }
        return server
    }

    private func names(_ page: KeyPage) -> Set<String> {
        Set(page.rows.map { String(decoding: $0.name, as: UTF8.self) })
    }

    private func all(_ keys: Range<Int>) -> Set<String> { Set(keys.map { "session:\($0)" }) }

    @Test func nodeThatIsGoneIsSaidAndOneThatIsNewIsListed() async throws {
        let servers = try [0..<5, 5..<10, 10..<15, 15..<20].map { try server($0) }
        var nodes = try servers.map { try node($0.url) }
        let deployment = FakeDeployment(Array(nodes[..<3]))
        let browser = KeyBrowser(deployment: deployment, classifier: KeyClassifier(), timeout: .seconds(5))
        func page(after cursor: [UInt8]?) async -> KeyPage {
            await browser.page(of: .pattern("session:*"), from: cursor, wanted: 1)
        }
        let first = await page(after: nil)
        // Each node has one page; they are listed by name.
        let order = nodes[..<3].sorted { $0.name < $1.name }.compactMap { node in nodes.firstIndex { $0 === node } }
        #expect(names(first) == all(order[0] * 5..<order[0] * 5 + 5) && first.gone.isEmpty && first.cursor != nil)
        // Where nothing is gone, the list is whole; only this walk sees the change.
        nodes.remove(at: order[1])
        deployment.become(nodes)
        var (seen, gone) = (names(first), [String]())
        var cursor = first.cursor
        while cursor != nil {
            let page = await page(after: cursor)
            #expect(page.refusal == nil)
            seen.formUnion(names(page))
            gone += page.gone
            cursor = page.cursor
        }
        #expect(gone == ["127.0.0.1:\(servers[order[1]].port)"])
        #expect(seen == all(0..<20).subtracting(all(order[1] * 5..<order[1] * 5 + 5)))
        await browser.close()
    }

    /// A cursor of one server means nothing to another.
    @Test func cursorOfAPrimaryThatWasReplacedIsNotUsedOnTheNextOne() async throws {
        let (before, after) = (try RedisServer(), try RedisServer())
        let fill = "for i = 1, 3000 do redis.call('SET', 'session:' .. i, 1) end"
        for server in [before, after] { try server.cli("EVAL", fill, "0") }
        let deployment = FakeDeployment([try node(before.url)], movesKeys: false)
        let browser = KeyBrowser(deployment: deployment, classifier: KeyClassifier(), timeout: .seconds(5))
        let first = await browser.page(of: .pattern("*"), wanted: 100)
        #expect(first.cursor != nil)
        deployment.become([try node(after.url)])
        var seen = names(first)
        var gone: [String] = []
        var cursor = first.cursor
        while cursor != nil {
            let page = await browser.page(of: .pattern("*"), from: cursor, wanted: 1000)
            seen.formUnion(names(page))
            gone += page.gone
            cursor = page.cursor
        }
        #expect(gone == ["127.0.0.1:\(before.port)"] && seen.count == 3000)
        await browser.close()
    }

    /// Cursors of tables of the same size are the same: one that the node before has answered is nothing that comes again.
    @Test func cursorsOfTheNodeBeforeAreNoneOfTheNextOne() async throws {
        func server(_ next: [String: String]) throws -> AnsweringServer {
            try AnsweringServer { words, _ in
                switch words[0] {
                case "INFO": .string("redis_version:7.0.15\r\nrun_id:a\r\nrole:master\r\ndb0:keys=9,expires=0\r\n")
                case "DBSIZE": .integer(9)
                case "SCAN":
                    .array([.string(next[words[1]] ?? "0"), .array([.string("session:\(words[1])")])])
                default: .integer(-1)
                }
            }
        }
        let before = try server(["0": "5"])
        let after = try server(["0": "3", "3": "5", "5": "7"])
        let deployment = FakeDeployment([try node(before.url)], movesKeys: false)
        let browser = KeyBrowser(deployment: deployment, classifier: KeyClassifier(), timeout: .seconds(5))
        let first = await browser.page(of: .pattern("*"), wanted: 1)
        #expect(names(first) == ["session:0"] && first.cursor != nil)
        deployment.become([try node(after.url)])
        var (seen, cursor): (Set<String>, [UInt8]?) = ([], first.cursor)
        while cursor != nil {
            let page = await browser.page(of: .pattern("*"), from: cursor, wanted: 1)
            #expect(page.refusal == nil)
            seen.formUnion(names(page))
            cursor = page.cursor
        }
        #expect(seen == ["session:0", "session:3", "session:5", "session:7"])
        await browser.close()
    }

    /// One that was started again at the same address is another process: its table is in another order.
    @Test func nodeThatWasStartedAgainIsListedAnew() async throws {
        let server = try RedisServer()
        let fill = "for i = 1, 3000 do redis.call('SET', 'session:' .. i, 1) end"
        try server.cli("EVAL", fill, "0")
        let browser = KeyBrowser(
            deployment: FakeDeployment([try node(server.url)], movesKeys: false), classifier: KeyClassifier(),
            timeout: .seconds(5))
        let first = await browser.page(of: .pattern("*"), wanted: 1000)
        #expect(first.cursor != nil)
        server.stop()
        try server.restart()
        try server.cli("EVAL", fill, "0")
        var seen: Set<String> = []
        var cursor = first.cursor
        while cursor != nil {
            let page = await browser.page(of: .pattern("*"), from: cursor, wanted: 1000)
            #expect(page.refusal == nil)
            seen.formUnion(names(page))
            cursor = page.cursor
        }
        #expect(seen.count == 3000, "from its beginning")
        await browser.close()
    }

    /// Where it broke off it goes on, on the same node.
    @Test func pageThatFailsIsAskedForAgain() async throws {
        let servers = try [0..<5, 5..<10].map { try server($0) }
        let nodes = try servers.map { try node($0.url) }.sorted { $0.name < $1.name }
        let deployment = FakeDeployment(nodes)
        let browser = KeyBrowser(deployment: deployment, classifier: KeyClassifier(), timeout: .seconds(5))
        let first = await browser.page(of: .pattern("session:*"), wanted: 1)
        let second = try #require(servers.first { "127.0.0.1:\($0.port)" == nodes[1].name })
        second.stop()
        let failed = await browser.page(of: .pattern("session:*"), from: first.cursor, wanted: 1)
        #expect(failed.refusal != nil && failed.cursor == first.cursor && failed.gone.isEmpty)
        try second.restart()
        try second.cli("SET", "session:again", "x")
        let last = await browser.page(of: .pattern("session:*"), from: failed.cursor, wanted: 1)
        #expect(last.refusal == nil && names(last).contains("session:again") && last.cursor == nil)
        await browser.close()
    }

    /// What a server says of one key is no refusal of the command.
    @Test(arguments: [("ERR value too large to measure", 4), ("ERR MEMORY is not supported", 2)])
    func errorAboutOneKeyDoesNotEndTheQuestion(words: String, asked: Int) async throws {
        let server = try AnsweringServer { command, _ in
            switch command[0] {
            case "INFO":
                .string("redis_version:7.0.15\r\nrun_id:a\r\nrole:master\r\nused_memory:1\r\ndb0:keys=4,expires=0\r\n")
            case "DBSIZE": .integer(4)
            case "SCAN":
                command[1] == "0"
                    ? .array([.string("2"), .array([.string("session:1"), .string("session:2")])])
                    : .array([.string("0"), .array([.string("session:3"), .string("session:4")])])
            case "TYPE": .status("string")
            case "MEMORY": command[2].hasPrefix("session:") ? .error(words) : .string(nil)
            default: .integer(-1)
            }
        }
        let browser = KeyBrowser(settings: try settings(server.url, timeout: .seconds(5)), pace: .fast)
        let first = await browser.page(of: .namespace("session"), wanted: 2)
        let second = await browser.page(of: .namespace("session"), from: first.cursor, wanted: 2)
        #expect(names(first).count == 2 && names(second).count == 2)
        let sizes = server.seen.filter { $0[0] == "MEMORY" && $0[2].hasPrefix("session:") }
        #expect(sizes.count == asked, "\(sizes)")
        await browser.close()
    }
}
