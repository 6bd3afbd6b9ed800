import CommandLineModel
import Testing

@Suite struct MistypedCommandTests {
    private let commands: Set = ["watch", "keys", "flush", "undo", "revoke", "revoked", "themes"]

    @Test(arguments: [
        ("flsh product", "flush"), ("--url redis://h flush_ product", "flush"), ("tehmes", "themes"),
        ("--url=redis://h undoo", "undo"), ("--once wach", "watch"), ("revoce x", "revoke"),
    ])
    func theNearestCommandIsNamed(line: String, meant: String) {
        let words = line.split(separator: " ").map(String.init)
        #expect(MistypedCommand.suggestion(for: words, commands: commands) == "cachewatch \(meant)")
    }

    @Test(arguments: [
        "", "--nonsense", "flush product --nonsense", "something-else", "--url wach", "-- wach",
    ])
    func whatIsNoCommandIsNotGuessedAt(line: String) {
        let words = line.split(separator: " ").map(String.init)
        #expect(MistypedCommand.suggestion(for: words, commands: commands) == nil)
    }
}
