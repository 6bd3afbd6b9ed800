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
