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
