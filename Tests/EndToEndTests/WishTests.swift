import Foundation
import Support
import Testing

/// What somebody has asked for is done or refused with a word; nothing else is put in its place in silence.
@Suite struct WishTests {
    /// What an option cannot be, by command; each is refused with 64 before anything is asked of a server.
    private static let bad: [(words: [String], option: String)] = [
        // Those about the server, which all commands share.
        (["--url", ""], "--url"), (["--url", "nosuch"], "--url"), (["--url", "redis://h:99999"], "--url"),
        (["--config", ""], "--config"), (["--config", "/nowhere.toml"], "--config"),
        (["--sentinel", ""], "--sentinel"),
        (["--sentinel", "a b"], "--sentinel"),
        // The dashboard and the snapshot.
        (["--once", "--format", "yaml"], "--format"), (["--once", "--watch-for", "-1s"], "--watch-for"),
        (["--once", "--watch-for", "soon"], "--watch-for"), (["--once", "--estimate", "--sample", "99"], "--sample"),
        (["--once", "--estimate", "--sample", "1000001"], "--sample"), (["--once", "--sweep", "all"], "--sweep"),
        (["--once", "--sweep", "full", "--engine", "x"], "--engine"),
        (["demo", "--once", "--sweep", "full", "--engine", "x"], "--engine"),
        (["--once", "--sweep", "full", "--pace", "wild"], "--pace"), (["--once", "--output", ""], "--output"),
        (["--interval", "0"], "--interval"), (["--interval", "0.01"], "--interval"),
        (["--interval", "61"], "--interval"),
        (["--interval", "nan"], "--interval"), (["--once", "--format", "svg", "--theme", "nosuch"], "--theme"),
        (["--once", "--format", "svg", "--theme", "/nowhere.toml"], "--theme"),
        (["demo", "--once", "--format", "yaml"], "--format"),
        (["demo", "--once", "--watch-for", "-1s"], "--watch-for"),
        (["demo", "--once", "--estimate", "--sample", "0"], "--sample"),
        (["demo", "--once", "--sweep", "x"], "--sweep"),
        (["demo", "--once", "--sweep", "full", "--pace", "x"], "--pace"),
        (["demo", "--once", "--output", ""], "--output"),
        (["demo", "--interval", "100"], "--interval"), (["demo", "--scenario", "nosuch"], "--scenario"),
        (["demo", "--once", "--theme", "x", "--format", "svg"], "--theme"),
        (["--once", "--diff", ""], "--diff"), (["--once", "--diff", "x@soon"], "--diff"),
        (["demo", "--once", "--diff", ""], "--diff"), (["replay", "x", "--once", "--diff", "@-1m"], "--diff"),
        (["--record", ""], "--record"), (["demo", "--record", ""], "--record"),
        (["--twin", ""], "--twin"), (["demo", "--twin", ""], "--twin"), (["replay", "x", "--twin", ""], "--twin"),
        (["--twin-url", "http://a"], "--twin-url"), (["demo", "--twin-url", ""], "--twin-url"),
        (["record", "x", "--keep", "-1s"], "--keep"), (["record", "x", "--keep", "7"], "--keep"),
        (["record", "x", "--max-size", "0"], "--max-size"),
        (["record", "x", "--max-size", "2X"], "--max-size"), (["record", "x", "--interval", "0"], "--interval"),
        (["record", "x", "--estimate-every", "1s"], "--estimate-every"),
        // The others.
        (["keys", "--limit", "0"], "--limit"), (["keys", "--limit", "-5"], "--limit"),
        (["keys", "--limit", "x"], "--limit"),
        (["keys", "--limit", "1000001"], "--limit"), (["keys", "--format", "svg"], "--format"),
        (["keys", "--pace", "x"], "--pace"), (["inspect", "a", "--format", "prometheus"], "--format"),
        (["flush", "session", "--journal", ""], "--journal"), (["flush", "session", "--journal", "-"], "--journal"),
        (["flush", "--prefix", ""], "--prefix"), (["flush", "--match", "**"], "--match"),
        (["repair", "--prefix", ""], "--prefix"), (["repair", "--match", "?*"], "--match"),
        (["flush", "session", "--pace", "x"], "--pace"), (["undo", "j", "--pace", "x"], "--pace"),
        (["repair", "session", "--ttl", "0"], "--ttl"), (["repair", "session", "--ttl", "500ms"], "--ttl"),
        (["repair", "session", "--ttl", "x"], "--ttl"), (["repair", "session", "--journal", ""], "--journal"),
        (["repair", "session", "--pace", "x"], "--pace"), (["revoke", "--file", "/nowhere"], "--file"),
        (["revoke", "a-1", "--reason", ""], "--reason"), (["revoke", "a-1", "--user", ""], "--user"),
        (["revoke", "--user", "17", "--since", "yesterday"], "--since"), (["revoke", "a-1", "--ttl", "0"], "--ttl"),
        (["revoke", "a-1", "--ttl", "11000d"], "--ttl"), (["revoke", "a-1", "--format", "svg"], "--format"),
        (["revoked", "--limit", "0"], "--limit"), (["revoked", "--limit", "-1"], "--limit"),
        (["journals", "--format", "svg"], "--format"), (["revoked", "--format", "svg"], "--format"),
        (["revoked", "--pace", "x"], "--pace"),
        (["unrevoke", "--user", ""], "--user"), (["unrevoke", "a-1", "--format", "svg"], "--format"),
        (["clients", "--by", "x"], "--by"), (["clients", "--watch-for", "-1s"], "--watch-for"),
        (["clients", "--format", "svg"], "--format"), (["acl", "--for", "x"], "--for"),
        (["kill", "--group", ""], "--group"), (["kill", "7", "--node", ""], "--node"),
        (["kill", "--group", "a", "--by", "x"], "--by"), (["kill", "7", "--format", "svg"], "--format"),
        (["replay", "x", "--at", "yesterday"], "--at"), (["replay", "x", "--speed", "0"], "--speed"),
        (["replay", "x", "--once", "--format", "yaml"], "--format"),
        (["replay", "x", "--once", "--format", "svg", "--theme", "nosuch"], "--theme"),
        (["bundle", "x", "--output", "y", "--from", "yesterday"], "--from"),
        (["bundle", "x", "--output", "y", "--to", "soon"], "--to"), (["bundle", "x", "--output", ""], "--output"),
        (["acl", "--user", ""], "--user"), (["acl", "--user", "a b"], "--user"),
    ]

