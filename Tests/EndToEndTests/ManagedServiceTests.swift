import Foundation
import Support
import Testing

/// The program against managed services, as their documentation has them: what it cannot know it does not show, and what
/// it is refused it says in words that help.
@Suite struct ManagedServiceTests {
    private static let names = ManagedService.all.map(\.name)

    private struct Scene {
        let service: ManagedService
        let server: RedisServer
        let proxy: ServiceProxy

        init(_ name: String) throws {
            service = try #require(ManagedService.all.first { $0.name == name })
            // What a slow machine does slowly is no finding.
            server = try RedisServer(["--slowlog-log-slower-than", "10000000"])
            proxy = try ServiceProxy(service, to: server)
            try server.cli(
                "EVAL",
                // Two namespaces that are nearly as large would change places from draw to draw.
                """
                for id = 1, 120 do redis.call('SET', 'session:' .. id, string.rep('x', 40), 'EX', 5000) end
                for id = 1, 60 do redis.call('SET', 'product:' .. id, string.rep('y', 900), 'EX', 3000) end
                for id = 1, 20 do redis.call('SET', 'elsewhere:' .. id, 'z') end
                """, "0")
            // The server has drawn some of them to see how long they live.
            try eventually("the mean TTL is known") {
                try server.cli("INFO", "keyspace").contains(#/avg_ttl=[1-9]/#)
            }
        }

        func run(_ words: String...) throws -> Program.Result {
            try Program.run(
                [Program.cachewatch] + words + ["--url", proxy.url],
                environment: ["XDG_STATE_HOME": server.folder.path + "/state", "TZ": "UTC"])
        }

        var keys: Int { (try? server.cli("DBSIZE")).flatMap { Int($0.filter(\.isNumber)) } ?? -1 }
    }

