import RedisValues
import Support
import Testing

@Suite struct RoutePlanTests {
    private typealias Attempt = RoutePlan.Attempt
    private static let last = RoutePlan.tries - 1

    private func plan(_ words: String, _ attempt: Attempt) -> RoutePlan {
        RoutePlan(after: .error(Array(words.utf8)), to: attempt)
    }

    // MARK: error replies

    struct Row: CustomStringConvertible {
        var words: String
        /// In a cluster, and outside of one; nil: done.
        var inCluster: RoutePlan.Place?
        var alone: RoutePlan.Place?
        var asking = false
        /// The first one goes out at once.
        var atOnce = false
        var asksForMap = false
        /// What it is called when there have been enough.
        var end: Refusal.Kind
        /// Outside of a cluster it is refused as this.
        var refusedAlone: Refusal.Kind?

        var description: String { words }
    }

    private static let node: RoutePlan.Place = {
        if case .moved(_, let node?)? = Redirection(.error(Array("MOVED 1 b:2".utf8))) { .node(node) } else { .same }
    }()

    /// Nothing was executed, so it is the same for reads and writes.
    @Test(
        arguments: [
            Row(
                words: "MOVED 9582 b:2", inCluster: node, atOnce: true, asksForMap: true, end: .slotsMoving,
                refusedAlone: .clusterNode),
            Row(
                words: "MOVED 9582 ?:2", inCluster: .owner, atOnce: true, asksForMap: true, end: .slotsMoving,
                refusedAlone: .clusterNode),
            Row(
                words: "ASK 9582 b:2", inCluster: node, asking: true, atOnce: true, end: .slotsMoving,
                refusedAlone: .clusterNode),
            Row(words: "ASK 9582 ?:2", inCluster: .same, end: .slotsMoving, refusedAlone: .clusterNode),
            Row(
                words: "TRYAGAIN Multiple keys request during rehashing of slot", inCluster: .same, end: .slotsMoving,
                refusedAlone: .clusterNode),
            Row(
                words: "CLUSTERDOWN Hash slot not served", inCluster: .owner, alone: .primary, asksForMap: true,
                end: .clusterDown),
            Row(
                words: "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
                inCluster: .owner,
                alone: .primary, asksForMap: true, end: .primaryDown),
            Row(
                words: "LOADING Redis is loading the dataset in memory", inCluster: .owner, alone: .primary,
                asksForMap: true,
                end: .loading),
            Row(
                words: "BUSY Redis is busy running a script.", inCluster: .same, alone: .same, end: .busy),
            Row(
                words: "READONLY You can't write against a read only replica.", inCluster: .primary, alone: .primary,
                atOnce: true, asksForMap: true, end: .readOnly),
        ], [false, true])
    func errorsAboutTheWayAreFollowedWithinABudget(_ row: Row, _ writes: Bool) {
        for movesKeys in [true, false] {
            let place = movesKeys ? row.inCluster : row.alone
            for number in 0..<RoutePlan.tries {
                let plan = plan(row.words, Attempt(number: number, writes: writes, movesKeys: movesKeys))
                let refused = movesKeys ? nil : row.refusedAlone
                if let refused {
                    #expect(plan.step == .refused(Refusal(refused, detail: row.words)) && !plan.asksForMap)
                } else if number == Self.last {
                    #expect(plan.step == .refused(Refusal(row.end, detail: row.words)) && !plan.asksForMap)
                } else if let place {
                    let pause = row.atOnce && number == 0 ? .zero : RoutePlan.pause
                    #expect(plan.step == .again(at: place, asking: row.asking, after: pause))
                    #expect(plan.asksForMap == row.asksForMap)
                }
            }
        }
    }

    /// Whoever has asked reads them; nothing about them is better elsewhere.
    @Test(
        arguments: [
            "ERR unknown command", "WRONGTYPE Operation against a key", "NOSCRIPT No matching script.",
            "BUSYKEY Target key name already exists.", "BUSYGROUP", "NOPERM this user has no permissions", "NOAUTH",
            "DENIED",
            "WRONGPASS invalid username-password pair", "OOM command not allowed", "MISCONF Redis is configured",
            "NOREPLICAS Not enough good replicas", "CROSSSLOT Keys in request", "EXECABORT", "UNKILLABLE", "NOTBUSY",
            "",
            "ERR max number of clients reached", "MOVED 1 \u{1b}[2J:1", "MOVED", "READONLYX", "loading",
        ], [false, true])
    func otherErrorsAreAnswers(_ words: String, _ writes: Bool) {
        for movesKeys in [false, true] {
            let plan = plan(words, Attempt(writes: writes, movesKeys: movesKeys))
            #expect(plan.step == .done && !plan.asksForMap)
        }
    }

    @Test(arguments: [
        RESPValue.null, .integer(1), .string(Array("MOVED 1 a:1".utf8)), .status(Array("OK".utf8)),
        .array([.error(Array("MOVED 1 a:1".utf8))]),
    ])
    func repliesAreAnswers(_ reply: RESPValue) {
        let plan = RoutePlan(after: reply, to: Attempt(writes: true, movesKeys: true))
        #expect(plan.step == .done && !plan.asksForMap)
    }

