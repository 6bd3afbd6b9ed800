import CommandLineModel
import Foundation
import Support
import Testing

/// Bad input gets a clear error and an exit code, never a trap.
@Suite struct UsageTests {
    @Test(arguments: [
        (["--url", "cache-1:6379"], "no scheme"), (["--url", "redis://h:x"], "port \"x\""),
        (["--config", "/nowhere.toml"], "no such file"), (["--interval", "0.01", "--url", "redis://h"], "0.2 to 60"),
        (["--format", "yaml"], "yaml"), (["--nonsense"], "--nonsense"), (["--watch-for", "3s"], "--once"),
        (["flsh", "product"], "Did you mean 'cachewatch flush'?"), (["--ulr", "redis://h"], "Did you mean '--url'?"),
    ])
    func wrongUseIs64(words: [String], message: String) throws {
        let result = try Program.run([Program.cachewatch] + words)
        #expect(result.status == 64)
        #expect(result.errors.contains(message), "\(result.errors)")
        #expect(result.output.isEmpty)
    }

    @Test func helpBeginsWithWhatOneWantsFirst() throws {
        let help = try Program.cachewatch("--help").output
        for words in [
            "--url redis://cache-1:6379 ", "--once", "cachewatch demo", "--generate-completion-script", "ACTING",
        ] {
            #expect(help.contains(words), "\(words)")
        }
        let first = try #require(help.split(separator: "\n").firstIndex { $0.contains("--url redis://") })
        #expect(first < 4 && help.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    /// Which options take no value is listed twice.
    @Test func flagsAreThoseOfTheParser() throws {
        let options = try ParserDump.current().options.values.joined()
        let flags = Set(options.filter { !$0.takesValue }.map(\.name)).union(["--help", "--version"])
        #expect(RepeatedOption.flags == flags)
    }

    @Test func wrongValueInTheFileIs64BeforeTheScreen() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("[cache]\n\nredis_pool_size = \"many\"\n", to: "c.toml")
        let result = try Program.cachewatch("--config", file)
        #expect(result.status == 64)
        #expect(
            result.errors.contains(
                "c.toml:3: cache.redis_pool_size: found the string \"many\", expected an integer from 1 to 10000"))
    }

    @Test func memoryCacheIs78() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("[cache]\ncache_type = \"Memory\"\n", to: "c.toml")
        let result = try Program.cachewatch("--config", file, "--once")
        #expect(result.status == 78)
        #expect(result.errors.contains("nothing to watch"))
    }

    @Test func withoutATerminalItNamesOnce() throws {
        let result = try Program.cachewatch("--url", "redis://127.0.0.1:1", environment: ["TERM": "xterm-256color"])
        #expect(result.status == 64)
        #expect(result.errors.contains("use --once"))
        #expect(result.output.isEmpty)
    }

    /// The parser itself says which options these are; a command's name as a value is none.
    @Test func everyOptionAboutTheServerMayStandBeforeACommand() throws {
        let options = try ParserDump.current().aboutTheServer
        #expect(Set(options.map(\.name)).isSuperset(of: ["--url", "--config", "--ask-password", "--read-only"]))
        for option in options {
            let words = [option.name] + (option.takesValue ? ["keys"] : []) + ["keys", "--help"]
            let result = try Program.run([Program.cachewatch] + words)
            #expect(result.output.contains("USAGE: cachewatch keys"), "\(words): \(result.output)\(result.errors)")
        }
        let unknown = try Program.cachewatch("--nonsense", "keys", "--help")
        #expect(!unknown.output.contains("USAGE: cachewatch keys"))
    }

    /// A command that is not registered is not there, whatever its file holds.
    @Test func everyCommandOfTheSourcesIsOneOfTheProgram() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/cachewatch/Commands")
        var declared: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
            let text = try String(contentsOf: file, encoding: .utf8)
            let commands = text.matches(of: #/commandName: "([a-z-]+)"/#).map { String($0.1) }
            #expect(
                text.matches(of: #/struct \w+: (Async)?ParsableCommand/#).count == commands.count,
                "\(file.lastPathComponent): each has a name")
            declared.formUnion(commands)
        }
        #expect(declared.sorted() == (try ParserDump.current().options.keys).filter { $0 != "help" }.sorted())
    }

    @Test func aclAndThemesPrintData() throws {
        let acl = try Program.cachewatch("acl", "--user", "bob")
        #expect(acl.output.hasPrefix("ACL SETUSER bob on >PASSWORD resetkeys ~* resetchannels -@all +ping"))
        let themes = try Program.cachewatch("themes")
        #expect(themes.status == 0)
        #expect(themes.output.split(separator: "\n").count >= 10, "\(themes.output)\(themes.errors)")
        #expect(themes.output.contains("solarized-light"))
    }
}

/// What the program's parser says of itself.
struct ParserDump {
    struct Option: Hashable {
        var name: String
        var takesValue: Bool
    }

    /// Options by command.
    private(set) var options: [String: Set<Option>] = [:]
    /// What an option of a command may be, where that is a list: `formats["keys"]` are those of its `--format`.
    private(set) var formats: [String: [String]] = [:]
    /// Options of any command that name a file.
    private(set) var files: Set<String> = []

    static func current() throws -> ParserDump {
        let text = try Program.cachewatch("--experimental-dump-help").output
        let document = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let root = try #require(document["command"] as? [String: Any])
        var dump = ParserDump()
        for command in root["subcommands"] as? [[String: Any]] ?? [] {
            let name = try #require(command["commandName"] as? String)
            let arguments = command["arguments"] as? [[String: Any]] ?? []
            dump.options[name] = Set(arguments.compactMap(option))
            let files = arguments.filter { ($0["valueName"] as? String)?.hasPrefix("file") == true }
            dump.files.formUnion(files.compactMap(option).map(\.name))
            dump.formats[name] = arguments.first { option($0)?.name == "--format" }?["allValues"] as? [String]
        }
        return dump
    }

    /// Those that all commands have which talk to a server.
    var aboutTheServer: Set<Option> {
        let all = options.values.filter { $0.contains { $0.name == "--url" } }
        return all.dropFirst().reduce(all.first ?? []) { $0.intersection($1) }
    }

    private static func option(_ argument: [String: Any]) -> Option? {
        guard let kind = argument["kind"] as? String, kind != "positional",
            let preferred = argument["preferredName"] as? [String: Any], preferred["kind"] as? String == "long",
            let name = preferred["name"] as? String, !["help", "version"].contains(name)
        else { return nil }
        return Option(name: "--\(name)", takesValue: kind == "option")
    }
}
