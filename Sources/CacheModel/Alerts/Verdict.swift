internal import RedisValues

/// How a deployment is, at a glance: healthy or not, what is wrong, and how much of it. The header, the line of state,
/// the reports and the exit status all say this one.
public struct Verdict: Equatable, Sendable {
    public var status: HealthStatus
    /// What makes it so, the most important first: of one thing. Empty where nothing is wrong.
    public var causes: [String]
    /// Who is named for the first of them; nil where nobody is, or where its words say it.
    public var who: String?
    /// How many other things are wrong.
    public var more: Int
    /// Of the poll that says so; nil where nobody answers.
    public var roundTrip: Duration?

    /// - Parameters:
    ///   - alerts: those that stand, the worst first.
    ///   - known: the keys that nodes had when they last said so, by address.
    public init(_ snapshot: Snapshot, alerts: [Alert], known: [String: Int] = [:]) {
        status = HealthStatus(snapshot, alerts: alerts)
        roundTrip = (snapshot.sum ?? snapshot.dataNodes.first { $0.reachable })?.roundTrip
        var groups = AlertGroup.groups(of: alerts.filter { $0.level > .info })
        if let reach = ClusterReach(snapshot, known: known), reach.isPartial {
            groups.removeAll { $0.first.id == .clusterDegraded || $0.first.id == .unreachable }
            (causes, more) = (reach.words, groups.count)
            // What does not answer now is known to be missing, before it is an alert.
            if status == .ok || status == .unknown { status = .warning }
            return
        }
        if let first = groups.first {
            let (brief, culprit) = (first.first.brief, first.first.culprit)
            (causes, more) = ([brief, culprit?.brief].compactMap { $0 }, groups.count - 1)
            who = culprit.flatMap { $0.brief == nil || brief.contains($0.name) ? nil : $0.name }
        } else {
            (causes, more) = (status == .ok ? [] : [Self.gap(in: snapshot)], 0)
        }
    }

    /// Why nobody can say how it is.
    private static func gap(in snapshot: Snapshot) -> String {
        let nodes = snapshot.dataNodes
        guard let node = nodes.first(where: { !$0.tellsItsHealth || $0.isLate }) else {
            return "nobody tells who belongs to the cluster"
        }
        let place = nodes.count > 1 ? "\(node.address): " : ""
        if let refusal = node.refusal { return place + refusal.reason }
        if let late = node.late, node.isLate { return "\(place)no answer for \(Format.duration(late))" }
        return place + "INFO leaves out \(node.missingFields.joined(separator: " and "))"
    }

    /// `healthy`, `degraded`, `critical`, `unknown`.
    public var name: String {
        switch status {
        case .ok: "healthy"
        case .warning: "degraded"
        case .critical: "critical"
        case .unknown: "unknown"
        }
    }

    /// The same in fewer and fewer words: `critical: 2 of 3 primaries, 10,923 of 16,384 slots +1` first, and at last
    /// `critical +2`.
    public var variants: [String] {
        guard !causes.isEmpty else { return ["\(name) \(Format.duration(roundTrip))", name] }
        var all = (1...causes.count).reversed().map { count in
            "\(name): \(causes.prefix(count).joined(separator: ", "))\(Self.others(more))"
        }
        // Where there is no room for by how much, who it is is still said.
        if let who { all.insert("\(name): \(causes[0]) (\(who))\(Self.others(more))", at: all.count - 1) }
        return all + [name + Self.others(more +| 1)]
    }

    /// All of them.
    public var words: String { variants[0] }

    private static func others(_ count: Int) -> String { count > 0 ? " +\(Format.count(count))" : "" }
}

extension NodeSnapshot {
    /// From here on what it has said before is not what it would say now.
    private static let longestLateness = Duration.seconds(1)

    /// True where it has been asked for so long without an answer that nobody knows how it is.
    var isLate: Bool { late.map { $0 >= Self.longestLateness } ?? false }
}
