import CacheModel
import Testing

@testable import CacheCore
@testable import CacheWatch

/// What may be done and what not: each fact that refuses, for each action.
@Suite struct GuardVerdictTests {
    private static let here = NodeIdentity(address: "a:1", runID: "r", isPrimary: true)

    /// Each action as it is permitted, by its name.
    private static let actions: [GuardedAction] = [
        .flush(FlushConfirmation(typed: "cart"), planned: [here], journals: true),
        .repair(FlushConfirmation(typed: "cart"), planned: [here]),
        .undo(journal: journal(runID: "r"), replaces: true, isTargetNamed: false, readmits: false),
        .revoke, .revokeAgain, .unrevoke(typed: "id", due: ["id"]),
        .delete(readmits: false), .expire(readmits: false), .persist(readmits: false),
    ]

    private static func journal(runID: String, target: String = "redis://other:1/0") -> JournalHeader {
        JournalHeader(
            id: 1, kind: .flush, scope: "cart", target: target, database: 0, runID: runID, software: "",
            startedAt: WallTime(seconds: 0))
    }

    private func scope(isProtected: Bool = false) -> GuardScope {
        GuardScope(name: "cart", keys: nil, prefix: [], isProtected: isProtected)
    }

    private func facts(_ change: (inout GuardFacts) -> Void = { _ in }) -> GuardFacts {
        var facts = GuardFacts(target: "redis://a:1/0", nodes: [GuardFacts.Node(identity: Self.here)])
        change(&facts)
        return facts
    }

    /// - Returns: why not; empty where it is permitted.
    private func words(
        _ action: GuardedAction, isProtected: Bool = false, _ change: (inout GuardFacts) -> Void = { _ in }
    ) -> String {
        switch GuardVerdict(action, on: scope(isProtected: isProtected), facts(change)) {
        case .permitted: ""
        case .refused(let words): words
        }
    }

    @Test func namesThatAreDrawnAlikeDoNotConfirmEachOther() {
        let (composed, decomposed) = ("caf\u{e9}", "cafe\u{301}")
        #expect(words(.unrevoke(typed: composed, due: [decomposed])).contains("must be the id"))
        #expect(words(.cutOff(typed: composed, due: decomposed)).contains("must be the user"))
        let plan = FlushPlan(scope: .namespace(composed), protected: false, target: "", database: 0, nodes: [])
        #expect(FlushConfirmation(typed: decomposed).objection(to: plan) != nil)
        #expect(FlushConfirmation(typed: composed).objection(to: plan) == nil)
    }

    @Test func whatNothingSpeaksAgainstIsPermitted() {
        for action in Self.actions {
            #expect(words(action) == "", "\(action.name)")
            #expect(words(action) { $0.nodes = nil } == "", "before anybody was asked: \(action.name)")
        }
    }

    @Test func whatTheNodesSayCountsForAllActions() {
        for action in Self.actions {
            let name = action.name
            #expect(words(action) { $0.isSwitchedOff = true }.contains("--read-only"), "\(name)")
            #expect(words(action) { ($0.isSwitchedOff, $0.nodes) = (true, nil) }.contains("--read-only"), "\(name)")
            #expect(words(action) { $0.first.isOfCluster = true }.contains("--cluster"), "\(name)")
            #expect(words(action) { ($0.seesClusters, $0.first.isOfCluster) = (true, true) } == "", "\(name)")
            #expect(words(action) { $0.first.identity.isPrimary = false }.contains("primary"), "\(name)")
            let denied = words(action) { $0.first.denial = "no permissions to run 'set'" }
            #expect(denied.contains("this user may not do it: no permissions"), "\(name)")
            #expect(denied.contains("cachewatch acl --act"), "\(name)")
            // Of several nodes one is enough.
            let other = NodeIdentity(address: "b:1", runID: "s", isPrimary: false)
            #expect(words(action) { $0.others.append(GuardFacts.Node(identity: other)) } != "", "\(name)")
        }
    }

    @Test func whatWasPlannedForAnotherServerIsRefused() {
        let now = NodeIdentity(address: "a:1", runID: "s", isPrimary: true)
        for action in Self.actions.prefix(2) {
            let words = words(action) { $0.first.identity = now }
            #expect(words.contains("another server process") && words.contains("plan it anew"), "\(action.name)")
            let gone = self.words(action) { $0.first.identity.address = "b:1" }
            #expect(gone.contains("a:1 is no primary any more"))
            let more = self.words(action) {
                $0.others.append(.init(identity: NodeIdentity(address: "b:1", runID: "x", isPrimary: true)))
            }
            #expect(more.contains("b:1 was no primary when it was planned"))
        }
    }

