import Testing

@testable import Dashboard

/// A hundred thousand steps: nothing is done to what was not on the screen under that name, no answer is taken for
/// another act's, and the keyboard is never dead.
@Suite struct WalkTests {
    @Test(arguments: 1...4) func nothingIsDoneToWhatWasNotShown(seed: Int) {
        var walk = Walk(seed: UInt64(seed))
        walk.run(steps: 25_000)
        #expect(walk.faults.isEmpty, "\(walk.faults.joined(separator: "\n"))")
        #expect(walk.steps >= 25_000)
        #expect(walk.told >= 100 && walk.clicks >= 20, "\(walk.told), \(walk.clicks)")
        // It must have come to acts, or it has shown nothing.
        for kind in [
            "deleteKey", "setLifetime", "flush", "repair", "undo", "revoke", "unrevoke", "rewriteLost", "cutOff",
            "copy",
        ] {
            #expect(walk.sent[kind, default: 0] >= 20, "\(kind): \(walk.sent)")
        }
    }
}
