import Foundation
import Glibc
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Passwords, users, URLs and paths as files, templates and containers hold them, and where none of them may get to.
@Suite struct SecretSourcesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func settings(
        _ file: String? = nil, url: String? = nil, _ environment: [String: String] = [:]
    ) throws -> Settings {
        let path = try file.map { try folder.write($0, to: "config.toml", mode: 0o600) }
        return try SettingsSources(url: url, configurationPath: path, environment: environment).settings()
    }

    // MARK: passwords

    @Test(arguments: ["geheim", "geheim\n", "geheim\r\n", "geheim\r", "geheim\n\n"])
    func theEndOfALineIsNoPartOfAPassword(value: String) throws {
        let environment = ["REDIS_PASSWORD": value, "REDIS_SENTINEL_PASSWORD": value]
        for settings in [try settings(nil, environment), try settings(nil, url: "redis://h", environment)] {
            #expect(settings.endpoint.password == Secret("geheim"))
            #expect(settings.sentinelPassword == Secret("geheim"))
        }
        for text in [value, value + "# rest", "\u{feff}" + value] where text.contains(where: \.isNewline) {
            let path = try folder.write(text, to: "password", mode: 0o600)
            #expect(try settings("[cachewatch]\npassword_file = \"\(path)\"\n").endpoint.password == Secret("geheim"))
        }
    }

    @Test(arguments: ["ge heim", " geheim ", "ge'h\"eim", "ge?h#e/i@m%41", "ge\nheim", "€ü\u{7f}"])
    func whatElseAPasswordHoldsStays(value: String) throws {
        #expect(try settings(nil, ["REDIS_PASSWORD": value]).endpoint.password == Secret(value))
        guard !value.contains("\n") else { return }
        let path = try folder.write(value + "\n", to: "password", mode: 0o600)
        #expect(try settings("[cachewatch]\npassword_file = \"\(path)\"\n").endpoint.password == Secret(value))
    }

    @Test func anEmptyPasswordIsNone() throws {
        for value in ["", "\n", "\r\n"] {
            #expect(try settings(nil, ["REDIS_PASSWORD": value]).endpoint.password == nil)
        }
    }

    @Test func sentinelsHaveUsersOfTheirOwn() throws {
        let file = "[cachewatch]\nsentinel_username = \"watcher\"\nsentinel_password = \"geheim\"\n"
        let settings = try settings(file)
        #expect(settings.warnings.isEmpty)
        #expect(settings.configuration.sentinelUsername == "watcher")
        #expect(settings.configuration.sentinelPassword == Secret("geheim"))
        #expect(try self.settings(file, ["REDIS_SENTINEL_USERNAME": "other"]).sentinelUsername == "other")
    }

    @Test func filesThatOthersMayReadAreWarnedOf() throws {
        for (mode, warnings) in [(0o644, 1), (0o640, 1), (0o600, 0), (0o400, 0)] {
            let path = try folder.write("geheim\n", to: "password-\(mode)", mode: mode)
            let found = try settings("[cachewatch]\npassword_file = \"\(path)\"\n").warnings.map(\.description)
            #expect(found.count == warnings && found.allSatisfy { $0.contains("chmod 600 \(path)") }, "\(found)")
        }
        for (mode, warnings) in [(0o644, 1), (0o640, 0), (0o600, 0)] {
            let path = try folder.write("key", to: "key-\(mode)", mode: mode)
            let file = "[cachewatch]\ntls_cert_file = \"/c.pem\"\ntls_key_file = \"\(path)\"\n"
            #expect(try settings(file).warnings.count == warnings)
        }
    }

    /// Secrets are mounted as links, and those are open to everybody.
    @Test func ofALinkItCountsWhereItLeads() throws {
        for (mode, warnings) in [(0o644, 1), (0o600, 0)] {
            let path = try folder.write("geheim\n", to: "led-\(mode)", mode: mode)
            let link = folder.path + "/link-\(mode)"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
            #expect(try settings("[cachewatch]\npassword_file = \"\(link)\"\n").warnings.count == warnings)
        }
    }

    // MARK: URLs

    @Test(arguments: ["--url", "REDIS_URL", "redis_url"]) func parametersOfOthersAreSaid(source: String) throws {
        let url = "rediss://h:1?protocol=3&db=2&timeout=5&ssl_cert_reqs=none"
        let settings =
            switch source {
            case "--url": try settings(url: url)
            case "REDIS_URL": try settings(nil, ["REDIS_URL": url])
            default: try settings("[cache]\nredis_url = \"\(url)\"\n")
            }
        #expect(settings.endpoint.database == 2 && !settings.tls.verifyCertificate)
        let words = settings.warnings.map(\.description).joined()
        #expect(words.contains("\"protocol\", \"timeout\"") && words.contains(source), "\(words)")
    }

    @Test func aURLMayNameADeployment() throws {
        let cluster = try settings(url: "redis-cluster://:pw@a,b:2/0")
        #expect(cluster.target == "redis-cluster://a:6379,b:2/0" && cluster.endpoint.password == Secret("pw"))
        let sentinel = try settings(nil, ["REDIS_URL": "redis+sentinel://a,b:2/shop/1"])
        #expect(sentinel.target == "redis-sentinel://a:26379,b:2/shop/1")
        let file = "[cache]\nredis_url = \"redis-sentinel://a/shop\"\n"
        #expect(try settings(file).target == "redis-sentinel://a:26379/shop/0")
        #expect(try settings(file, url: "redis-cluster://c").target == "redis-cluster://c:6379/0")
        #expect(try settings(file + "sentinel_nodes = [\"z\"]\n").target == "redis-sentinel://z:26379/shop/0")
        // Keys of the file go before what the URL says besides.
        let verified = "[cache]\nredis_url = \"rediss://h?ssl_cert_reqs=none\"\nverify_certificate = true\n"
        #expect(try settings(verified).tls.verifyCertificate)
    }

    @Test(arguments: [
        "redis://:geheim?wort@h", "redis://:geheim wort@h", "redis://h:geheim", "redis://h?geheim=wort",
        "geheim:wort@h", "redis://:geheim%wort@h",
        "redis://:geheim\"wort@h:x", "redis://:geheim'wort@h:x", "redis://:geheim\nwort@h",
        "redis-cluster://:geheim@a,b!wort", "redis://h/geheim",
    ])
    func whatIsWrongWithAURLRepeatsNothingOfIt(url: String) throws {
        let quoted = url.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
        let file = try folder.write("[cache]\nredis_url = \"\(quoted)\"\n", to: "c.toml", mode: 0o600)
        for sources in [
            SettingsSources(url: url), SettingsSources(environment: ["REDIS_URL": url]),
            SettingsSources(configurationPath: file),
        ] {
            let issue = #expect(throws: SettingsIssue.self) { try sources.settings() }
            let printed =
                "\(issue?.description ?? "") \(sources) \(String(reflecting: sources)) \(Self.dumped(sources))"
            #expect(!printed.contains("geheim") && !printed.contains("wort"), "\(printed)")
        }
    }

    /// Wherever a URL or a node stands, whatever sign its password has: nothing that is printed repeats it.
    @Test func noSignOfAPasswordIsRepeatedFromAnyPlace() throws {
        for byte in UInt8(0x20)...0x7e {
            let password = "geheim\(Character(UnicodeScalar(byte)))wort"
            let url = "redis://app:\(password)@h:1/0"
            let texts = [url, "\(url)x", "redis-cluster://:\(password)@a,b:2/0", "app:\(password)@a:1"]
            for text in texts {
                let quoted = "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
                let files = [
                    "[cache]\nredis_url = \(quoted)\n",
                    "[cache]\nsentinel_enabled = true\nsentinel_nodes = [\(quoted)]\n",
                    "[cache]\ncluster_enabled = true\ncluster_nodes = [\(quoted)]\n",
                    "[cache]\nsentinel_service = \(quoted)\n", "[cache]\ncache_type = \(quoted)\n",
                    "[cachewatch]\naddress_map = { \(quoted) = \"b:1\" }\n",
                    "[cachewatch]\naddress_map = { \"b:1\" = \(quoted) }\n", "[cachewatch]\n\(quoted) = 1\n",
                    "[cachewatch]\nrevocation_layout = \(quoted)\n", "[cachewatch]\nkey_prefix = \(quoted)\n",
                    "[[cachewatch.namespace]]\nname = \"n\"\nprefixes = [\(quoted.dropLast())*\"]\n",
                    "[[cachewatch.namespace]]\nname = \(quoted)\n[[cachewatch.namespace]]\nname = \(quoted)\n",
                    "[[cachewatch.namespace]]\nname = \"n\"\nmax_ttl = \(quoted)\n",
                    "[cachewatch.alerts]\n\(quoted) = 1\n",
                    "[cachewatch]\nread_only = \(quoted)\n", "[cachewatch]\ntls_cert_file = \(quoted)\n",
                    "[cachewatch]\ninterval = \(quoted)\n",
                ]
                var sources = [SettingsSources(url: text), SettingsSources(environment: ["REDIS_URL": text])]
                for (index, file) in files.enumerated() {
                    let path = try folder.write(file, to: "\(index).toml", mode: 0o600)
                    sources.append(SettingsSources(configurationPath: path))
                }
                for source in sources {
                    let printed = Self.printed(source)
                    #expect(!printed.contains("geheim") && !printed.contains("wort"), "\(text): \(printed)")
                }
            }
        }
    }

    /// All that may be said of settings: what is wrong, or what they are.
    private static func printed(_ sources: SettingsSources) -> String {
        do throws(SettingsIssue) {
            let settings = try sources.settings()
            return "\(settings.target) \(settings.endpoint) \(settings.warnings) \(dumped(settings.endpoint))"
                + "\(settings.sentinelNodes) \(settings.clusterNodes)"
        } catch { return error.description }
    }

    private static func dumped(_ value: Any) -> String {
        var text = ""
        dump(value, to: &text)
        return text
    }

    /// Lists of nodes that nobody has read yet may hold anything.
    @Test(arguments: ["app:geheim@a:1", "geheim@a", "redis://:geheim@a:1", "a:geheim", "geheim wort", "@geheim"])
    func aConfigurationPrintsNoNodeThatCannotBeRead(node: String) async throws {
        for kind in [CacheConfiguration.Kind.cluster(nodes: [node]), .sentinel(service: "m", nodes: [node])] {
            var configuration = CacheConfiguration(endpoint: try Endpoint(url: "redis://:geheim@h"), kind: kind)
            configuration.addressMap = [node: node]
            configuration.sentinelPassword = Secret("geheim")
            let deployment = configuration.deployment
            let error = await #expect(throws: CacheError.self) { try await deployment.primaries() }
            let names = await deployment.nodes().map(\.name)
            let topology = await deployment.topology()
            let printed = [
                "\(configuration)", String(reflecting: configuration), Self.dumped(configuration), configuration.target,
                "\(error?.description ?? "") \(String(describing: error?.refusal))",
                "\(names) \(String(describing: topology))", deployment.target,
            ]
            #expect(!printed.joined().contains("geheim"), "\(printed)")
            await deployment.close()
        }
    }

    /// What is not quoted is no TOML, and no part of it is in the complaint.
    @Test(arguments: [
        "geheim", "truegeheim", "0xgeheim", "12345678901234567890", "\"geheim", "'geheim", "\"geheim\" wort",
        "\"\"\"geheim", "2024geheim", "t'rug", "inf'g",
        "[\"geheim\"]", "12345678", "{ geheim = 1 }",
    ])
    func whatIsWrongWithAPasswordInAFileRepeatsNothingOfIt(value: String) {
        for key in ["sentinel_password", "redis_url"] {
            let table = key == "redis_url" ? "cache" : "cachewatch"
            let issue = #expect(throws: SettingsIssue.self) {
                try ConfigurationFile(text: "[\(table)]\n\(key) = \(value)\n", source: "f")
            }
            let words = issue?.description ?? ""
            for part in ["geheim", "wort", "rug", "12345"] { #expect(!words.contains(part), "\(words)") }
        }
    }

    @Test(arguments: ["\"redis://:geheim@h\" = 1", "\"default:geheim\" = 1", "\"geheim@h\" = 1"])
    func aKeyThatMayBeASecretIsNotRepeated(line: String) throws {
        let warnings = try ConfigurationFile(text: "[cachewatch]\n\(line)\n", source: "f").settings.warnings
        #expect(warnings.count == 1 && !warnings.description.contains("geheim"), "\(warnings)")
        #expect(warnings.first?.line == 2)
    }

    // MARK: paths

    @Test(arguments: [
        ("~/x", "/home/u/x"), ("~", "/home/u"), ("/x/~/y", "/x/~/y"), ("x", "x"), ("./~/x", "./~/x"), ("", ""),
        ("a$b", "a$b"),
    ])
    func theHomeFolderIsPutInItsPlace(path: String, expected: String) throws {
        #expect(try HomePath.expand(path, home: "/home/u") == expected)
        #expect(try HomePath.expand(path, home: "/home/u/") == expected)
    }

    @Test func homeMayBeTheRoot() throws { #expect(try HomePath.expand("~/x", home: "/") == "/x") }

    @Test(arguments: ["~bob/x", "$HOME/x", "${HOME}/x", "/x/${USER}", "~+/x"])
    func whatOnlyAShellKnowsIsRefused(path: String) {
        #expect(throws: HomePath.Problem.self) { try HomePath.expand(path, home: "/home/u") }
        #expect(throws: HomePath.Problem.self) { try HomePath.expand("~/x", home: nil) }
    }

    @Test func everyPathOfTheFileMayBeginAtHome() throws {
        let keys = ["tls_ca_file", "tls_cert_file", "tls_key_file", "log_file", "audit_file", "theme"]
        let file = "[cachewatch]\n" + keys.map { "\($0) = \"~/\($0)\"\n" }.joined()
        let settings = try settings(file, ["HOME": "/home/u"])
        let paths = [
            settings.tls.caFile, settings.tls.certificateFile, settings.tls.keyFile, settings.logFile,
            settings.auditFile, settings.theme,
        ]
        #expect(paths == keys.map { "/home/u/\($0)" })
        let program = try self.settings("[cachewatch]\non_alert = [\"~/page\", \"~/x\"]\n", ["HOME": "/home/u"])
        #expect(program.onAlert == ["/home/u/page", "~/x"], "no shell sees the rest")
        let home = try TemporaryFolder()
        _ = try home.write("geheim\n", to: "pw", mode: 0o600)
        let secret = try self.settings("[cachewatch]\npassword_file = \"~/pw\"\n", ["HOME": home.path])
        #expect(secret.endpoint.password == Secret("geheim"))
        for key in keys + ["password_file"] {
            let issue = #expect(throws: SettingsIssue.self) { try self.settings("[cachewatch]\n\(key) = \"~bob/x\"\n") }
            #expect(issue?.line == 2 && issue?.key == "cachewatch.\(key)")
        }
    }

    @Test func theFolderOfTheSettingsMayBeginAtHome() throws {
        let home = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: home.path + "/c/cachewatch", withIntermediateDirectories: true)
        _ = try home.write("[cache]\nredis_url = \"redis://from-home\"\n", to: "c/cachewatch/config.toml", mode: 0o600)
        let settings = try settings(nil, ["HOME": home.path, "XDG_CONFIG_HOME": "~/c"])
        #expect(settings.target == "redis://from-home:6379/0")
    }

    /// No shell takes the `~` of a parameter.
    @Test func everyPathOfAURLMayBeginAtHome() throws {
        let url = "rediss://h?ssl_ca_certs=~/ca.pem&ssl_certfile=%7E/c.pem&ssl_keyfile=~/k.pem"
        for settings in [
            try settings(url: url, ["HOME": "/home/u"]), try settings(nil, ["REDIS_URL": url, "HOME": "/home/u"]),
            try settings("[cache]\nredis_url = \"\(url)\"\n", ["HOME": "/home/u"]),
        ] {
            #expect(settings.tls.caFile == "/home/u/ca.pem")
            #expect(settings.tls.certificateFile == "/home/u/c.pem" && settings.tls.keyFile == "/home/u/k.pem")
        }
        #expect(try settings(url: "rediss://h?ssl_ca_certs=/etc/ca.pem").tls.caFile == "/etc/ca.pem")
        for (path, home) in [("~bob/ca.pem", "/home/u"), ("$HOME/ca.pem", "/home/u"), ("~/ca.pem", nil)] {
            for name in ["ssl_ca_certs", "ssl_certfile"] {
                let url = "rediss://h?\(name)=\(path)"
                let environment = home.map { ["HOME": $0] } ?? [:]
                let issue = #expect(throws: SettingsIssue.self) { try self.settings(url: url, environment) }
                #expect(
                    issue?.source == "--url" && issue?.message.contains(name) == true, "\(issue?.description ?? "")")
                let inFile = #expect(throws: SettingsIssue.self) {
                    try self.settings("[cache]\nredis_url = \"\(url)\"\n", environment)
                }
                #expect(inFile?.line == 2 && inFile?.message.contains("write ") == true)
            }
        }
    }

    // MARK: files of ours

    @Test func aLogIsOursAloneAndFollowsNoLink() throws {
        let path = try folder.write("before\n", to: "log", mode: 0o666)
        _ = try PlainLogHandler.file(path)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: path)
        #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
        for name in ["link", "pipe", "no/such/folder"] {
            #expect(throws: CacheError.self) { _ = try PlainLogHandler.file(folder.path + "/" + name) }
        }
    }

    @Test func aPipeHoldsNothingUp() throws {
        let path = folder.path + "/audit.jsonl"
        #expect(mkfifo(path, 0o600) == 0)
        let error = #expect(throws: CacheError.self) { try OutputFile(path: path, exclusive: false, isPrivate: true) }
        #expect(error?.description.contains("it is a pipe") == true)
        // Somebody reads it: it still keeps nothing.
        let reader = open(path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        #expect(throws: CacheError.self) { try OutputFile(path: path, exclusive: false, isPrivate: true) }
    }

    @Test func aFolderOfOursIsTakenFromOthers() throws {
        for mode in [0o777, 0o755, 0o700] {
            let path = folder.path + "/state-\(mode)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            #expect(chmod(path, mode_t(mode)) == 0)
            try OperationFiles.makePrivateFolder(path)
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o700)
        }
    }
}
