internal import RedisValues

/// What is not the same of two states of a deployment, and what nobody can say.
public struct StateComparison: Equatable, Sendable {
    public enum Result: String, CaseIterable, Sendable {
        case same, different
        /// Nothing is known to be different, and something is known of one of them only.
        case unknown

        /// In the convention of `diff`; 3 as `--once` has it.
        public var exitStatus: Int32 {
            switch self {
            case .same: 0
            case .different: 1
            case .unknown: 3
            }
        }
    }

    public enum Side: String, CaseIterable, Sendable { case was, now = "is" }

    /// Whether both are of one deployment.
    public enum Identity: String, CaseIterable, Sendable { case same, another, unknown }

    public struct Difference: Equatable, Sendable {
        public var part: ComparedPart
        /// Of which node or namespace; nil for what concerns all.
        public var subject: String?
        public var name: String
        /// nil for what was not there, or is not.
        public var was: ComparedValue?
        public var now: ComparedValue?

        /// False for what always moves.
        public var decides: Bool { part != .traffic }
    }

    /// What is known on one side only.
    public struct Gap: Equatable, Sendable {
        public var part: ComparedPart
        public var subject: String?
        public var name: String
        /// The one where it is not known.
        public var side: Side
        public var why: String
        /// False for what only somebody knows who watches, such as rates: it makes no result.
        public var decides: Bool
    }

    public private(set) var identity: Identity
    public private(set) var differences: [Difference] = []
    public private(set) var gaps: [Gap] = []
    /// How many things are known of both, and are the same.
    public private(set) var same = 0

    public var result: Result {
        if differences.contains(where: \.decides) { return .different }
        return gaps.contains(where: \.decides) ? .unknown : .same
    }

    public init(was: ComparedState, now: ComparedState) {
        identity = Self.identity(was, now)
        compareIdentity(was, now)
        compare(was.facts, now.facts, of: nil)
        let pairs = NodePairs(was, now)
        for pair in pairs.both { compare(pair.was, pair.now) }
        for (side, nodes) in [(Side.now, pairs.gone), (.was, pairs.new)] {
            for node in nodes {
                let there = ComparedValue.text(node.isSentinel ? "sentinel" : "member")
                differences.append(
                    Difference(
                        part: .members, subject: node.address, name: "member", was: side == .now ? there : nil,
                        now: side == .was ? there : nil))
            }
        }
        compareNamespaces(was, now)
        compareAlerts(was, now, pairs)
        let order = Dictionary(uniqueKeysWithValues: ComparedPart.allCases.enumerated().map { ($1, $0) })
        // Of the same part they stay as they are.
        differences = ComparedPart.allCases.flatMap { part in differences.filter { $0.part == part } }
        gaps.sort { (order[$0.part] ?? 0) < (order[$1.part] ?? 0) }
    }

    // MARK: who they are

    private static func identity(_ was: ComparedState, _ now: ComparedState) -> Identity {
        if was.isAnonymous || now.isAnonymous { return .unknown }
        let ids = Set(was.nodes.compactMap(\.runID))
        // The same process is the same server, whatever it is called.
        if now.nodes.contains(where: { $0.runID.map(ids.contains) == true }) { return .same }
        return was.target == now.target ? .same : .another
    }

    private mutating func compareIdentity(_ was: ComparedState, _ now: ComparedState) {
        switch identity {
        case .same: same +|= 1
        case .another:
            differences.append(
                Difference(
                    part: .members, subject: nil, name: "deployment", was: .text(was.target), now: .text(now.target)))
        case .unknown:
            note(
                .members, nil, "deployment", was.isAnonymous ? .was : .now,
                "recorded with --anonymous: whether it is the same one nobody can say")
        }
        for (side, schema) in [(Side.was, was.newerSchema), (.now, now.newerSchema)] {
            if let schema {
                note(.members, nil, "schema", side, "schema \(schema) is of a newer version, and may mean others by it")
            }
        }
    }

    private mutating func note(
        _ part: ComparedPart, _ subject: String?, _ name: String, _ side: Side, _ why: String, decides: Bool = true
    ) {
        gaps.append(Gap(part: part, subject: subject, name: name, side: side, why: why, decides: decides))
    }

    // MARK: facts

