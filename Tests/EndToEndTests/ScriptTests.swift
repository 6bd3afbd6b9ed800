import Foundation
import Support
import Testing

/// What `scripts/run` hands to the program: in a folder of its own, where nothing is built and the program says what
/// it was given.
@Suite struct ScriptTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    private func run(_ words: [String], url: String? = nil) throws -> String {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let files = FileManager.default
        try files.createDirectory(atPath: folder.path + "/scripts", withIntermediateDirectories: true)
        try files.createDirectory(atPath: folder.path + "/.build/release", withIntermediateDirectories: true)
        try files.copyItem(atPath: Self.root + "/scripts/run", toPath: folder.path + "/scripts/run")
        _ = try folder.write("setup_packages() { :; }\nbuild_release() { :; }\n", to: "scripts/setup")
        _ = try folder.write("#!/bin/sh\necho \"$@\"\n", to: ".build/release/cachewatch", mode: 0o755)
        var environment = ["HOME": folder.path]
        if let url { environment["REDIS_URL"] = url }
        let result = try Program.run(["/bin/bash", folder.path + "/scripts/run"] + words, environment: environment)
        #expect(result.status == 0, "\(result.errors)")
        return result.output
    }

    @Test func everyCommandOfTheProgramIsPassedOn() throws {
        let commands = try ParserDump.current().options.keys
        #expect(commands.count >= 12)
        for command in commands.sorted() { #expect(try run([command, "a b"]) == "\(command) a b\n") }
    }

    @Test(
        arguments: [
            ([], "demo\n"), (["--once"], "demo --once\n"), (["--help"], "--help\n"), (["-h"], "-h\n"),
            (["help"], "help\n"), (["--url", "redis://h"], "--url redis://h\n"),
            (["--once", "--config=c.toml"], "--once --config=c.toml\n"), ([""], "demo \n"),
        ] as [([String], String)])
    func withoutACommandItIsTheDemoUnlessAServerIsNamed(words: [String], given: String) throws {
        #expect(try run(words) == given)
    }

    @Test func anAddressInTheEnvironmentNamesAServer() throws {
        #expect(try run(["--once"], url: "redis://h") == "--once\n")
    }
}
