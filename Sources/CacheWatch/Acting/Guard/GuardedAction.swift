internal import CacheCore
internal import CacheModel

/// What somebody wants to change, and what has been said and seen for it.
enum GuardedAction: Sendable {
    /// - confirmation: nil for a plan, which is confirmed later.
    /// - planned: the nodes it was planned for; nil for a plan.
    /// - large: of the plan, what no journal can hold.
    case flush(FlushConfirmation?, planned: [NodeIdentity]?, journals: Bool, large: LargeKeys = LargeKeys())
    case repair(FlushConfirmation?, planned: [NodeIdentity]?)
    /// - journal: nil before it was read.
    /// - isAnotherMeant: that another server than the journal's answers under its name was said to be meant.
    case undo(
        journal: JournalHeader?, replaces: Bool, isTargetNamed: Bool, readmits: Bool, isAnotherMeant: Bool = false)
    case revoke
    case revokeAgain
    case cutOff(typed: String, due: String)
    case cutOffAgain
    /// - due: what has to be typed, in one of several ways.
    case unrevoke(typed: String, due: [String])
    case delete(readmits: Bool)
    case expire(readmits: Bool)
    case persist(readmits: Bool)
    /// - planned: the nodes whose connections were looked at; nil for a plan.
    case kill(typed: String, due: String, planned: [NodeIdentity]?)

    /// Whether it changes what is cached; what does not may be done on replicas and on one node of a cluster, too.
    var changesKeys: Bool { if case .kill = self { false } else { true } }

    /// As people and the audit call it.
    var name: String {
        switch self {
        case .flush: "flush"
        case .repair: "repair"
        case .undo: "undo"
        case .revoke: "revoke"
        case .revokeAgain: "revoke again"
        case .cutOff: "cut off"
        case .cutOffAgain: "cut off again"
        case .unrevoke: "unrevoke"
        case .delete: "delete"
        case .expire: "expire"
        case .persist: "persist"
        case .kill: "kill"
        }
    }

    /// The nodes that it was planned for; nil where nothing was planned.
    var planned: [NodeIdentity]? {
        switch self {
        case .flush(_, let planned, _, _), .repair(_, let planned): planned
        default: nil
        }
    }

    /// The same, of a node where it goes on: what was said of it and planned for counts no more.
    var begun: GuardedAction {
        switch self {
        case .flush(_, _, let journals, _): .flush(nil, planned: nil, journals: journals)
        case .repair: .repair(nil, planned: nil)
        case .undo(let journal, let replaces, _, let readmits, _):
            .undo(
                journal: journal, replaces: replaces, isTargetNamed: true, readmits: readmits, isAnotherMeant: true)
        default: self
        }
    }

    /// What a user needs for it.
    ///
    /// - Parameter prefix: of the keys that are concerned.
    func demand(_ prefix: [UInt8]) -> WriteDemand {
        let key = ProbeKey(in: prefix)
        return switch self {
        case .flush(_, _, let journals, _):
            WriteDemand((journals ? ["UNLINK", "DUMP", "PTTL"] : ["UNLINK"]).map { Probe($0, key) })
        case .repair:
            WriteDemand([Probe("PTTL", key), Probe("PEXPIREAT", key, Array("4102444800000".utf8))])
        case .undo(let journal, _, _, _, _):
            WriteDemand(Self.restoring(journal?.kind ?? .flush, key) + [Probe("PTTL", key)])
        case .revoke, .revokeAgain:
            // What a server that is full says of a single token is told with that token.
            WriteDemand(
                [Probe("PTTL", key), Probe("SET", key, Array("x".utf8), Array("XX".utf8))], rightsAlone: true)
        case .cutOff, .cutOffAgain:
            WriteDemand(
                [
                    Probe(key) { CutOffScript.probe($0) }, Probe("SET", key, Array("x".utf8), Array("XX".utf8)),
                    // Refused in the midst of the script, it would leave what was set without an end.
                    Probe("PEXPIRE", key, Array("1".utf8)),
                ],
                rightsAlone: true)
        case .unrevoke: WriteDemand([Probe("UNLINK", key)])
        case .delete: WriteDemand(["UNLINK", "DUMP", "PTTL"].map { Probe($0, key) })
        case .expire: WriteDemand([Probe("PEXPIRE", key, Array("1".utf8)), Probe("PTTL", key)])
        case .persist: WriteDemand([Probe("PERSIST", key), Probe("PTTL", key)])
        // An id that no connection gets.
        case .kill: WriteDemand([Probe(Command("CLIENT", "KILL", "ID", String(Int.max)))])
        }
    }

    /// - Parameter dump: of a real key; nil tells only whether this user may.
    static func restoring(_ kind: JournalHeader.Kind, _ key: ProbeKey, dump: [UInt8]? = nil) -> [Probe] {
        switch kind {
        case .flush: [.restore(key, dump)]
        // Of a key that is not there the script changes nothing, and what it would send is tried besides.
        case .lifetimes:
            [
                Probe(key) { LifetimeUndo.command($0, given: 0, left: nil) },
                Probe("PEXPIRE", key, Array("1".utf8)), Probe("PERSIST", key),
            ]
        }
    }
}

/// What an action is about.
struct GuardScope: Sendable {
    /// For people and the audit, escaped.
    let name: String
    /// Whose holders are concerned; nil for all nodes that hold keys.
    let keys: [[UInt8]]?
    /// What the keys begin with, for probes.
    let prefix: [UInt8]
    /// Whether a revoked token may be let in again without them.
    let isProtected: Bool
    /// Names of the nodes that are concerned, where that is not a matter of keys.
    var nodes: [String]?
    /// Which keys, where more is said of them than their names; and the protected namespaces that it reaches into.
    var selected: KeyScope?
    var reached: [String] = []

    /// Whether it has to be known how many keys there are.
    var countsKeys: Bool { keys == nil && nodes == nil }

    static func keys(_ scope: KeyScope, prefix: [UInt8], isProtected: Bool, reached: [String] = []) -> GuardScope {
        GuardScope(
            name: scope.words, keys: nil, prefix: prefix, isProtected: isProtected, selected: scope, reached: reached)
    }

    static func namespace(_ rule: NamespaceRule, prefix: [UInt8]) -> GuardScope {
        .keys(.namespace(rule.name), prefix: prefix, isProtected: rule.protected)
    }

    static func key(_ key: [UInt8], _ classifier: KeyClassifier) -> GuardScope {
        GuardScope(
            name: Printable.escape(key, limit: 200), keys: [key], prefix: key, isProtected: classifier.protects(key))
    }

    /// - Parameter nodes: to which they are connected.
    static func connections(_ name: String, nodes: [String]) -> GuardScope {
        GuardScope(name: Printable.escape(name, limit: 200), keys: nil, prefix: [], isProtected: false, nodes: nodes)
    }

    /// - Parameter prefix: of the blacklist's keys.
    static func tokens(_ name: String, keys: [[UInt8]] = [], prefix: [UInt8]) -> GuardScope {
        GuardScope(name: name, keys: keys, prefix: prefix, isProtected: true)
    }

    /// - Parameters:
    ///   - example: one of its keys.
    ///   - isProtected: whether one of them is.
    static func journal(_ name: String, example: [UInt8] = [], isProtected: Bool = false) -> GuardScope {
        GuardScope(name: name, keys: nil, prefix: example, isProtected: isProtected)
    }
}