    @Test func journalsGoBackWhereTheyAreFromUnlessAServerIsNamed() {
        func undo(_ journal: JournalHeader, isNamed: Bool = false) -> String {
            words(.undo(journal: journal, replaces: false, isTargetNamed: isNamed, readmits: false))
        }
        #expect(undo(Self.journal(runID: "r")) == "")
        #expect(undo(Self.journal(runID: "x", target: "redis://a:1/0")) == "", "restarted at the same address")
        #expect(undo(Self.journal(runID: "x")).contains("name the server that is meant with --url or --config"))
        #expect(undo(Self.journal(runID: "x"), isNamed: true) == "")
        // The tunnel's own name leads elsewhere by now.
        let (then, now) = (ServerIdentity.started(at: 10, "x"), ServerIdentity.started(at: 900, "r"))
        var tunnelled = Self.journal(runID: "x", target: "redis://localhost:1/0")
        tunnelled.servers = [then]
        for isMeant in [false, true] {
            let undo = GuardedAction.undo(
                journal: tunnelled, replaces: false, isTargetNamed: true, readmits: false, isAnotherMeant: isMeant)
            func behindTheTunnel(_ facts: inout GuardFacts) {
                facts.target = "redis://localhost:1/0"
                facts.first.identity.server = now
            }
            #expect(words(undo, behindTheTunnel).contains("--into-another-server") == !isMeant)
            #expect(words(undo.begun, behindTheTunnel) == "", "on the way it was said")
        }
        var elsewhere = Self.journal(runID: "r")
        elsewhere.database = 5
        #expect(undo(elsewhere) != "")
    }

    @Test func protectedKeysTakeASecondWord() {
        let cases: [(without: GuardedAction, with: GuardedAction)] = [
            (
                .flush(FlushConfirmation(typed: "cart"), planned: nil, journals: true),
                .flush(FlushConfirmation(typed: "cart", readmits: true), planned: nil, journals: true)
            ),
            (
                .repair(FlushConfirmation(typed: "cart"), planned: nil),
                .repair(FlushConfirmation(typed: "cart", readmits: true), planned: nil)
            ),
            (
                .undo(journal: nil, replaces: true, isTargetNamed: true, readmits: false),
                .undo(journal: nil, replaces: true, isTargetNamed: true, readmits: true)
            ),
            (.delete(readmits: false), .delete(readmits: true)),
            (.expire(readmits: false), .expire(readmits: true)),
            (.persist(readmits: false), .persist(readmits: true)),
        ]
        for (without, with) in cases {
            #expect(words(without, isProtected: true).contains("protected"), "\(without.name)")
            #expect(words(with, isProtected: true) == "", "\(with.name)")
        }
        // What only adds lets nobody in.
        for action: GuardedAction in [
            .revoke, .revokeAgain, .undo(journal: nil, replaces: false, isTargetNamed: true, readmits: false),
        ] { #expect(words(action, isProtected: true) == "", "\(action.name)") }
        // What is not confirmed yet can be planned.
        #expect(words(.flush(nil, planned: nil, journals: true), isProtected: true) == "")
        #expect(words(.repair(nil, planned: nil), isProtected: true) == "")
    }

    @Test func whatIsTypedMustBeWhatIsMeant() {
        for typed in ["", "Cart", "cart "] {
            let confirmation = FlushConfirmation(typed: typed)
            #expect(words(.flush(confirmation, planned: nil, journals: true)).contains("\"cart\""))
            #expect(words(.repair(confirmation, planned: nil)).contains("\"cart\""))
        }
        #expect(words(.unrevoke(typed: "", due: ["id", "jwt"])).contains("must be the id"))
        #expect(words(.unrevoke(typed: "jwt", due: ["id", "jwt"]), isProtected: true) == "")
    }

    @Test func whatGoesOnElsewhereNeedsNoPlan() {
        let now = NodeIdentity(address: "b:9", runID: "s", isPrimary: true)
        for action in Self.actions {
            #expect(words(action.begun) { $0.nodes = [.init(identity: now)] } == "", "\(action.name)")
            let replica = words(action.begun) {
                $0.nodes = [.init(identity: NodeIdentity(address: "b:9", runID: "s", isPrimary: false))]
            }
            #expect(replica.contains("b:9 is a replica"), "\(action.name)")
        }
    }
}

extension ServerIdentity {
    /// Seen at 1000 s.
    fileprivate static func started(at seconds: Int64, _ runID: String) -> ServerIdentity {
        var server = ServerIdentity(runID: runID)
        (server.startedAt, server.seenAt) = (WallTime(seconds: seconds), WallTime(seconds: 1000))
        return server
    }
}

extension GuardFacts {
    fileprivate var first: Node {
        get { others[0] }
        set { others[0] = newValue }
    }

    /// None where nobody was asked.
    fileprivate var others: [Node] {
        get { nodes ?? [] }
        set { nodes = newValue }
    }
}
