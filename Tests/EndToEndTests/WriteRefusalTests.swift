import Foundation
import Glibc
import Support
import Testing

/// Every way in which a command changes a server, against all that must keep it from doing so.
@Suite struct WriteRefusalTests {
    /// What a command can be asked to change.
    enum Way: String, CaseIterable, Sendable {
        case flush, undo, repair, undoLifetimes, revoke, cutOff, unrevoke, letIn

        var command: String {
            switch self {
            case .flush, .undo, .repair, .revoke, .unrevoke: rawValue
            case .undoLifetimes: "undo"
            case .cutOff: "revoke"
            case .letIn: "unrevoke"
            }
        }

        /// Whether it wants a confirmation.
        var asks: Bool {
            switch self {
            case .flush, .repair, .unrevoke, .letIn: true
            case .undo, .undoLifetimes, .revoke, .cutOff: false
            }
        }

        fileprivate func words(_ journals: Journals, isProtected: Bool = false) -> [String] {
            switch self {
            case .flush: ["flush", isProtected ? "token:blacklist" : "session"]
            case .repair: ["repair", isProtected ? "token:blacklist" : "rate:limit"]
            case .undo: isProtected ? ["undo", journals.tokens, "--replace"] : ["undo", journals.keys]
            case .undoLifetimes: ["undo", journals.lifetimes]
            case .revoke: ["revoke", "new"]
            case .cutOff: ["revoke", "--user", "17", "--since", "now"]
            case .unrevoke: ["unrevoke", "stolen"]
            case .letIn: ["unrevoke", "--user", "17"]
            }
        }
    }

    /// What keeps it from being done.
    enum Obstacle: String, CaseIterable, Sendable {
        case readOnly, readOnlyInTheFile, replica, clusterNode, rights, rightsInPart, rightsOfScripts
        case unconfirmed, protection, otherServer
        case failingDisk, missingReplicas, fullServer
        case noAudit, fullAudit, noHome

        /// What it is in the way of; all else is done all the same, or is tried with another one.
        var ways: [Way] {
            switch self {
            case .unconfirmed: Way.allCases.filter(\.asks)
            case .protection: [.flush, .repair, .undo]
            case .otherServer: [.undo, .undoLifetimes]
            // What removes or shortens needs no memory.
            case .fullServer: [.undo, .revoke, .cutOff]
            case .rightsOfScripts: [.undoLifetimes, .cutOff]
            default: Way.allCases
            }
        }

        var status: Int32 {
            switch self {
            case .failingDisk, .missingReplicas, .fullServer, .noAudit, .fullAudit: 1
            case .noHome: 78
            default: 4
            }
        }

        var words: String {
            switch self {
            case .readOnly, .readOnlyInTheFile: "--read-only"
            case .replica: "is a replica"
            case .clusterNode: "--cluster"
            case .rights, .rightsInPart, .rightsOfScripts: "cachewatch acl --act"
            case .unconfirmed: "there is no terminal"
            case .protection: "is protected"
            case .otherServer: "--url or --config"
            case .failingDisk: "MISCONF"
            case .missingReplicas: "NOREPLICAS"
            case .fullServer: "OOM"
            case .noAudit: "check who owns"
            case .fullAudit: "free some space"
            case .noHome: "set XDG_STATE_HOME"
            }
        }

        fileprivate var settings: String {
            switch self {
            case .readOnlyInTheFile: "read_only = true"
            case .noAudit: "audit_file = \"/proc/nowhere/audit.jsonl\""
            case .fullAudit: "audit_file = \"/dev/full\""
            default: ""
            }
        }
    }

    /// Commands that change no server that anybody else has.
    private static let looking: Set = [
        "watch", "record", "replay", "bundle", "keys", "inspect", "clients", "revoked", "journals", "demo", "acl",
        "themes",
    ]
    /// What closes connections and leaves the keys alone: replicas and single nodes of a cluster are no obstacle to it.
    private static let closing: Set = ["kill"]

    @Test func noCommandIsLeftOut() throws {
        let commands = Set(try ParserDump.current().options.keys).subtracting(["help"])
        #expect(Set(Way.allCases.map(\.command)).union(Self.looking).union(Self.closing) == commands)
        #expect(Self.looking.isDisjoint(with: Way.allCases.map(\.command)))
        for way in Way.allCases {
            #expect(Obstacle.allCases.count { $0.ways.contains(way) } >= 11, "\(way)")
        }
    }