    /// Any text is honoured.
    private static let free: Set = ["keys --match", "keys --prefix", "revoked --search"]

    /// Options that would do nothing where they stand, and some that contradict each other.
    private static let idle: [([String], String)] = [
        (["--format", "json"], "--once"), (["--quiet"], "--once"), (["--output", "x"], "--once"),
        (["--watch-for", "3s"], "--once"), (["--estimate"], "--once"), (["--sweep", "full"], "--once"),
        (["--pace", "fast"], "--sweep"), (["--once", "--pace", "fast"], "--sweep"),
        (["--once", "--sample", "500"], "--estimate"),
        (["--once", "--sweep", "full", "--sample", "500"], "--estimate"),
        (["--once", "--interval", "5"], "--watch-for"), (["--once", "--theme", "nord"], "--format svg"),
        (["--once", "--format", "json", "--theme", "nord"], "--format svg"), (["--once", "--ascii"], "--format svg"),
        (["demo", "--once", "--format", "prometheus", "--ascii"], "--format svg"),
        (["--once", "--estimate", "--sweep", "full"], "one of them"), (["--diff", "x"], "--once"),
        (["--once", "--diff", "x", "--format", "svg"], "text or json"),
        (["--once", "--diff", "x", "--format", "prometheus"], "text or json"),
        (["replay", "x", "--diff", "y"], "--once"),
        (["replay", "x", "--once", "--diff", "y", "--format", "svg"], "text or json"),
        (["--cluster", "--sentinel", "m"], "one of them"),
        (["keys", "session", "--match", "x*"], "one of them"), (["keys", "--interval", "2"], "--interval"),
        (["keys", "--once"], "--once"), (["flush", "session", "--journal", "/x", "--no-journal"], "one of them"),
        (["flush"], "--prefix"), (["flush", "session", "--prefix", "a"], "one of them"),
        (["flush", "--prefix", "a", "--match", "b*"], "one of them"), (["flush", "reco:home"], "--prefix reco:home:"),
        (["flush", "session", "--escaped"], "--escaped"), (["repair", "--prefix", "a:"], "--ttl"),
        (["flush", "session", "--no-journal", "--remove-for-good"], "--remove-for-good"),
        (["flush", "session", "--dry-run", "--yes"], "one of them"), (["revoke", "a-1", "--pace", "fast"], "--pace"),
        (["unrevoke", "a-1", "--pace", "fast"], "--pace"), (["revoke", "a-1", "--since", "now"], "--user"),
        (["revoke", "a-1", "--user", "17", "--since", "now"], "takes no tokens"),
        (["revoke", "--user", "17", "--since", "now", "--ttl", "1h"], "--ttl"),
        (["revoke", "a-1", "--dry-run", "--format", "json"], "--dry-run"),
        (["unrevoke", "a-1", "--user", "17"], "--user"),
        (["kill"], "--group"), (["kill", "7", "--group", "a"], "one of them"), (["kill", "7", "--by", "name"], "--by"),
        (["kill", "--group", "a", "--node", "b"], "--node"), (["kill", "7", "--dry-run", "--yes"], "one of them"),
        (["record"], "--stream"), (["record", "x", "--stream"], "one of them"),
        (["record", "--stream", "--keep", "7d"], "--keep"), (["record", "--stream", "--max-size", "2G"], "--max-size"),
        (["record", "/nowhere/x.jsonl", "--keep", "7d"], "belong to a folder"),
        (["replay", "x", "--format", "json"], "--once"), (["replay", "x", "--once", "--speed", "2"], "--speed"),
        (["--once", "--twin", "x"], "--twin"), (["--once", "--twin-url", "redis://a"], "--twin-url"),
        (["--twin", "x", "--twin-url", "redis://a"], "one of them"),
        (["replay", "x", "--once", "--twin", "y"], "--twin"),
        (["replay", "x", "--once", "--theme", "nord"], "--format svg"),
        (["replay", "x", "--once", "--ascii"], "--format svg"),
        (["bundle", "x"], "--output"), (["bundle", "x", "-o", "-", "--force"], "--force belongs to a file"),
        (["bundle", "x", "-o", "a", "--output", "b"], "--output is given twice"),
        (["acl", "--once"], "--once"), (["themes", "--url", "redis://a"], "--url"),
        (["demo", "--url", "redis://a"], "--url"),
        (["--once", "--format", "json", "--format", "text"], "--format is given twice"),
        (["--url", "redis://127.0.0.1:2", "--once"], "--url is given twice"),
        (["keys", "--limit", "5", "--limit=6"], "--limit is given twice"),
    ]

