public import CacheModel

/// A snapshot for programs: numbers are plain, what is unknown is `null`, keys come in a fixed order.
public enum JSONReport {
    /// - Parameters:
    ///   - clients: what was seen of them; nil takes the look of the snapshot alone.
    ///   - invocation: how the program was called, for the commands that are told.
    /// - Returns: one JSON document of schema 1, with a newline at its end.
    public static func render(
        _ snapshot: Snapshot, alerts: [Alert], clients: ClientMemory? = nil, _ invocation: Invocation = Invocation()
    ) -> String {
        document(snapshot, alerts: alerts, clients: clients, invocation).text + "\n"
    }

    /// The same, for what compares it with another one.
    public static func document(
        _ snapshot: Snapshot, alerts: [Alert], clients: ClientMemory? = nil, _ invocation: Invocation = Invocation()
    ) -> JSONValue {
        let verdict = Verdict(snapshot, alerts: alerts)
        return JSONValue.object(
            [
                ("schema", .integer(Snapshot.schema)),
                ("taken_at", .string(snapshot.takenAt.iso8601)),
                ("target", .string(snapshot.target)),
                ("deployment", .string(snapshot.deployment.rawValue)),
                ("database", .integer(snapshot.database)),
                ("status", .string(verdict.status.rawValue)),
                ("verdict", .string(verdict.causes.isEmpty ? verdict.name : verdict.words)),
                ("alerts", .array(alerts.map { alert($0, RemedyCommand.lines(for: $0, in: snapshot, invocation)) })),
                ("nodes", .array(snapshot.nodes.map(JSONNode.value))),
                ("namespaces", JSONNamespaces.value(snapshot.namespaces, snapshot.counters)),
                ("counters", JSONCounters.value(snapshot)),
                ("receipt", JSONNamespaces.receipt(snapshot.namespaces)),
                ("clients", JSONClients.value(clients ?? snapshot.clients.map { ClientMemory($0) })),
            ]
                + (snapshot.sum.map { [("sum", JSONNode.sum($0))] } ?? [])
                + (snapshot.topology.map { [("topology", JSONTopology.value($0))] } ?? []))
    }

    /// What a program of the operator's own reads when an alert is raised or cleared: one line, with a newline at its end.
    public static func notice(
        _ notice: AlertNotice, in snapshot: Snapshot, _ invocation: Invocation = Invocation()
    ) -> String {
        let commands = RemedyCommand.lines(for: notice.alert, in: snapshot, invocation)
        return JSONValue.object(
            [
                ("schema", .integer(Snapshot.schema)), ("event", .string(notice.event.rawValue)),
                ("time", .string(snapshot.takenAt.iso8601)), ("target", .string(snapshot.target)),
                ("deployment", .string(snapshot.deployment.rawValue)), ("database", .integer(snapshot.database)),
                ("withdrawn", .boolean(notice.alert.isWithdrawn)),
            ] + members(notice.alert, commands)
        ).line + "\n"
    }

    private static func alert(_ alert: Alert, _ commands: [String]) -> JSONValue {
        .object(members(alert, commands))
    }

    private static func members(_ alert: Alert, _ commands: [String]) -> [(name: String, value: JSONValue)] {
        [
            ("id", .string(alert.id.rawValue)),
            ("level", .string(alert.level.rawValue)),
            ("node", JSONValue(alert.node)),
            ("message", .string(alert.message)),
            ("value", JSONValue(alert.value)),
            ("remedy", JSONValue(alert.remedy)),
            ("commands", JSONValue(commands)),
            ("since", .string(alert.since.iso8601)),
            ("evidence", JSONValue(alert.evidence)), ("culprit", culprit(alert.culprit)),
        ]
    }

    private static func culprit(_ culprit: Culprit?) -> JSONValue {
        guard let culprit else { return .null }
        return .object([
            ("kind", .string(culprit.kind.rawValue)), ("name", .string(culprit.name)),
            ("part", JSONValue(culprit.part?.value)), ("part_low", JSONValue(culprit.part?.low)),
            ("part_high", JSONValue(culprit.part?.high)), ("words", .string(culprit.words)),
        ])
    }
}