    /// Without an obstacle each of them does change something, or the table below shows nothing.
    @Test func withoutAnObstacleItIsDone() throws {
        for done in try Journals.made.get().done {
            #expect(done.status == 0 && done.hasChanged, "\(done.way): \(done.errors)")
        }
    }

    @Test func nothingIsChangedAndThatIsSaid() async { await sideBySide(Obstacle.allCases) { try refused($0) } }

    private func refused(_ obstacle: Obstacle) throws {
        let server = try server(behind: obstacle)
        let before = try server.image()
        #expect(before.contains("token:blacklist:stolen"), "\(obstacle)")
        for way in obstacle.ways {
            let result = try run(way, obstacle, on: server)
            #expect(result.status == obstacle.status, "\(obstacle), \(way): \(result.status) \(result.errors)")
            #expect(
                (result.output + result.errors).contains(obstacle.words), "\(obstacle), \(way): \(result.errors)")
            #expect(try server.image() == before, "\(obstacle), \(way)")
        }
        let audit = try? String(contentsOfFile: server.folder.path + "/state/cachewatch/audit.jsonl", encoding: .utf8)
        #expect(!(audit ?? "").contains("\"done\""), "\(obstacle)")
    }

    /// What a user may not do is tried in the integration tests.
    @Test func noConnectionIsClosedWithoutLeave() throws {
        let server = try RedisServer()
        let client = try RawClient(server, name: "leaky-1")
        for obstacle in [Obstacle.readOnly, .readOnlyInTheFile, .unconfirmed, .noAudit, .fullAudit, .noHome] {
            let result = try run(["kill", "--group", "leaky-*"], asks: true, obstacle, on: server)
            #expect(result.status == obstacle.status, "\(obstacle): \(result.status) \(result.errors)")
            #expect((result.output + result.errors).contains(obstacle.words), "\(obstacle): \(result.errors)")
            #expect(try server.cli("CLIENT", "LIST").contains("name=leaky-1"), "\(obstacle)")
        }
        let line = try #require(
            try server.cli("CLIENT", "LIST").split(separator: "\n").first { $0.contains("leaky-1") })
        let id = try #require(line.firstMatch(of: #/id=(\d+)/#)?.output.1)
        let done = try run(["kill", String(id)], asks: true, .otherServer, on: server)
        #expect(done.status == 0 && done.output.contains("killed 1 connection"), "\(done.errors)")
        #expect(!(try server.cli("CLIENT", "LIST").contains("name=leaky-1")))
        withExtendedLifetime(client) {}
    }

    private func server(behind obstacle: Obstacle) throws -> RedisServer {
        let isCluster = obstacle == .clusterNode
        let server = try isCluster ? RedisServer.wholeCluster() : RedisServer()
        try Self.seed(server)
        switch obstacle {
        case .replica: try server.cli("REPLICAOF", "127.0.0.1", "1")
        case .rights:
            try server.cli("ACL", "SETUSER", "eye", "on", ">pw", "~*", "+@read", "+@connection", "+info", "+dbsize")
        case .rightsInPart:
            try server.cli(
                "ACL", "SETUSER", "eye", "on", ">pw", "~*", "+@all", "-unlink", "-restore", "-set", "-pexpire",
                "-pexpireat", "-persist")
        // It may run scripts, but not what they send.
        case .rightsOfScripts: try server.cli("ACL", "SETUSER", "eye", "on", ">pw", "~*", "+@all", "-pexpire")
        case .failingDisk:
            try server.cli("CONFIG", "SET", "save", "3600 1")
            // A folder stands where the file is to go.
            try FileManager.default.createDirectory(
                atPath: server.folder.path + "/dump.rdb", withIntermediateDirectories: false)
            try server.cli("BGSAVE")
            try eventually("a save has failed") {
                try server.cli("INFO", "persistence").contains("rdb_last_bgsave_status:err")
            }
        case .missingReplicas: try server.cli("CONFIG", "SET", "min-replicas-to-write", "1")
        case .fullServer: try server.cli("CONFIG", "SET", "maxmemory", "1")
        default: break
        }
        return server
    }

    fileprivate static func seed(_ server: RedisServer) throws {
        try server.cli(
            "EVAL",
            """
            for id = 1, 3 do
              redis.call('SET', 'session:' .. id, 'x', 'EX', 5000)
              redis.call('SET', 'rate:limit:ip:' .. id, 'x')
            end
            redis.call('SET', 'token:blacklist:stolen', '{}', 'EX', 5000)
            redis.call('SET', 'token:blacklist:forever', '{}')
            redis.call('SET', 'blacklist:since:17', '1000', 'EX', 5000)
            """, "0")
    }

    private func run(_ way: Way, _ obstacle: Obstacle, on server: RedisServer) throws -> Program.Result {
        try run(
            way.words(try Journals.made.get(), isProtected: obstacle == .protection), asks: way.asks, obstacle,
            on: server)
    }

    private func run(
        _ command: [String], asks: Bool, _ obstacle: Obstacle, on server: RedisServer
    ) throws -> Program.Result {
        var words = command
        if asks, obstacle != .unconfirmed { words.append("--yes") }
        if obstacle == .readOnly { words.append("--read-only") }
        var environment = [
            "XDG_STATE_HOME": obstacle == .noHome ? "/dev/null/state" : server.folder.path + "/state"
        ]
        switch obstacle {
        // Nobody has named it in the command.
        case .otherServer: environment["REDIS_URL"] = server.socketURL
        case .rights, .rightsInPart, .rightsOfScripts: words += ["--url", "unix://eye:pw@\(server.socket)"]
        case .clusterNode: words += ["--url", server.url]
        default: words += ["--url", server.socketURL]
        }
        if obstacle != .otherServer {
            words += ["--config", try server.folder.write(Self.settings + obstacle.settings + "\n", to: "c.toml")]
        }
        return try Program.run([Program.cachewatch] + words, environment: environment)
    }

    fileprivate static let settings = "[cachewatch]\nrevocation_layout = \"token:blacklist\"\n"

    // MARK: files

    /// Where something is noted besides what is changed.
    enum Place: String, CaseIterable, Sendable {
        case audit = "audit.jsonl"
        case ledger = "revocations.jsonl"
        case journals

        var ways: [Way] {
            switch self {
            case .audit: Way.allCases
            case .ledger: [.revoke, .cutOff, .unrevoke, .letIn]
            case .journals: [.flush, .repair]
            }
        }

        /// What stands there instead, and what is said of it.
        var obstacles: [(kind: String, words: String)] {
            switch self {
            case .audit: [("link", "it is a link"), ("pipe", "it is a pipe"), ("folder", "name a file in it")]
            case .ledger: [("link", "move it away"), ("pipe", "move it away"), ("folder", "move it away")]
            case .journals: [("file", "check who owns"), ("pipe", "check who owns")]
            }
        }
    }

    @Test(arguments: Place.allCases) func whatCannotBeNotedIsNotDone(_ place: Place) throws {
        let server = try RedisServer()
        try Self.seed(server)
        let settings = try server.folder.write(Self.settings, to: "c.toml")
        let before = try server.image()
        for (kind, said) in place.obstacles {
            let state = server.folder.path + "/" + kind
            try FileManager.default.createDirectory(
                atPath: state + "/cachewatch", withIntermediateDirectories: true)
            try put(kind, at: state + "/cachewatch/" + place.rawValue)
            for way in place.ways {
                let words = way.words(try Journals.made.get()) + (way.asks ? ["--yes"] : [])
                let result = try Program.run(
                    [Program.cachewatch] + words + ["--url", server.socketURL, "--config", settings],
                    environment: ["XDG_STATE_HOME": state])
                #expect(result.status == 1, "\(way), \(kind): \(result.errors)")
                #expect(result.errors.contains(said), "\(way), \(kind): \(result.errors)")
                #expect(try server.image() == before, "\(way), \(kind)")
            }
        }
    }

    private func put(_ kind: String, at path: String) throws {
        let manager = FileManager.default
        switch kind {
        case "link": try manager.createSymbolicLink(atPath: path, withDestinationPath: path + ".elsewhere")
        case "pipe": try #require(mkfifo(path, 0o600) == 0)
        case "folder": try manager.createDirectory(atPath: path, withIntermediateDirectories: false)
        default: try Data("before\n".utf8).write(to: URL(fileURLWithPath: path))
        }
    }

    /// It is found out before anything is counted.
    @Test(arguments: [Way.flush, .repair], ["file", "link", "pipe", "folder"])
    func aJournalTakesNobodysPlace(_ way: Way, kind: String) throws {
        let server = try RedisServer()
        try Self.seed(server)
        let (before, path) = (try server.image(), server.folder.path + "/journal")
        try put(kind, at: path)
        let result = try Program.run(
            [Program.cachewatch] + way.words(try Journals.made.get()) + ["--yes", "--journal", path]
                + ["--url", server.socketURL], environment: ["XDG_STATE_HOME": server.folder.path + "/state"])
        #expect(result.status == 1 && result.errors.contains("choose another name"), "\(result.errors)")
        #expect(try server.image() == before)
        if kind == "file" { #expect(try String(contentsOfFile: path, encoding: .utf8) == "before\n") }
        #expect(try !server.cli("INFO", "commandstats").contains("cmdstat_scan:"))
    }

    @Test func whatOutputDoesNotTakeIsUnknown() throws {
        let server = try RedisServer()
        func once(_ path: String) throws -> Program.Result {
            try Program.cachewatch("--once", "--quiet", "--format", "json", "--url", server.socketURL, "--output", path)
        }
        let folder = server.folder.path
        for (path, words) in [
            ("/dev/full", "free some space"), (folder, "name a file in it"),
            (folder + "/no/report", "make its folder first"),
        ] {
            let result = try once(path)
            #expect(result.status == 3 && result.errors.contains(words), "\(path): \(result.status) \(result.errors)")
            #expect(result.output.isEmpty)
        }
        #expect(try once("").status == 64)
        #expect(try once("/dev/null").status == 0)
        var status = stat()
        #expect(lstat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR, "it is there still")
        let report = try server.folder.write("old", to: "report", mode: 0o640)
        try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: "report")
        #expect(try once(folder + "/link").status == 0)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/link") == "report")
        #expect(try String(contentsOfFile: report, encoding: .utf8).contains("\"schema\": 1"))
        #expect(try FileManager.default.attributesOfItem(atPath: report)[.posixPermissions] as? Int == 0o640)
    }

    /// What names a file is one of those that were thought of, and all that is written goes through two functions.
    @Test func noWayToAFileIsLeftOut() throws {
        #expect(try ParserDump.current().files == ["--config", "--file", "--journal", "--output"])
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources")
        var (opening, writing): (Set<String>, Set<String>) = ([], [])
        for case let file as URL in try #require(
            FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            if text.contains(#/\b(O_WRONLY|O_RDWR|O_CREAT|fopen|FileHandle|createFile|write\(to: URL)/#) {
                opening.insert(file.lastPathComponent)
            }
            if text.contains("OutputFile(") { writing.insert(file.lastPathComponent) }
        }
        // Of these, three open a terminal or /dev/null, one a journal that was read as a file before, three what a
        // recorder appends to or packs, which is a recording and nothing else, and one what is new or is to be replaced.
        #expect(
            opening == [
                "BundleFile.swift", "ChildProgram.swift", "DirectColour.swift", "GrowingSegment.swift",
                "JournalAmendment.swift", "OperationFiles.swift", "PasswordPrompt.swift", "ReportFile.swift",
                "SegmentPlace.swift",
            ])
        #expect(
            writing == [
                "AuditLog.swift", "BundleFile.swift", "JournalWriter.swift", "OperationFiles.swift",
                "PlainLogHandler.swift",
                "ReportFile.swift",
                "RevocationLedger.swift",
            ])
    }
}