    private func run(_ words: [String]) throws -> Program.Result {
        let place = ["--url", "redis://127.0.0.1:1"]
        let knows =
            !["demo", "acl", "themes", "replay", "bundle"].contains(words[0])
            && (words[0] != "--url" || words.count > 2)
        return try Program.run([Program.cachewatch] + words + (knows ? place : []), environment: ["REDIS_URL": ""])
    }

    @Test func everyOptionThatTakesAValueIsTried() throws {
        let dump = try ParserDump.current()
        let shared = Set(dump.aboutTheServer.map(\.name))
        func key(_ command: String, _ option: String) -> String {
            shared.contains(option) ? option : "\(command) \(option)"
        }
        let commands = Set(dump.options.keys)
        let tried = Self.bad.map { words, option in key(commands.contains(words[0]) ? words[0] : "watch", option) }
        let all = dump.options.flatMap { command, options in
            options.filter(\.takesValue).map { key(command, $0.name) }
        }
        #expect(Set(all).subtracting(Self.free) == Set(tried))
    }

    @Test func aValueThatCannotBeHonouredIsRefusedWithAWord() throws {
        for (words, option) in Self.bad {
            let result = try run(words)
            #expect(result.status == 64, "\(words): \(result.status) \(result.errors)")
            let name = option == "--config" || option == "--file" ? "no such file" : String(option.dropFirst(2))
            #expect(result.errors.contains(name) && result.output.isEmpty, "\(words): \(result.errors)")
        }
    }

