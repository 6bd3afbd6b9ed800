import CacheModel
import Testing

@testable import CacheCore
@testable import CacheWatch

/// Where keys of a slot are listed, and no server has sorted them out, the filter does.
@Suite struct KeyFilterTests {
    private func keeps(_ filter: KeyFilter, _ key: String) -> Bool { filter.keeps(Array(key.utf8)) }

    @Test func patternKeepsWhatItMatchesAndNothingElse() {
        let filter = KeyFilter.pattern(Glob(prefix: Array("reco:[home]:".utf8)))
        for key in ["reco:[home]:", "reco:[home]:7"] { #expect(keeps(filter, key), "\(key)") }
        for key in ["reco:h:7", "session:7", "reco:[home]", ""] { #expect(!keeps(filter, key), "\(key)") }
        #expect(KeyFilter.pattern("*").pattern == nil, "what is of no use is not sent")
    }

    /// Whatever a pattern says, and whatever a server makes of it.
    @Test func protectedKeysAreSparedWithoutTheSecondWord() {
        let selection = KeySelection(.pattern("*7"), "*7", KeyClassifier())
        #expect(selection.isProtected && selection.reached == ["token:blacklist"])
        #expect(!keeps(selection.filter(readmits: false), "token:blacklist:7"))
        #expect(keeps(selection.filter(readmits: true), "token:blacklist:7"))
        for readmits in [false, true] { #expect(keeps(selection.filter(readmits: readmits), "session:7")) }
    }

    @Test func partsAreNamedByWhoseTheyAre() {
        let selection = KeySelection(.prefix(Array("ws:".utf8)), Glob(prefix: Array("ws:".utf8)), KeyClassifier())
        let (own, theirs) = (selection.part(of: Array("ws:tmp:1".utf8)), selection.part(of: Array("ws:session:1".utf8)))
        #expect(own.prefix == Array("ws:tmp:".utf8) && own.namespace == nil)
        #expect(theirs.prefix == Array("ws:session:".utf8) && theirs.namespace == "ws:session")
    }
}
