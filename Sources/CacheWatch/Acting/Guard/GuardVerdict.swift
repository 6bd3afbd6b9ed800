internal import CacheCore
internal import CacheModel

/// What is known when something is to be changed: first without a word to a server, then with what the nodes say.
struct GuardFacts: Sendable {
    /// A node that is concerned, as it is now.
    struct Node: Sendable {
        var identity: NodeIdentity
        /// Its `INFO` says `cluster_enabled:1`.
        var isOfCluster = false
        /// What this user may not do there; nil where everything is allowed that is needed.
        var denial: String?
    }

    /// By `--read-only` or `read_only`.
    var isSwitchedOff = false
    /// Whether the deployment finds all nodes of a cluster.
    var seesClusters = false
    /// The URL without its secrets, and the database.
    var target = ""
    var database = 0
    /// nil before any was asked.
    var nodes: [Node]?
}

/// Whether something may be done: the only place that decides it.
enum GuardVerdict: Equatable, Sendable {
    case permitted
    /// The words say why not, and what to do.
    case refused(String)

    init(_ action: GuardedAction, on scope: GuardScope, _ facts: GuardFacts) {
        let objections = [
            Self.switchedOff(facts), Self.unconfirmed(action, scope), Self.seenInPart(action, facts),
            Self.elsewhere(action, facts), Self.replica(action, facts), Self.forbidden(facts),
        ]
        self = objections.lazy.compactMap { $0 }.first.map { .refused($0) } ?? .permitted
    }

    private static func switchedOff(_ facts: GuardFacts) -> String? {
        facts.isSwitchedOff ? WriteAccess.switchedOff.words : nil
    }

    // MARK: what was said

    private static func unconfirmed(_ action: GuardedAction, _ scope: GuardScope) -> String? {
        switch action {
        case .flush(let confirmation, _, _, let large):
            var plan = FlushPlan(
                scope: scope.selected ?? .namespace(scope.name), protected: scope.isProtected, target: "", database: 0,
                nodes: [])
            (plan.reached, plan.large) = (scope.reached, large)
            return confirmation?.objection(to: plan)
        case .repair(let confirmation, _):
            guard let confirmation else { return nil }
            if scope.isProtected, !confirmation.readmits {
                let reached =
                    scope.reached.isEmpty ? "is" : "reaches into \(scope.reached.joined(separator: ", ")), which is"
                return "\(scope.name) \(reached) protected: a revoked token whose key expires early is let in again; "
                    + "write such tokens anew with revoke instead"
            }
            let due = scope.selected ?? .namespace(scope.name)
            if !due.isNamed(by: confirmation.typed) {
                return "the confirmation must be \(due.typedWords), \"\(due.name)\""
            }
            return nil
        case .unrevoke(let typed, let due):
            return due.contains { TypedWord.isSame(typed, $0) } ? nil : "the confirmation must be the id"
        case .cutOff(let typed, let due):
            return TypedWord.isSame(typed, due) ? nil : "the confirmation must be the user's id"
        case .undo(_, replaces: true, _, readmits: false, _):
            // What is not there is only ever added.
            return protection(scope, "what stands there now may revoke more than what the journal holds")
        case .delete(readmits: false): return protection(scope, "without it a revoked token is let in again")
        case .expire(readmits: false):
            return protection(scope, "where it expires early a revoked token is let in again")
        case .persist(readmits: false): return protection(scope, "its time to live is the revoked token's own")
        case .kill(let typed, let due, let planned):
            guard planned != nil else { return nil }
            return TypedWord.names(typed, due.utf8) ? nil : "the confirmation must be \"\(Printable.escape(due))\""
        case .undo, .delete, .expire, .persist, .revoke, .revokeAgain, .cutOffAgain: return nil
        }
    }

    private static func protection(_ scope: GuardScope, _ why: String) -> String? {
        guard scope.isProtected else { return nil }
        return "\(scope.name) is protected: \(why); it takes a second word, \(FlushPlan.secondWord)"
    }

    // MARK: what the nodes say

    private static func seenInPart(_ action: GuardedAction, _ facts: GuardFacts) -> String? {
        guard action.changesKeys, !facts.seesClusters, let node = facts.nodes?.first(where: \.isOfCluster) else {
            return nil
        }
        return "\(node.identity.address) is one node of a cluster, and nobody looks at the others: "
            + "--cluster, or cluster_enabled, reaches all of them"
    }

    private static func elsewhere(_ action: GuardedAction, _ facts: GuardFacts) -> String? {
        guard let nodes = facts.nodes?.map(\.identity) else { return nil }
        if let objection = action.planned?.objection(to: nodes) { return "\(objection); plan it anew" }
        if case .kill(_, _, let planned?) = action {
            return nodes.lazy.compactMap { now in
                planned.first { $0.address == now.address }.flatMap { $0.processObjection(to: now) }
            }.first.map { "\($0); look at its connections again" }
        }
        guard case .undo(let journal?, _, let isTargetNamed, _, let isAnotherMeant) = action else { return nil }
        let place = UndoPlace(
            target: facts.target, database: facts.database, runID: nodes.runIDs, servers: nodes.map(\.server))
        return place.objection(to: journal, isNamed: isTargetNamed, isAnotherMeant: isAnotherMeant)
    }

    private static func replica(_ action: GuardedAction, _ facts: GuardFacts) -> String? {
        guard action.changesKeys else { return nil }
        return facts.nodes?.first { !$0.identity.isPrimary }.map {
            "\($0.identity.address) is a replica: \(action.name) on its primary"
        }
    }

    private static func forbidden(_ facts: GuardFacts) -> String? {
        facts.nodes?.lazy.compactMap(\.denial).first.map { words in
            // A rule helps against what rules forbid; what a service leaves out no rule brings back.
            ErrorReply.isKeptFromAll(words)
                ? "the server does not allow it: \(words); a command that it needs is renamed or switched off there, "
                    + "or left out by the service: its documentation says what it allows"
                : "this user may not do it: \(words); `cachewatch acl --act` prints the line that allows it"
        }
    }
}