    private mutating func compare(_ was: [ComparedState.Fact], _ now: [ComparedState.Fact], of subject: String?) {
        let before = Dictionary(was.map { ($0.name, $0) }) { first, _ in first }
        let names = Set(now.map(\.name))
        for fact in now { compare(before[fact.name], fact, of: subject) }
        for fact in was where !names.contains(fact.name) { compare(fact, nil, of: subject) }
    }

    private mutating func compare(_ was: ComparedState.Fact?, _ now: ComparedState.Fact?, of subject: String?) {
        guard let fact = now ?? was else { return }
        // What a role brings along is told by the role, and what keys have by their number.
        if was == nil || now == nil, fact.part != .settings { return }
        let (before, after) = (
            was?.value ?? .unknown(Self.leftOut), now?.value ?? .unknown(Self.leftOut)
        )
        switch (before.whyUnknown, after.whyUnknown) {
        case (_?, _?): break
        case (let why?, nil): note(fact.part, subject, fact.name, .was, why, decides: fact.weight == .state)
        case (nil, let why?): note(fact.part, subject, fact.name, .now, why, decides: fact.weight == .state)
        case (nil, nil):
            // The wider of both: what was drawn is no surer where it is compared with what was counted.
            if Self.isSame(before, after, fact.tolerance) || Self.isSame(before, after, was?.tolerance ?? .none) {
                same +|= 1
            } else {
                differences.append(
                    Difference(part: fact.part, subject: subject, name: fact.name, was: before, now: after))
            }
        }
    }

    private static let leftOut = "not told there"

    private static func isSame(_ was: ComparedValue, _ now: ComparedValue, _ tolerance: Tolerance) -> Bool {
        guard let before = was.figure?.value, let after = now.figure?.value else { return was == now }
        return tolerance.covers(before, after)
    }

    // MARK: nodes

    private mutating func compare(_ was: ComparedState.Node, _ now: ComparedState.Node) {
        let name = now.address
        switch (was.refusal, now.refusal) {
        case (nil, nil): same +|= 1
        case (_?, _?):
            same +|= 1
            return
        default:
            differences.append(
                Difference(
                    part: .members, subject: name, name: "answers", was: .flag(was.refusal == nil),
                    now: .flag(now.refusal == nil)))
            let (side, why) = was.refusal.map { (Side.was, $0) } ?? (.now, now.refusal ?? "")
            return note(.figures, name, "all its figures", side, why)
        }
        if was.address != now.address, identity == .same {
            differences.append(
                Difference(
                    part: .members, subject: name, name: "address", was: .text(was.address), now: .text(now.address)))
        }
        if let before = was.runID, let after = now.runID, identity == .same, !was.isSentinel {
            if before == after {
                same +|= 1
            } else {
                differences.append(
                    Difference(
                        part: .members, subject: name, name: "process", was: .text(Self.short(before)),
                        now: .text(Self.short(after))))
            }
        }
        compare(was.facts, now.facts, of: name)
    }

    private static func short(_ id: String) -> String { Printable.escape(String(id.prefix(8))) }

    // MARK: namespaces

    private mutating func compareNamespaces(_ was: ComparedState, _ now: ComparedState) {
        switch (was.whyNoNamespaces, now.whyNoNamespaces) {
        case (_?, _?): return
        case (let why?, nil): return note(.namespaces, nil, "namespaces", .was, why)
        case (nil, let why?): return note(.namespaces, nil, "namespaces", .now, why)
        case (nil, nil): break
        }
        let before = Dictionary(was.namespaces.map { ($0.name, $0) }) { first, _ in first }
        for namespace in now.namespaces {
            guard let old = before[namespace.name] else {
                compareAlone(namespace, among: was.keys, side: .was)
                continue
            }
            compare(old.facts, namespace.facts, of: namespace.name)
        }
        let names = Set(now.namespaces.map(\.name))
        for namespace in was.namespaces where !names.contains(namespace.name) {
            compareAlone(namespace, among: now.keys, side: .now)
        }
    }

