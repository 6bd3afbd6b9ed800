import CacheModel
import Testing

/// What keeps a token out that was taken off the blacklist.
@Suite struct ReadmissionTests {
    private static let cutOff = CutOff(user: "17", since: WallTime(seconds: 1000))

    private static func jwt(_ issuedAt: Int64?) -> TokenInput {
        TokenInput(id: "a", user: "17", issuedAt: issuedAt.map { WallTime(seconds: $0) }, isJWT: true)
    }

    @Test(
        arguments: [
            (jwt(1000), nil, .refuses(cutOff)), (jwt(1001), nil, .issuedLater(cutOff)),
            (jwt(nil), nil, .refuses(cutOff)), (jwt(1001), 900, .issuedLater(cutOff)),
            // An id says nothing; who was revoked before the cut-off was issued before it, too.
            (TokenInput(id: "a"), nil, .mayRefuse(cutOff)), (TokenInput(id: "a"), 1000, .refuses(cutOff)),
            (TokenInput(id: "a"), 1001, .mayRefuse(cutOff)), (nil, 1, .refuses(cutOff)),
        ] as [(TokenInput?, Int64?, CutOffBarrier)])
    func aCutOffRefusesWhatWasIssuedUntilThen(token: TokenInput?, revokedAt: Int64?, due: CutOffBarrier) {
        let revokedAt = revokedAt.map { WallTime(seconds: $0) }
        #expect(CutOffBarrier(Self.cutOff, token: token, revokedAt: revokedAt) == due)
        #expect(CutOffBarrier(nil, token: token, revokedAt: revokedAt) == .absent)
    }

    @Test func whatKeepsATokenOutIsSaidWithWhatTakesItBack() {
        let letIn = Invocation(options: ["--url", "redis://a:1"]).letIn
        #expect(
            CutOffBarrier.refuses(Self.cutOff).notes(letIn: letIn) == [
                "the token is still refused: user 17 is cut off for tokens issued until 1970-01-01T00:16:40Z",
                "this lets the user in again, with all tokens:", "  cachewatch unrevoke --url redis://a:1 --user 17",
            ])
        let may = CutOffBarrier.mayRefuse(Self.cutOff).notes(letIn: letIn)
        #expect(may.count == 3 && may[0].contains("when it was is not known"))
        #expect(CutOffBarrier.issuedLater(Self.cutOff).notes(letIn: letIn).count == 1)
        #expect(CutOffBarrier.absent.notes(letIn: letIn).isEmpty)
        #expect(CutOffBarrier.userUnknown.words?.hasPrefix("whose token it is is not known") == true)
        let silent = CutOffBarrier.unanswered(user: "u\u{1b}", words: "NOPERM\u{1b}[2J").words ?? ""
        #expect(silent.contains("is not known") && silent.unicodeScalars.allSatisfy(Printable.isPrintable))
    }
}
