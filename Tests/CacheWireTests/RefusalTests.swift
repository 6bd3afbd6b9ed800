import RedisValues
import Testing

@testable import CacheWire

@Suite struct RefusalTests {
    /// A lost answer is no refusal: whoever is told "not done" does it again.
    @Test(
        arguments: [
            (.unknown(Refusal(.closed)), true), (.timedOut(.seconds(2)), true), (.closed(midReply: false), true),
            (.forbidden("a replica"), false), (.refused(Refusal(.noPrimary)), false), (.cancelled, false),
        ] as [(CacheError, Bool)])
    func lostAnswersLeaveOpenWhatWasDone(error: CacheError, isOpen: Bool) {
        #expect(error.leavesOpen == isOpen)
    }

    @Test(arguments: [
        ("NOAUTH Authentication required.", Refusal.Kind.noAuth),
        ("WRONGPASS invalid username-password pair", .wrongPassword),
        ("ERR invalid password", .wrongPassword), ("NOPERM this user has no permissions", .noPermission),
        ("DENIED Redis is running in protected mode", .protectedMode),
        ("ERR max number of clients reached", .maxClients),
        ("LOADING Redis is loading the dataset in memory", .loading),
        ("MASTERDOWN Link with MASTER is down", .primaryDown),
        ("READONLY You can't write against a read only replica.", .readOnly),
        ("CLUSTERDOWN The cluster is down", .clusterDown),
        ("BUSY Redis is busy running a script.", .busy), ("ERR DB index is out of range", .noSuchDatabase),
    ])
    func errorReplyIsClassified(words: String, kind: Refusal.Kind) {
        #expect(Refusal(reply: Array(words.utf8))?.kind == kind)
    }

    @Test func errorOfOneCommandIsNoRefusal() {
        #expect(Refusal(reply: Array("ERR unknown command 'FOO'".utf8)) == nil)
        #expect(Refusal(reply: Array("WRONGTYPE Operation".utf8)) == nil)
    }

    /// Whoever is told of it neither believes that nothing was done nor does it blindly again.
    @Test func lostWriteIsSaidToBeUnknown() {
        let error = CacheError.unknown(Refusal(.closed))
        #expect(error.description.contains("may have been done") && error.description.contains("look"))
        #expect(error.description.contains("closed the connection") && error.refusal.kind == .closed)
    }

    @Test func everyRefusalHasAReasonAndARemedy() {
        for kind in Refusal.Kind.allCases {
            #expect(!Refusal(kind).reason.isEmpty)
            #expect(Refusal(kind).remedy.count > 10)
        }
    }
}
