import CacheModel
import Testing

@Suite struct LifetimeTextTests {
    @Test(arguments: [
        ("90s", Duration.seconds(90)), ("10m", .seconds(600)), ("2h", .seconds(7200)), ("7d", .seconds(604_800)),
        ("500ms", .milliseconds(500)), ("90", .seconds(90)), ("1.5h", .seconds(5400)), (" 10 m", .seconds(600)),
        ("10min", .seconds(600)),
    ])
    func whatIsATimeToLive(text: String, duration: Duration) {
        #expect(LifetimeText(text) == .lifetime(duration))
        #expect(LifetimeText(text).wanted == .some(duration))
    }

    /// Whoever is still typing is not objected to.
    @Test(arguments: ["n", "ne", "nev", "neve", "0", "0.", "0.0", ".", "10mi"])
    func whatMayBecomeOne(text: String) {
        #expect(LifetimeText(text) == .unfinished)
        #expect(LifetimeText(text).wanted == nil)
    }

    @Test func neverAndNothing() {
        #expect(LifetimeText("never") == .never && LifetimeText("never").wanted == .some(nil))
        #expect(LifetimeText("") == .nothing && LifetimeText("  ") == .nothing)
    }

    /// At the first letter that cannot be part of one.
    @Test(arguments: ["b", "banana", "nx", "neverr", "10x", "10mm", "-5", "1.2.3", "11y", "9999999d", "0ms", "٣s"])
    func whatWillNotBecomeOneIsObjectedTo(text: String) {
        guard case .wrong(let words) = LifetimeText(text) else {
            Issue.record("\(text): \(LifetimeText(text))")
            return
        }
        #expect(!words.isEmpty && LifetimeText(text).wanted == nil)
    }

    @Test func contractsAreSaidAndHeld() {
        let rule = NamespaceRule(name: "session", prefixes: ["session"], maximumTTL: .seconds(7200))
        #expect(rule.contractWords == "expires, at most 2 h")
        #expect(rule.breach(.seconds(7200)) == nil && rule.breach(.seconds(7201)) != nil && rule.breach(nil) != nil)
        let free = NamespaceRule(name: "x", prefixes: ["x"], mustExpire: false)
        #expect(free.contractWords == "none" && free.breach(nil) == nil && free.breach(.seconds(1 << 30)) == nil)
    }
}