    @Test func whatWouldDoNothingIsRefusedWithAWord() throws {
        for (words, message) in Self.idle {
            let result = try run(words)
            #expect(result.status == 64, "\(words): \(result.status) \(result.errors)")
            #expect(result.errors.contains(message) && result.output.isEmpty, "\(words): \(result.errors)")
        }
    }

    /// A theme of the settings that is not there is said, too, and only where something is drawn with it.
    @Test func aThemeOfTheSettingsIsOnlyWantedForAPicture() throws {
        let server = try RedisServer()
        let file = try server.folder.write("[cachewatch]\ntheme = \"nosuch\"\n", to: "c.toml")
        func once(_ words: String...) throws -> Program.Result {
            try Program.run([Program.cachewatch, "--once", "--url", server.socketURL, "--config", file] + words)
        }
        let picture = try once("--format", "svg")
        #expect(picture.status == 64 && picture.output.isEmpty, "\(picture.errors)")
        #expect(picture.errors.contains("nosuch") && picture.errors.contains("dark"), "\(picture.errors)")
        #expect(try once("--format", "svg", "--theme", "nord").status == 0)
        #expect(try once().status == 0)
        #expect(try once("--output", "-").output.contains("OK"), "- is standard output")
    }

    @Test func aClusterThatIsNoneIsCritical() throws {
        let server = try RedisServer()
        for format in ["text", "json", "prometheus", "svg"] {
            let result = try Program.cachewatch(
                "--once", "--quiet", "--cluster", "--format", format, "--url", server.url)
            #expect(result.status == 2, "\(format): \(result.status) \(result.errors)")
            if format == "text" || format == "json" {
                #expect(result.output.contains("cluster support disabled"), "\(result.output)")
                #expect(!result.output.contains("no alerts"), "\(result.output)")
            }
        }
        let keys = try Program.cachewatch("keys", "--cluster", "--url", server.url)
        #expect(keys.status == 1 && keys.errors.contains("cluster support disabled"), "\(keys.errors)")
    }

    /// A user who may not ask who belongs to a cluster sees one node, and that is not the cluster.
    @Test func aClusterThatCannotBeAskedIsNotOneOfItsNodes() throws {
        let server = try RedisServer(["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf"])
        try server.cli("ACL", "SETUSER", "eye", "on", ">pw", "~*", "+@all", "-cluster")
        let result = try Program.cachewatch(
            "--once", "--quiet", "--cluster", "--url", "redis://eye:pw@127.0.0.1:\(server.port)")
        // Whether the cluster is well is not known.
        #expect(result.status == 3, "\(result.status) \(result.output)")
        #expect(
            result.output.contains("NOPERM") && result.output.contains("cachewatch acl --cluster"), "\(result.output)")
    }

    /// Nothing is done, or looked for, in another database than the one that was named.
    @Test func aDatabaseThatIsRefusedEndsWithFour() throws {
        let server = try RedisServer()
        try server.cli("SET", "session:1", "x")
        try server.cli("ACL", "SETUSER", "eye", "on", ">pw", "~*", "+@all", "-select")
        let commands = [
            ["flush", "session", "--yes"], ["flush", "session", "--dry-run"], ["repair", "session", "--yes"],
            ["revoke", "a-1"], ["revoked"], ["unrevoke", "a-1", "--yes"], ["keys"], ["inspect", "session:1"],
        ]
        for url in ["\(server.url)/99", "redis://eye:pw@127.0.0.1:\(server.port)/1"] {
            for words in commands {
                let result = try Program.run([Program.cachewatch] + words + ["--url", url])
                #expect(result.status == 4, "\(words): \(result.status) \(result.errors)")
                #expect(result.errors.contains("database "), "\(words): \(result.errors)")
            }
        }
        #expect(try server.cli("DBSIZE").contains("1"))
        let once = try Program.cachewatch("--once", "--quiet", "--url", "\(server.url)/99")
        #expect(once.status == 2 && once.output.contains("database 99"), "\(once.output)")
    }

    @Test func aFolderForOurFilesThatIsNoneIsSaid() throws {
        let server = try RedisServer()
        let result = try Program.cachewatch(
            "--once", "--url", server.socketURL, environment: ["XDG_STATE_HOME": "/dev/null/state"])
        #expect(result.errors.contains("XDG_STATE_HOME: /dev/null/state"), "\(result.errors)")
    }
}
