internal import RedisValues

/// Which members of a document are compared, in which unit, and how far apart they may be.
struct ComparedFigure: Sendable {
    enum Kind: Sendable {
        case text, flag
        case number(ComparedValue.Unit)
    }

    var part: ComparedPart
    var name: String
    var path: [String]
    var kind: Kind
    var tolerance = Tolerance.none
    var weight = ComparedWeight.state

    /// What always moves is not among them: uptime, totals since the start, the peak, offsets, times of replies.
    static let ofNodes: [ComparedFigure] = [
        ComparedFigure(part: .settings, name: "maxmemory", path: ["memory", "max"], kind: .number(.bytes)),
        ComparedFigure(part: .settings, name: "maxmemory-policy", path: ["memory", "policy"], kind: .text),
        ComparedFigure(part: .settings, name: "maxclients", path: ["clients", "max"], kind: .number(.count)),
        ComparedFigure(part: .settings, name: "appendonly", path: ["persistence", "append_only"], kind: .flag),
        ComparedFigure(
            part: .settings, name: "host memory", path: ["memory", "system"], kind: .number(.bytes),
            tolerance: Tolerance(relative: 0.05)),
        ComparedFigure(part: .members, name: "role", path: ["role"], kind: .text),
        ComparedFigure(part: .members, name: "software", path: ["software"], kind: .text),
        ComparedFigure(part: .members, name: "version", path: ["version"], kind: .text),
        ComparedFigure(part: .members, name: "mode", path: ["mode"], kind: .text),
        ComparedFigure(
            part: .members, name: "last save well", path: ["persistence", "last_save_succeeded"], kind: .flag),
        ComparedFigure(
            part: .members, name: "last AOF write well", path: ["persistence", "last_append_write_succeeded"],
            kind: .flag),
        ComparedFigure(
            part: .figures, name: "keys", path: ["keys"], kind: .number(.count),
            tolerance: Tolerance(relative: 0.05, countsByChance: true)),
        ComparedFigure(
            part: .figures, name: "memory used", path: ["memory", "used"], kind: .number(.bytes),
            tolerance: Tolerance(relative: 0.05, absolute: 1_048_576)),
        ComparedFigure(
            part: .figures, name: "memory resident", path: ["memory", "rss"], kind: .number(.bytes),
            tolerance: Tolerance(relative: 0.1, absolute: 4_194_304)),
        ComparedFigure(
            part: .figures, name: "clients", path: ["clients", "connected"], kind: .number(.count),
            tolerance: Tolerance(relative: 0.1, absolute: 5)),
        ComparedFigure(
            part: .figures, name: "clients blocked", path: ["clients", "blocked"], kind: .number(.count),
            tolerance: Tolerance(relative: 0.1, absolute: 5)),
        event("evicted/s", "evicted", least: 1), event("rejected connections/s", "rejected_connections", least: 0.1),
        event("error replies/s", "error_replies", least: 1),
        traffic("commands/s", "commands", .perSecond, least: 50),
        traffic("expired/s", "expired", .perSecond, least: 50),
        traffic("received", "input_bytes", .bytesPerSecond, least: 102_400),
        traffic("sent", "output_bytes", .bytesPerSecond, least: 102_400),
    ]

    /// Of a second between two polls: the same from one half to twice as much.
    private static func traffic(
        _ name: String, _ member: String, _ unit: ComparedValue.Unit, least: Double
    ) -> ComparedFigure {
        ComparedFigure(
            part: .traffic, name: name, path: [rates, member], kind: .number(unit),
            tolerance: Tolerance(relative: 0.5, absolute: least), weight: .traffic)
    }

    private static func event(_ name: String, _ member: String, least: Double) -> ComparedFigure {
        var figure = traffic(name, member, .perSecond, least: least)
        (figure.part, figure.weight) = (.figures, .event)
        return figure
    }

    /// The member that only two polls can fill.
    static let rates = "rates"

    /// Of what a replica says of its primary.
    static let ofReplicas = [
        ComparedFigure(part: .members, name: "link up", path: ["replication", "link_up"], kind: .flag)
    ]

    /// Of what a primary says of its replicas.
    static let ofPrimaries = [
        ComparedFigure(
            part: .members, name: "replicas", path: ["replication", "connected_replicas"], kind: .number(.count))
    ]

    /// What the members tell of each other.
    static let ofTopologies = [
        ComparedFigure(part: .members, name: "cluster up", path: ["cluster", "up"], kind: .flag),
        ComparedFigure(
            part: .members, name: "covered slots", path: ["cluster", "covered_slots"], kind: .number(.count)),
        ComparedFigure(part: .members, name: "primary", path: ["sentinel", "primary"], kind: .text),
        ComparedFigure(part: .members, name: "quorum", path: ["sentinel", "quorum"], kind: .number(.count)),
        ComparedFigure(part: .members, name: "sentinels up", path: ["sentinel", "up"], kind: .number(.count)),
    ]

    /// Of what two looks at keys have found; where one was drawn and not counted, what a cache does by itself in between
    /// is no difference.
    static let ofDrawnKeys = Tolerance(relative: 0.05, countsByChance: true)
    static let ofHitRatios = Tolerance(absolute: 0.05)
    static let ofCoverage = Tolerance(absolute: 0.01)

    /// Alerts that take a look at the keys.
    static let alertsOfLooking: Set<String> = Set(
        [Alert.ID.ttlContractBroken, .namespaceVanished, .prefixNeverExpires].map(\.rawValue))

    /// Alerts that take two polls: of one poll nobody knows whether they would stand.
    static let alertsOfWatching: Set<String> = Set(
        [
            Alert.ID.evicting, .refusingWrites, .clientsRejected, .connectionChurn, .hitRatioLow, .namespaceVanished,
            .primaryChanged, .restarted, .datasetLost, .accessDenied,
        ].map(\.rawValue))
}