    /// What is refused says what to do about it, and nothing that a terminal would take for a command.
    @Test func nodeOfAClusterThatIsWatchedAloneSaysSo() {
        let plan = plan("MOVED 9582 10.0.0.7:6379", Attempt(writes: true, movesKeys: false))
        guard case .refused(let refusal) = plan.step else {
            Issue.record("\(plan)")
            return
        }
        #expect(refusal.reason == "one node of a cluster" && refusal.remedy.contains("--cluster"))
        let hostile = self.plan("TRYAGAIN \u{1b}[2J", Attempt(number: Self.last, writes: false, movesKeys: true))
        #expect(hostile.step == .refused(Refusal(.slotsMoving, detail: "TRYAGAIN \\x1b[2J")))
    }

    // MARK: failures

    /// Of the ways in which a server cannot be had: what another attempt may mend, and what has taken its time already.
    private static let passing: Set<Refusal.Kind> = [
        .refused, .closed, .noRoute, .tlsCutOff, .maxClients, .loading, .primaryDown, .readOnly, .clusterDown, .busy,
    ]
    private static let slow: Set<Refusal.Kind> = [.timedOut, .hung]

    @Test(arguments: Refusal.Kind.allCases, [false, true])
    func lostWritesAreUnknownAndAllElseMayBeSentAgain(_ kind: Refusal.Kind, _ movesKeys: Bool) {
        let refusal = Refusal(kind, detail: "words")
        for (writes, wasSent) in [(false, false), (false, true), (true, false), (true, true)] {
            for number in 0..<RoutePlan.tries {
                let attempt = Attempt(number: number, writes: writes, movesKeys: movesKeys)
                let plan = RoutePlan(afterFailure: refusal, wasSent: wasSent, of: attempt)
                let hasMore = movesKeys ? number < Self.last : number == 0
                if writes, wasSent {
                    #expect(plan.step == .unknown(refusal), "never sent twice")
                } else if Self.passing.contains(kind), hasMore {
                    let pause = number == 0 ? .zero : RoutePlan.pause
                    #expect(plan.step == .again(at: movesKeys ? .owner : .primary, after: pause))
                } else {
                    #expect(plan.step == .refused(refusal))
                }
                #expect(plan.asksForMap == (Self.passing.contains(kind) || Self.slow.contains(kind)))
            }
        }
    }

    /// Whatever is told, nothing goes on for ever.
    @Test func everyCommandComesToAnEnd() {
        var generator = SeededGenerator(seed: 5)
        let words = [
            "MOVED 1 a:1", "ASK 1 b:1", "TRYAGAIN", "LOADING", "READONLY", "BUSY", "CLUSTERDOWN", "MASTERDOWN",
        ]
        for round in 0..<2000 {
            var attempt = Attempt(writes: round % 2 == 0, movesKeys: round % 3 != 0)
            var (sent, waited) = (0, Duration.zero)
            while true {
                sent += 1
                let plan =
                    Int.random(in: 0..<4, using: &generator) == 0
                    ? RoutePlan(afterFailure: Refusal(.closed), wasSent: Bool.random(using: &generator), of: attempt)
                    : plan(words.randomElement(using: &generator) ?? "", attempt)
                guard case .again(_, _, let pause) = plan.step else { break }
                waited += pause
                attempt.number += 1
            }
            #expect(sent <= RoutePlan.tries && waited <= .seconds(1))
        }
    }

    /// Whoever polls has no second to wait.
    @Test func budgetMayBeSmaller() {
        for movesKeys in [true, false] {
            func again(_ number: Int) -> Bool {
                let attempt = Attempt(number: number, writes: false, movesKeys: movesKeys, tries: 2)
                if case .again = plan("LOADING x", attempt).step { return true } else { return false }
            }
            #expect(again(0) && !again(1))
            let once = Attempt(writes: false, movesKeys: movesKeys, tries: 1)
            let last = RoutePlan(afterFailure: Refusal(.closed), wasSent: true, of: once)
            #expect(last.step == .refused(Refusal(.closed)))
        }
    }

    // MARK: pipelines

    @Test func pipelinesAskOfTheirErrorsAlone() {
        func verdict(_ words: String, movesKeys: Bool = true) -> RoutePlan.Verdict {
            // As it lies in an arena: in the middle of other bytes.
            let arena = Array("+OK\(words)+OK".utf8)
            return RoutePlan.verdict(words: arena[3..<arena.count - 3], movesKeys: movesKeys)
        }
        for words in ["MOVED 1 a:1", "ASK 1 fd00::5:1", "MOVED 1 ?:1", "TRYAGAIN"] {
            #expect(verdict(words).isElsewhere)
            #expect(verdict(words, movesKeys: false) == .alone)
        }
        for words in ["WRONGTYPE", "ERR", "BUSYKEY", "", "MOVED 1 a"] { #expect(verdict(words) == .answer) }
        #expect(verdict("LOADING x") == .later(.loading) && verdict("READONLY x") == .readOnly)
        #expect(!verdict("LOADING x").isElsewhere && !verdict("READONLY x").isElsewhere)
    }
}
