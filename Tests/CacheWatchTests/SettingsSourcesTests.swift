@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire
import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

@Suite struct SettingsSourcesTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func settings(
        _ file: String? = nil, url: String? = nil, mode: Int = 0o600, _ environment: [String: String] = [:]
    ) throws -> Settings {
        let path = try file.map { try folder.write($0, to: "config.toml", mode: mode) }
        return try SettingsSources(url: url, configurationPath: path, environment: environment).settings()
    }

    private let file = "[cache]\nredis_url = \"redis://:one@file:1/1\"\n"

    @Test func commandLineGoesBeforeEnvironmentBeforeFileBeforeDefaults() throws {
        let environment = ["REDIS_URL": "redis://environment:2"]
        #expect(try settings().endpoint.redacted == "redis://localhost:6379/0")
        #expect(try settings(file).endpoint.redacted == "redis://***@file:1/1")
        #expect(try settings(file, environment).endpoint.redacted == "redis://environment:2/0")
        #expect(try settings(file, url: "redis://argument:3", environment).endpoint.redacted == "redis://argument:3/0")
    }

    @Test func passwordOfTheFileGoesToItsOwnServerOnly() throws {
        #expect(try settings(file, url: "redis://file:1").endpoint.password == Secret("one"))
        #expect(try settings(file, url: "redis://elsewhere:1").endpoint.password == nil)
    }

    @Test func passwordOfTheEnvironmentHoldsForAnyServerWithoutItsOwn() throws {
        let environment = ["REDIS_PASSWORD": "two"]
        #expect(try settings(file, environment).endpoint.password == Secret("two"))
        #expect(try settings(url: "redis://x", environment).endpoint.password == Secret("two"))
        #expect(try settings(url: "redis://:three@x", environment).endpoint.password == Secret("three"))
    }

    @Test func passwordFileIsRead() throws {
        let secret = try folder.write("four\nrest\n", to: "password")
        let settings = try settings("[cachewatch]\npassword_file = \"\(secret)\"\n")
        #expect(settings.endpoint.password == Secret("four"))
    }

    /// Read last, and only where no other source has the password.
    @Test func passwordFileNeedNotBeThereWhereItsPasswordIsNotWanted() throws {
        let file = "[cache]\nredis_url = \"redis://file:1\"\n[cachewatch]\npassword_file = \"\(folder.path)/gone\"\n"
        #expect(throws: SettingsIssue.self) { try settings(file) }
        #expect(throws: SettingsIssue.self) { try settings(file, url: "redis://file:1") }
        #expect(try settings(file, ["REDIS_PASSWORD": "two"]).endpoint.password == Secret("two"))
        #expect(try settings(file, ["REDIS_URL": "redis://:five@file:1"]).endpoint.password == Secret("five"))
        #expect(try settings(file, url: "redis://:three@file:1").endpoint.password == Secret("three"))
        #expect(try settings(file, url: "redis://elsewhere:1").endpoint.password == nil)
        let path = try folder.write(file, to: "config.toml")
        let asked = SettingsSources(configurationPath: path, askedPassword: Secret("asked"))
        #expect(try asked.settings().endpoint.password == Secret("asked"))
    }

    /// What is replaced stops nobody, and may still know the password of the same server.
    @Test func urlOfTheCommandLineReplacesTheOneOfTheEnvironment() throws {
        #expect(try settings(url: "redis://a:1", ["REDIS_URL": "nonsense"]).target == "redis://a:1/0")
        let same = try settings(url: "redis://A:1", ["REDIS_URL": "redis://u:pw@a:1"]).endpoint
        #expect(same.password == Secret("pw") && same.username == "u")
        let other = try settings(url: "redis://b:1", ["REDIS_URL": "redis://u:pw@a:1"]).endpoint
        #expect(other.password == nil && other.username == nil)
        let issue = #expect(throws: SettingsIssue.self) { try settings(nil, ["REDIS_URL": "redis://:geheim?x"]) }
        #expect(issue?.source == "REDIS_URL" && issue?.description.contains("geheim") == false)
    }

    // MARK: a URL beside a file that names a deployment

    private static let cluster = """
        [cache]
        redis_url = "redis://u:one@production-0:7000"
        cluster_enabled = true
        cluster_nodes = ["production-1:7000", "production-2:7000"]
        [cachewatch]
        address_map = { "10.0.0.5:7000" = "127.0.0.1:17000" }
        """

    private static let sentinel = """
        [cache]
        sentinel_enabled = true
        sentinel_nodes = ["production-1:26379", "production-2:26379"]
        sentinel_service = "shop"
        [cachewatch]
        username = "watcher"
        sentinel_password = "six"
        """

    /// Of the file's deployment nothing remains: no node, no tunnel, no password. That it is a cluster, or a service of
    /// sentinels, does: the URL names one of its members.
    @Test(arguments: ["--url", "REDIS_URL"]) func urlOfAnotherServerLeavesNothingOfTheFilesDeployment(source: String)
        throws
    {
        func settings(_ file: String, _ url: String) throws -> Settings {
            try self.settings(file, url: source == "--url" ? url : nil, source == "--url" ? [:] : ["REDIS_URL": url])
        }
        let cluster = try settings(Self.cluster, "redis://staging:7000/0")
        #expect(cluster.clusterEnabled && cluster.target == "redis-cluster://staging:7000/0")
        #expect(cluster.clusterNodes.isEmpty && cluster.addressMap.isEmpty)
        #expect(cluster.endpoint == Endpoint(address: .tcp(host: "staging", port: 7000)))
        let sentinel = try settings(Self.sentinel, "redis://staging:26379")
        #expect(sentinel.sentinelEnabled && sentinel.target == "redis-sentinel://staging:26379/shop/0")
        #expect(sentinel.configuration.seeds == ["staging:26379"] && sentinel.sentinelPassword == nil)
        #expect(sentinel.endpoint.username == "watcher", "the user's name stands for itself")
        for settings in [cluster, sentinel] {
            var text = ""
            dump(settings, to: &text)
            #expect(!text.contains("production") && !text.contains("17000"))
        }
        // Where nothing listens, the default is no server that the file has named.
        #expect(try settings(Self.sentinel, "redis://localhost:6379").configuration.seeds == ["localhost:6379"])
    }

    @Test func urlOfOneOfTheFilesServersKeepsTheOthers() throws {
        for url in ["redis://production-0:7000", "redis://Production-2:7000", "redis://127.0.0.1:17000"] {
            let settings = try settings(Self.cluster, url: url)
            #expect(settings.clusterNodes == ["production-1:7000", "production-2:7000"], "\(url)")
            #expect(settings.addressMap.count == 1)
            #expect(settings.endpoint.password == Secret("one") && settings.endpoint.username == "u")
        }
        let sentinel = try settings(Self.sentinel, url: "redis://production-2:26379")
        #expect(sentinel.configuration.seeds.count == 2 && sentinel.sentinelPassword == Secret("six"))
    }

    /// A file of tunnels and passwords alone is for whatever is named.
    @Test func whatNamesNoServerHoldsForAny() throws {
        let file = """
            [cachewatch]
            sentinel_password = "six"
            address_map = { "10.0.0.5:7000" = "127.0.0.1:17000" }
            """
        let settings = try settings(file, url: "redis://staging:26379")
        #expect(settings.sentinelPassword == Secret("six") && settings.addressMap.count == 1)
    }

    @Test func readableFileWithAPasswordIsAWarning() throws {
        #expect(try settings(file, mode: 0o644).warnings.map(\.message).contains { $0.contains("chmod 600") })
        #expect(try settings(file, mode: 0o600).warnings.isEmpty)
        #expect(try settings("[cache]\n", mode: 0o644).warnings.isEmpty)
    }

    @Test func missingFileIsAnError() {
        let issue = #expect(throws: SettingsIssue.self) {
            try SettingsSources(configurationPath: "/nowhere/x.toml").settings()
        }
        #expect(issue?.description == "/nowhere/x.toml: there is no such file")
    }

    @Test func defaultFileIsReadWhereItIs() throws {
        let home = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: home.path + "/cachewatch", withIntermediateDirectories: true)
        _ = try home.write(file, to: "cachewatch/config.toml")
        let environment = ["XDG_CONFIG_HOME": home.path]
        #expect(try settings(nil, environment).endpoint.redacted == "redis://***@file:1/1")
        #expect(SettingsSources(environment: environment).namesServer)
        #expect(!SettingsSources(environment: ["XDG_CONFIG_HOME": "/nowhere"]).namesServer)
    }

    @Test func secretNeverPrints() {
        let secret = Secret("geheim")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped, "\([secret])"] {
            #expect(!text.contains("geheim"))
        }
    }
}