    /// A prefix that no rule covers has a line of its own from a hundredth of the keys on; a rule may be new, too.
    private mutating func compareAlone(_ namespace: ComparedState.Namespace, among keys: Double?, side: Side) {
        let found = namespace.facts.first { $0.name == "keys" }?.value
        guard let found, let count = found.figure?.value, count.high > 0 else { return }
        guard let keys, count.low > max(Self.leastWithoutLine, 2 * Self.lineOfItsOwn * keys) else {
            return note(
                .namespaces, namespace.name, "all of it", side, "no line of its own there: no rule, or few keys",
                decides: false)
        }
        differences.append(
            Difference(
                part: .namespaces, subject: namespace.name, name: "keys", was: side == .now ? found : nil,
                now: side == .was ? found : nil))
    }

    private static let lineOfItsOwn = 0.01
    private static let leastWithoutLine = 10.0

    // MARK: alerts

    private mutating func compareAlerts(_ was: ComparedState, _ now: ComparedState, _ pairs: NodePairs) {
        struct Key: Hashable {
            var id: String
            var node: String?
        }
        var before: [(key: Key, level: String)] = was.alerts.map { alert in
            (Key(id: alert.id, node: alert.node.map { pairs.nowByWas[$0] ?? $0 }), alert.level)
        }
        for alert in now.alerts {
            let key = Key(id: alert.id, node: alert.node)
            let index = before.firstIndex { $0.key == key }
            let old = index.map { before.remove(at: $0).level }
            if old == alert.level {
                same +|= 1
            } else if old == nil, let why = was.whyNotRaised(alert.id, on: pairs.wasByNow(alert.node)) {
                note(.alerts, alert.node, alert.id, .was, why)
            } else {
                differences.append(
                    Difference(
                        part: .alerts, subject: alert.node, name: alert.id, was: old.map { .text($0) },
                        now: .text(alert.level)))
            }
        }
        for (key, level) in before {
            if let why = now.whyNotRaised(key.id, on: key.node) {
                note(.alerts, key.node, key.id, .now, why)
            } else {
                differences.append(
                    Difference(part: .alerts, subject: key.node, name: key.id, was: .text(level), now: nil))
            }
        }
    }
}

extension ComparedState {
    /// Why an alert that does not stand here may hold all the same; nil where it does not.
    fileprivate func whyNotRaised(_ id: String, on address: String?) -> String? {
        if let address, id != Alert.ID.unreachable.rawValue,
            let refusal = nodes.first(where: { $0.address == address })?.refusal
        {
            return refusal
        }
        if ComparedFigure.alertsOfLooking.contains(id), let whyNoNamespaces { return whyNoNamespaces }
        if ComparedFigure.alertsOfWatching.contains(id), !wasWatched {
            return "one poll cannot tell it; --watch-for does"
        }
        return nil
    }
}

/// Which node is which: by its address, else by its process, else the only one there is.
struct NodePairs {
    private(set) var both: [(was: ComparedState.Node, now: ComparedState.Node)] = []
    private(set) var gone: [ComparedState.Node]
    private(set) var new: [ComparedState.Node] = []
    /// Addresses of now by those of then.
    private(set) var nowByWas: [String: String] = [:]

    init(_ was: ComparedState, _ now: ComparedState) {
        gone = was.nodes
        for node in now.nodes {
            let index = Self.index(of: node, among: gone)
            if let index { pair(gone.remove(at: index), node) } else { new.append(node) }
        }
        // One server is compared with one server, however it is called now.
        let (left, right) = (was.nodes.filter { !$0.isSentinel }, now.nodes.filter { !$0.isSentinel })
        guard left.count == 1, right.count == 1, let index = gone.firstIndex(of: left[0]),
            let other = new.firstIndex(of: right[0])
        else { return }
        pair(gone.remove(at: index), new.remove(at: other))
    }

    /// The address that a node had then.
    func wasByNow(_ address: String?) -> String? {
        address.flatMap { address in nowByWas.first { $0.value == address }?.key ?? address }
    }

    private static func index(of node: ComparedState.Node, among others: [ComparedState.Node]) -> Int? {
        others.firstIndex { $0.address == node.address }
            ?? node.runID.flatMap { id in others.firstIndex { $0.runID == id } }
    }

    private mutating func pair(_ was: ComparedState.Node, _ now: ComparedState.Node) {
        both.append((was, now))
        nowByWas[was.address] = now.address
    }
}