/// Journals of a server that is gone, and what came of each way there, where nothing stood in it.
private struct Journals: Sendable {
    struct Done: Sendable {
        var way: WriteRefusalTests.Way
        var status: Int32
        var hasChanged: Bool
        var errors: String
    }

    static let made = Result { try Journals() }

    let folder: TemporaryFolder
    private(set) var done: [Done] = []

    var keys: String { folder.path + "/keys" }
    var lifetimes: String { folder.path + "/lifetimes" }
    /// Of revoked tokens.
    var tokens: String { folder.path + "/tokens" }

    private init() throws {
        folder = try TemporaryFolder()
        let server = try RedisServer()
        try WriteRefusalTests.seed(server)
        let more = [
            "--url", server.socketURL, "--config", try folder.write(WriteRefusalTests.settings, to: "c.toml"),
        ]
        let environment = ["XDG_STATE_HOME": folder.path + "/state"]
        for way in WriteRefusalTests.Way.allCases {
            let journal: [String] =
                switch way {
                case .flush: ["--journal", keys]
                case .repair: ["--journal", lifetimes]
                default: []
                }
            let before = try server.image()
            let result = try Program.run(
                [Program.cachewatch] + way.words(self) + (way.asks ? ["--yes"] : []) + journal + more,
                environment: environment)
            done.append(
                Done(
                    way: way, status: result.status, hasChanged: try server.image() != before, errors: result.errors))
        }
        _ = try Program.run(
            [
                Program.cachewatch, "flush", "token:blacklist", "--yes", "--readmit-revoked-tokens", "--journal",
                tokens,
            ] + more, environment: environment)
    }
}
