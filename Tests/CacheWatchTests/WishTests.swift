import CacheModel
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// What somebody has written into the settings is honoured or refused; nothing else is put in its place in silence.
@Suite struct WishTests {
    /// Values that cannot be honoured, by key.
    private static let cache: [String: [String]] = [
        "cache_type": [#""""#, #""Disk""#, "1"], "redis_url": [#""""#, #""nosuch""#, "5", #""redis://h:99999""#],
        "max_size_mb": ["10001", "-1", #""100""#, "1.5"],
        "redis_pool_size": ["0", "-1", "10001", #""20""#, "1.5"], "sentinel_enabled": [#""yes""#, "1"],
        "sentinel_nodes": [#""a:1""#, "[1]", #"["a:x"]"#, #"[""]"#], "sentinel_service": [#""""#, #""a b""#, "1"],
        "cluster_enabled": [#""yes""#, "0"], "cluster_nodes": [#""a""#, #"["a:0"]"#, #"[""]"#], "use_tls": [#""no""#],
        "verify_certificate": ["0"],
    ]
    private static let cachewatch: [String: [String]] = [
        "tls_ca_file": [#""""#, "1", #""$HOME/ca""#], "tls_cert_file": [#""""#, #""cert.pem""#],
        "tls_key_file": [#""""#, #""key.pem""#], "tls_server_name": [#""""#, "1"], "username": [#""""#, "1"],
        "password_file": [#""""#, #""~somebody/x""#], "sentinel_username": [#""""#],
        "sentinel_password": [#""""#, "1"],
        "key_prefix": ["1"], "address_map": [#"{ "a" = "b:1" }"#, #""a""#],
        "interval": ["0", "0.01", "0.199", "60.1", #""2x""#, #""""#, "-1", "nan", "inf"],
        "timeout": ["0", "0.05", "61", #""-1s""#, "nan"], "theme": [#""""#, "1"], "mouse": ["1"], "ascii": [#""no""#],
        "read_only": [#""true""#, "1"], "log_file": [#""""#], "alerts": ["1"], "namespace": [#""session""#, "[1]"],
        "estimate_every": ["1", "4.9", "86401", "-5", #""often""#], "estimate_sample": ["0", "99", "1000001", "1e3"],
        "revocation_layout": [#""""#, #""neither""#], "audit_file": [#""""#, "1"],
        "on_alert": [
            #""page""#, "[]", #"[""]"#, #"["page"]"#, #"["./page", "x"]"#, "[1]", "1", #"["~bob/page"]"#,
            #"["$HOME/page"]"#,
        ],
    ]
    private static let namespace: [String: [String]] = [
        "name": [
            #""""#, #""other""#, #""Other""#, #""(other)""#, #""(no prefix)""#, #""*""#, #"" a""#, #""a ""#, #""-a""#,
            "1", #""a\u001b""#,
        ],
        "purpose": ["1", #""\u0007""#], "prefixes": ["[]", #""a""#, "[1]", #"["a*"]"#, #"[":"]"#],
        "max_ttl": ["0", "0.5", #""soon""#, "-1"], "must_expire": ["1"], "protected": [#""no""#],
        "consequence": ["1", #""\u0007""#],
    ]

    private static func file(_ text: String) throws -> ConfigurationFile {
        try ConfigurationFile(text: text, source: "f", home: "/home/ops")
    }

    private func expectRefusal(_ text: String, naming key: String) {
        let issue = #expect(throws: SettingsIssue.self, "\(text)") { try Self.file(text) }
        let words = issue?.description ?? ""
        // Of two that belong together, either is named.
        #expect(words.contains(key) || key == "tls_key_file" && words.contains("tls_cert_file"), "\(text): \(words)")
    }

    @Test func everyKeyIsTried() {
        #expect(Set(Self.cache.keys) == Set(ConfigurationFile.cacheKeys))
        #expect(Set(Self.cachewatch.keys) == Set(ConfigurationFile.cachewatchKeys))
        #expect(Set(Self.namespace.keys) == Set(ConfigurationFile.namespaceKeys))
    }

    @Test func whatCannotBeHonouredIsRefusedByItsKey() {
        for (key, values) in Self.cache {
            for value in values { expectRefusal("[cache]\n\(key) = \(value)\n", naming: "cache.\(key)") }
        }
        for (key, values) in Self.cachewatch {
            for value in values { expectRefusal("[cachewatch]\n\(key) = \(value)\n", naming: key) }
        }
        for (key, values) in Self.namespace {
            let name = key == "name" ? "" : "name = \"x\"\n"
            for value in values { expectRefusal("[[cachewatch.namespace]]\n\(name)\(key) = \(value)\n", naming: key) }
        }
    }

    /// A user and a password of our own stand for both that the server's URL holds.
    @Test func anotherUserComesWithItsOwnPassword() throws {
        let text = "[cache]\nredis_url = \"redis://app:pw@h\"\n[cachewatch]\nusername = \"watcher\"\n"
        let file = try Self.file(text + "password_file = \"/x\"\n")
        #expect(file.settings.endpoint.username == "watcher" && file.settings.endpoint.password == nil)
        #expect(file.passwordFile == "/x" && file.settings.warnings.isEmpty, "\(file.settings.warnings)")
    }

    /// What is replaced has no prefixes any more that could be taken from it.
    @Test func prefixOfAReplacedNamespaceIsFree() throws {
        let replaced = "[[cachewatch.namespace]]\nname = \"session\"\nprefixes = [\"sess\"]\n"
        let other = "[[cachewatch.namespace]]\nname = \"old\"\nprefixes = [\"session\"]\n"
        #expect(try Self.warnings(replaced + other).isEmpty && Self.warnings(other + replaced).isEmpty)
        #expect(try Self.warnings(other).joined().contains("is taken from"))
    }

    @Test func whatIsGivenTwiceIsRefused() {
        for text in [
            "[cachewatch]\ninterval = 1\ninterval = 2\n", "[cachewatch]\nmouse = true\n[cachewatch]\nascii = true\n",
            "[cachewatch.alerts]\nhold = 1\nhold = 1\n",
        ] {
            #expect(throws: SettingsIssue.self, "\(text)") { try Self.file(text) }
        }
    }

    // MARK: thresholds

    private static func alerts(_ lines: String) throws -> AlertThresholds {
        try file("[cachewatch.alerts]\n\(lines)\n").settings.thresholds
    }

    /// Per cent where a share is meant, and all that no figure ever reaches.
    @Test(arguments: AlertThresholds.fields.map(\.name)) func everyThresholdHasARangeOfItsOwn(name: String) throws {
        let field = try #require(AlertThresholds.fields.first { $0.name == name })
        let range = field.unit.range
        for bad in ["\(range.lowerBound - 0.5)", "\(range.upperBound * 1.01)", "-1", "nan", "inf", #""0.5""#, "true"] {
            expectRefusal("[cachewatch.alerts]\n\(name) = \(bad)\n", naming: "cachewatch.alerts.\(name)")
        }
        if field.unit == .share { expectRefusal("[cachewatch.alerts]\n\(name) = 75\n", naming: name) }
        // The limits themselves are honoured, but for those that would leave no room for the other of a pair.
        let isPaired = name.hasSuffix("_warning") || name.hasSuffix("_critical")
        let good = name.hasSuffix("_warning") ? range.lowerBound : range.upperBound
        #expect(try Self.alerts("\(name) = \(good)")[keyPath: field.keyPath] == good)
        if !isPaired {
            #expect(try Self.alerts("\(name) = \(range.lowerBound)")[keyPath: field.keyPath] == range.lowerBound)
        }
    }

    @Test(arguments: ["memory", "system_memory", "clients"]) func aWarningIsBelowItsCriticalThreshold(name: String)
        throws
    {
        expectRefusal("[cachewatch.alerts]\n\(name)_warning = 0.95\n", naming: "\(name)_warning")
        expectRefusal("[cachewatch.alerts]\n\(name)_critical = 0.1\n", naming: "\(name)_critical")
        expectRefusal("[cachewatch.alerts]\n\(name)_warning = 0.5\n\(name)_critical = 0.5\n", naming: "\(name)_warning")
        _ = try Self.alerts("\(name)_warning = 0.95\n\(name)_critical = 0.96")
    }

    // MARK: two of one kind

    @Test(arguments: [
        (#"redis_url = "redis-cluster://a,b""#, "cluster_enabled = false", "cluster_enabled"),
        (#"redis_url = "redis-sentinel://a/shop""#, "sentinel_enabled = false", "sentinel_enabled"),
        (#"redis_url = "redis-sentinel://a/shop""#, #"sentinel_service = "other""#, "sentinel_service"),
    ])
    func whatTheURLSaysIsNotDroppedForAnotherKey(url: String, line: String, key: String) throws {
        expectRefusal("[cache]\n\(url)\n\(line)\n", naming: "cache.\(key)")
        _ = try Self.file("[cache]\n\(url)\n")
    }

    /// Of two namespaces with one prefix, one would have no keys.
    @Test(arguments: [
        (#"["a", "b"]"#, #"["b"]"#, true), (#"["a"]"#, #"["a:"]"#, true), (#"["*:a"]"#, #"["*:a/"]"#, true),
        (#"["a"]"#, #"["a:b"]"#, false), (#"["a"]"#, #"["*:a"]"#, false),
    ])
    func aPrefixHasOneNamespace(first: String, second: String, isRefused: Bool) throws {
        let text = """
            [[cachewatch.namespace]]
            name = "one"
            prefixes = \(first)
            [[cachewatch.namespace]]
            name = "two"
            prefixes = \(second)
            """
        if isRefused { expectRefusal(text, naming: "prefixes") } else { _ = try Self.file(text) }
    }

    private static func warnings(_ text: String) throws -> [String] {
        try file(text).settings.warnings.map(\.description)
    }

    @Test func whatIsPassedOverIsSaid() throws {
        let taken = try Self.warnings("[[cachewatch.namespace]]\nname = \"login\"\nprefixes = [\"session\"]\n")
        #expect(taken.joined().contains("\"session\" is taken from the namespace \"session\""), "\(taken)")
        #expect(try Self.warnings("[[cachewatch.namespace]]\nname = \"session\"\n").isEmpty)
        for (reqs, verifies) in [("none", true), ("required", false)] {
            let text = "[cache]\nredis_url = \"rediss://a?ssl_cert_reqs=\(reqs)\"\nverify_certificate = \(verifies)\n"
            #expect(try Self.warnings(text).joined().contains("cache.verify_certificate: is taken"))
        }
        let url = "[cache]\nredis_url = \"redis://alice:pw@a\"\n[cachewatch]\n"
        #expect(try Self.warnings(url + "username = \"bob\"\n").joined().contains("cachewatch.username"))
        #expect(try Self.warnings(url + "password_file = \"/x\"\n").joined().contains("is not read"))
        #expect(try Self.warnings("[cachewatch]\nintervall = 2\n").joined().contains("did you mean interval?"))
        #expect(try Self.warnings("[cachewatch.alerts]\nmemory_warn = 0.5\n").joined().contains("memory_warn"))
    }

    // MARK: the environment

    private static func settings(
        _ environment: [String: String], file: String? = nil, url: String? = nil
    ) throws -> Settings {
        let folder = try TemporaryFolder()
        let path = try file.map { try folder.write($0, to: "config.toml") }
        return try SettingsSources(url: url, configurationPath: path, environment: environment).settings()
    }

    @Test func anEmptyURLInTheEnvironmentIsSaid() throws {
        let warnings = try Self.settings(["REDIS_URL": ""]).warnings.map(\.description)
        #expect(warnings.joined().contains("REDIS_URL: is empty"), "\(warnings)")
        #expect(warnings.joined().contains("redis://localhost:6379/0 is watched"), "\(warnings)")
        #expect(try Self.settings(["REDIS_URL": ""], url: "redis://a").warnings.isEmpty)
        #expect(try Self.settings([:]).warnings.isEmpty)
    }

    @Test(arguments: ["~nobody/x", "$HOME/.config", "${HOME}/c"]) func aConfigurationFolderThatLeadsNowhereIsRefused(
        folder: String
    ) throws {
        let issue = #expect(throws: SettingsIssue.self) {
            try Self.settings(["XDG_CONFIG_HOME": folder, "HOME": "/home/ops"])
        }
        #expect(issue?.source == "XDG_CONFIG_HOME")
        _ = try Self.settings(["XDG_CONFIG_HOME": folder], file: "[cache]\n")
        // Nobody has named what follows from HOME.
        _ = try Self.settings(["HOME": "$X"])
    }

    @Test func settingsOfTLSWithoutTLSAreSaid() throws {
        let file = "[cachewatch]\ntls_server_name = \"cache-1\"\n"
        #expect(
            try Self.settings([:], file: file).warnings.map(\.description).joined().contains(
                "tls_server_name: does nothing"))
        #expect(try Self.settings([:], file: file, url: "rediss://a").warnings.isEmpty)
    }
}
