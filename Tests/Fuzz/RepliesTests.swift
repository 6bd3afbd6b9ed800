import Testing

/// Seeds that anybody can try again; `scripts/fuzz` tries others for minutes.
@Suite struct RepliesTests {
    private static let server = HonestServer()

    @Test(arguments: Array(UInt64(1)...10))
    func damagedRepliesEndNoProgramAndShowNothingThatATerminalObeys(seed: UInt64) {
        var replies = Replies(seed: seed, server: Self.server)
        replies.run()
    }
}
