import Support
import Testing

@testable import Dashboard

/// A hundred thousand steps: nothing is done to what was not on the screen under that name, no answer is taken for
/// another act's, and the keyboard is never dead.
@Suite struct WalkTests {
    @Test func nothingIsDoneToWhatWasNotShown() async {
        await sideBySide(1...4) { seed in
            var walk = Walk(seed: UInt64(seed))
            walk.run(steps: 25_000)
            #expect(walk.faults.isEmpty, "seed \(seed): \(walk.faults.joined(separator: "\n"))")
            #expect(walk.steps >= 25_000, "seed \(seed)")
            #expect(walk.told >= 100 && walk.clicks >= 20, "seed \(seed): \(walk.told), \(walk.clicks)")
            // It must have come to acts, or it has shown nothing.
            for kind in [
                "deleteKey", "setLifetime", "flush", "repair", "undo", "revoke", "unrevoke", "rewriteLost", "cutOff",
                "copy",
            ] {
                #expect(walk.sent[kind, default: 0] >= 20, "seed \(seed), \(kind): \(walk.sent)")
            }
        }
    }
}
