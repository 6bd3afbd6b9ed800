public import CacheModel

/// Connections that are to be closed, or were, for programs.
public enum KillReport {
    public static func json(_ plan: KillPlan) -> String {
        document([
            ("selection", .string(plan.selection.name)), ("connections", .integer(plan.members.count)),
            ("members", .array(plan.members.map(item))),
            (
                "exempt",
                .array(
                    plan.exempt.map { one in
                        guard case .object(let fields) = item(one) else { return .null }
                        return .object(fields + [("party", .string(ClientParty(of: one.entry).rawValue))])
                    })
            ),
            (
                "unseen",
                .array(plan.unseen.map { .object([("node", .string($0.node)), ("why", .string($0.why.reason))]) })
            ),
        ])
    }

    public static func json(_ receipt: KillReceipt, of plan: KillPlan) -> String {
        document([
            ("selection", .string(plan.selection.name)), ("planned", .integer(receipt.planned)),
            ("killed", .integer(receipt.killed)), ("gone", .integer(receipt.gone)),
            ("unanswered", .integer(receipt.unanswered)),
            ("back", JSONValue(receipt.back)),
            ("back_within_ms", JSONValue(receipt.backWithin.map(\.wholeMilliseconds).map { Int($0) })),
            ("failure", JSONValue(receipt.failure)), ("words", JSONValue(receipt.words)),
        ])
    }

    private static func item(_ member: ClientMember) -> JSONValue {
        .object([
            ("node", .string(member.node)), ("id", .integer(member.entry.id)),
            ("address", .string(member.entry.address)), ("name", .string(member.entry.name)),
        ])
    }

    private static func document(_ fields: [(name: String, value: JSONValue)]) -> String {
        JSONValue.object([("schema", .integer(1))] + fields).text + "\n"
    }
}
