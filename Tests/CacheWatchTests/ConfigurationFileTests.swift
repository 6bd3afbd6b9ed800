@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

@Suite struct ConfigurationFileTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "Fixtures/config")

    static func names(_ kind: String) -> [String] {
        let files =
            (try? FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent(kind).path)) ?? []
        return files.filter { $0.hasSuffix(".toml") }.map { String($0.dropLast(5)) }.sorted()
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
    }

    @Test(arguments: names("valid")) func validFileHasNoWarnings(name: String) throws {
        let file = try ConfigurationFile(text: Self.text("valid/\(name).toml"), source: name)
        #expect(file.settings.warnings.isEmpty)
    }

    @Test(arguments: names("invalid")) func invalidFileNamesLineKeyAndWhatIsExpected(name: String) throws {
        let expected = try Self.text("invalid/\(name).message").trimmingCharacters(in: .newlines)
        let issue = #expect(throws: SettingsIssue.self) {
            try ConfigurationFile(text: Self.text("invalid/\(name).toml"), source: "f.toml")
        }
        #expect(issue?.description.hasPrefix("f.toml:\(expected)") == true, "\(issue?.description ?? "")")
        #expect(issue?.description.contains("geheim") == false)
    }

    /// Credentials in front of a node are refused, and never repeated: they would be accepted, not used, and printed.
    @Test(arguments: [
        ("cluster_nodes = [\"a:1\", \"default:geheim@b:1\"]", "cluster_nodes: entry 2 holds credentials"),
        ("sentinel_nodes = [\"geheim@a:1\"]", "sentinel_nodes: entry 1 holds credentials"),
        ("cluster_nodes = [\"default:ge?heim@geheim@a:1\"]", "entry 1 holds credentials"),
        ("cluster_nodes = [\"default:geheim\"]", "entry 1 is not host:port"),
        ("cluster_nodes = [\":geheim\"]", "entry 1 is not host:port"),
        ("cluster_nodes = [\"a:1/geheim\"]", "entry 1 is not host:port"),
        ("cluster_nodes = [\"a:1?geheim\"]", "entry 1 is not host:port"),
        ("cluster_nodes = [\"\"]", "\"\" is not host:port"),
        ("cluster_nodes = \"default:geheim@a:1\"", "found a string, expected an array of strings"),
        ("redis_pool_size = \"redis://:geheim@a:1\"", "found a string, expected an integer"),
        ("cluster_nodes = [\"a:geheim@b:1]\n", "not valid TOML"),
    ])
    func credentialsOfNodesAreRefusedUnrepeated(line: String, words: String) {
        let issue = #expect(throws: SettingsIssue.self) {
            try ConfigurationFile(text: "[cache]\n\(line)\n", source: "f")
        }
        #expect(issue?.description.contains(words) == true, "\(issue?.description ?? "")")
        #expect(issue?.description.contains("geheim") == false, "\(issue?.description ?? "")")
    }

    @Test(arguments: [
        ("\"a:1\" = \"default:geheim@b:1\"", "one of the reachable addresses holds credentials"),
        ("\"default:geheim@a:1\" = \"b:1\"", "one of the announced addresses holds credentials"),
        ("\"default:geheim@a:1\" = 5", "address_map.***: found the integer 5"),
        ("\"a:1\" = \"127.0.0.1:geheim\"", "one of the reachable addresses is not host:port"),
        ("\"a:1\" = \"b:x\"", "\"b:x\" is not host:port"), ("\"fd00::5\" = \"b:1\"", "is not host:port"),
        ("\"10.0.0.5:6379\" = \"127.0.0.1:tunnel\"", "one of the reachable addresses is not host:port"),
        ("\"10.0.0.5\" = \"127.0.0.1:1\"", "\"10.0.0.5\" is not host:port: it has no port"),
        ("\"a:1\" = \"127.0.0.1:99999\"", "is not host:port: it has a port that is not a number"),
        ("\"fd00::5:1\" = \"b:1\", \"[fd00::5]:1\" = \"c:1\"", "[fd00::5]:1 is mapped to two addresses"),
    ])
    func addressesOfTunnelsAreChecked(entry: String, words: String) {
        let issue = #expect(throws: SettingsIssue.self) {
            try ConfigurationFile(text: "[cachewatch]\naddress_map = { \(entry) }\n", source: "f")
        }
        #expect(issue?.description.contains(words) == true, "\(issue?.description ?? "")")
        #expect(issue?.description.contains("geheim") == false, "\(issue?.description ?? "")")
    }

    /// However they are written, they are dialled as what they mean.
    @Test func nodesAreReadByTheirNames() throws {
        let text = """
            [cache]
            cluster_nodes = ["Cache-1", "cache-2:7000", "fd00::5:6379", "[fd00:0::6]:1"]
            sentinel_nodes = ["s1", "s2:1"]
            """
        let settings = try ConfigurationFile(text: text, source: "f").settings
        #expect(settings.clusterNodes == ["cache-1:6379", "cache-2:7000", "[fd00::5]:6379", "[fd00::6]:1"])
        #expect(settings.sentinelNodes == ["s1:26379", "s2:1"])
    }

    @Test func thereAreFixtures() {
        #expect(Self.names("valid").count >= 5)
        #expect(Self.names("invalid").count >= 16)
    }

    @Test func aPrefixWithoutItsSeparatorIsWarnedOf() throws {
        let settings = try ConfigurationFile(text: "[cachewatch]\nkey_prefix = \"shop\"\n", source: "f").settings
        #expect(settings.warnings.map(\.description).joined().contains("\"shopsession:\""))
    }

    @Test func everythingIsRead() throws {
        let settings = try ConfigurationFile(text: Self.text("valid/everything.toml"), source: "f").settings
        #expect(settings.endpoint.address == .tcp(host: "cache-1", port: 6379))
        #expect(settings.endpoint.usesTLS)
        #expect(settings.endpoint.database == 2)
        #expect(settings.endpoint.username == "watcher")
        #expect(settings.endpoint.password == Secret("secret"))
        #expect(settings.interval == .milliseconds(500))
        #expect(settings.timeout == .seconds(3))
        #expect(settings.theme == "nord")
        #expect(!settings.mouse)
        #expect(settings.readOnly)
        #expect(settings.keyPrefix == "rcommerce:")
        #expect(settings.addressMap == ["10.0.0.5:6379": "127.0.0.1:16379"])
        #expect(settings.thresholds.memoryWarning == 0.5)
        #expect(
            settings.namespaces == [
                NamespaceRule(
                    name: "wishlist", prefixes: ["wishlist", "wl"], maximumTTL: .seconds(3600), protected: true)
            ])
    }

    /// Revoked tokens stay protected unless somebody writes that they shall not be.
    @Test(arguments: [
        ("name = \"token:blacklist\"", true), ("name = \"token:blacklist\"\nprotected = false", false),
        ("name = \"auth\"\nprefixes = [\"x\", \"blacklist:token\"]", true),
        ("name = \"auth\"\nprefixes = [\"token:blacklist:old\"]", true), ("name = \"token\"", false),
    ])
    func protectionIsInherited(table: String, isProtected: Bool) throws {
        let settings = try ConfigurationFile(text: "[[cachewatch.namespace]]\n\(table)\n", source: "f").settings
        #expect(settings.namespaces.map(\.protected) == [isProtected])
    }

    /// What the operator wrote is shown on every screen and in every report, as it is.
    @Test(arguments: [
        #"name = "a\u001b[31mb""#, #"name = "a\u202eb""#, #"name = "a\nb""#, "name = \"a\"\npurpose = \"\\u009b31m\"",
    ])
    func namesHoldWhatTerminalsShow(table: String) throws {
        let error = try #require(throws: SettingsIssue.self) {
            try ConfigurationFile(text: "[[cachewatch.namespace]]\n\(table)\n", source: "f")
        }
        #expect(error.description.contains("holds what a terminal does not show"), "\(error)")
        let named = try ConfigurationFile(
            text: "[[cachewatch.namespace]]\nname = \"Größe\\\\x 日本\"\nprefixes = [\"a\\u001b\"]\n", source: "f")
        #expect(named.settings.namespaces.map(\.name) == ["Größe\\x 日本"])
    }

    /// As it is deployed: the platform's own keys are taken, those of its pages are noted once.
    @Test func tableOfThePlatformIsTakenAsItIsDeployed() throws {
        let deployed = "[cache]\ncache_type = \"Redis\"\nmax_size_mb = 100\nredis_pool_size = 10\n"
        #expect(try ConfigurationFile(text: deployed, source: "f").settings.warnings.isEmpty)
        let documented = """
            [cache]
            provider = "redis"
            enabled = true
            max_size_md = 100
            [cache.namespaces]
            product = 3600
            """
        let warnings = try ConfigurationFile(text: documented, source: "f").settings.warnings.map(\.description)
        #expect(
            warnings == [
                "f:4: cache.max_size_md: is not a known key and is ignored; did you mean max_size_mb?",
                "f:3: cache: the platform does not read enabled, namespaces, provider, and nothing is made of them here",
            ])
    }

    @Test func unknownKeyIsAWarningWithTheNearestOne() throws {
        let text = "[cache]\nredis_ulr = \"x\"\n[cachewatch]\nthme = \"nord\"\n[other]\nanything = 1\n"
        let warnings = try ConfigurationFile(text: text, source: "f").settings.warnings.map(\.description)
        #expect(
            warnings == [
                "f:2: cache.redis_ulr: is not a known key and is ignored; did you mean redis_url?",
                "f:4: cachewatch.thme: is not a known key and is ignored; did you mean theme?",
            ])
    }
}