    /// What differs from run to run is written as `#`.
    private func plain(_ text: String, _ scene: Scene) -> String {
        // Where a line goes on below depends on its figures.
        var text = text.replacing(#/\n {15}(?! )/#, with: "  ")
        // The machine's own, and what depends on the server's version.
        text = text.replacing(#/os="Linux [^"]*"/#, with: "os=\"LINUX\"").replacing(
            #/"Linux [^"]*"/#, with: "\"LINUX\"")
        text = text.replacing(scene.server.folder.path, with: "FOLDER")
        text = text.replacing(String(scene.proxy.port), with: "PORT")
        text = text.replacing(#/[0-9a-f]{40}/#, with: "RUN")
        text = text.replacing(#/most server time: [A-Z|]+/#, with: "most server time: COMMAND")
        text = text.replacing(#/[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+Z?/#, with: "TIME")
        text = text.replacing(#/-?<?[0-9]+([.,:e][0-9+-]+)*/#, with: "#")
        text = text.replacing(#/# (B|KiB|MiB|GiB)\b/#, with: "# B").replacing(#/# (µs|ms|s|min|h|d)\b/#, with: "# s")
        text = text.replacing(#/# s( # s)+/#, with: "# s").replacing(#/# ?[kMGT]\b/#, with: "#")
        // One of them, or several: the number is masked, and so is what hangs on it.
        text = text.replacing(#/# ([a-z]+[a-rt-z])s\b/#) { "# \($0.output.1)" }
        text = text.replacing(#/─+/#, with: "─").replacing(#/ {2,}/#, with: "  ").replacing(#/[█▏▎▍▌▋▊▉]+/#, with: "█")
        return text
    }

    private func section(_ title: String, _ result: Program.Result, _ scene: Scene) -> String {
        let errors = result.errors.split(separator: "\n").filter {
            !$0.contains(" INFO ") || $0.hasPrefix("cachewatch:")
        }.joined(separator: "\n")
        return "==== \(title): \(result.status)\n" + plain(result.output, scene)
            + (errors.isEmpty ? "" : plain(errors, scene) + "\n")
    }

    /// The words of a picture, a line for each row.
    private func words(ofPicture svg: String) -> String {
        var rows: [(y: String, words: [String])] = []
        for match in svg.matches(of: #/<text x="[^"]*" y="([^"]*)"[^>]*>([^<]*)</#) {
            let (y, words) = (String(match.1), String(match.2).replacing("\u{a0}", with: " "))
            if rows.last?.y == y { rows[rows.count - 1].words.append(words) } else { rows.append((y, [words])) }
        }
        return rows.map { $0.words.joined() + "\n" }.joined()
    }

    /// The lines that name a metric, without its value.
    private func metrics(_ page: String) -> String {
        page.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            String(line[..<(line.lastIndex(of: " ") ?? line.endIndex)]) + "\n"
        }.joined()
    }

    @Test func onceSaysWhatIsKnownAndWhatIsNot() async { await sideBySide(Self.names) { try once(name: $0) } }

    private func once(name: String) throws {
        let scene = try Scene(name)
        var text = "\(scene.service.source)\n"
        text += section("once", try scene.run("--once", "--quiet"), scene)
        var json = try scene.run("--once", "--quiet", "--format", "json")
        #expect((try? JSONSerialization.jsonObject(with: Data(json.output.utf8))) != nil, "\(name)")
        json.output = json.output.replacing(#/"commands": \{[^{}]*(\{[^{}]*\}[^{}]*)*\}/#, with: "\"commands\": {}")
            .replacing(#/"errors": \{[^{}]*\}/#, with: "\"errors\": {}")
        text += section("json", json, scene)
        var page = try scene.run("--once", "--quiet", "--format", "prometheus")
        page.output = metrics(page.output.replacing(#/\nredis_(commands|errors)_[^\n]*/#, with: ""))
        text += section("prometheus", page, scene)
        var picture = try scene.run("--once", "--quiet", "--format", "svg")
        picture.output = words(ofPicture: picture.output)
        text += section("dashboard", picture, scene)
        expectGolden(text, named: "\(name)-once")
    }

    @Test func looksAtTheKeysSayWhatIsKnownAndWhatIsNot() async { await sideBySide(Self.names) { try looks(name: $0) } }

    private func looks(name: String) throws {
        let scene = try Scene(name)
        var text = ""
        // Of 200 keys: with half as many draws, namespaces changed places once in a thousand runs.
        for look in [["--estimate", "--sample", "190"], ["--sweep", "counts"]] {
            let words = ["--once", "--quiet"] + look + ["--url", scene.proxy.url]
            let result = try Program.run([Program.cachewatch] + words, environment: ["TZ": "UTC"])
            var told = result
            told.output = result.output.components(separatedBy: "\nNamespaces").dropFirst().joined()
            text += section(look.joined(separator: " "), told, scene)
        }
        expectGolden(text, named: "\(name)-keys")
        #expect(
            scene.proxy.refused.values.allSatisfy { $0 <= 12 },
            "\(name): nothing is asked thousands of times: \(scene.proxy.refused)")
    }

    @Test func actsAreDoneOrRefusedWithWordsThatHelp() async { await sideBySide(Self.names) { try acts(name: $0) } }

    private func acts(name: String) throws {
        let scene = try Scene(name)
        let before = scene.keys
        var text = section("flush session --dry-run", try scene.run("flush", "session", "--dry-run"), scene)
        let flush = try scene.run("flush", "session", "--yes")
        text += section("flush session --yes", flush, scene)
        #expect(scene.keys == (flush.status == 0 ? before - 120 : before), "\(name): \(flush.errors)")
        let revoke = try scene.run("revoke", "a1b2c3")
        text += section("revoke a1b2c3", revoke, scene)
        let written = try scene.server.cli("KEYS", "*blacklist*").contains("a1b2c3")
        #expect(written == (revoke.status == 0), "\(name): \(revoke.errors)")
        expectGolden(text, named: "\(name)-acts")
        for said in ["the server answered an error", "Look at the words"] { #expect(!text.contains(said), "\(name)") }
    }
}
