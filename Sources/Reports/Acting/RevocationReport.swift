public import CacheModel

/// What has come of revoking and of taking back, for programs; what it is worth stands in `notes`, as people read it.
public enum RevocationReport {
    /// - Parameter invocation: for the commands that notes name.
    public static func json(_ results: [RevocationResult], _ invocation: Invocation) -> String {
        document([
            ("held", .integer(results.count(where: \.holds))), ("total", .integer(results.count)),
            ("tokens", .array(results.map(item))),
            ("notes", notes(RevocationWords.notes(results, cutOff: invocation.cutOff))),
        ])
    }

    public static func json(_ result: CutOffResult) -> String {
        let cutOff: [(name: String, value: JSONValue)] = [
            ("user_id", .string(result.cutOff.user)), ("since", .integer(Int(result.cutOff.since.seconds))),
            ("key", .string(result.key)), ("holds", .boolean(result.holds)), ("state", .string(state(result.state))),
            ("ttl_ms", milliseconds(result.lifetime)), ("replicas", .integer(result.replicas)),
            ("replicas_acknowledged", JSONValue(result.acknowledged)), ("words", .string(result.words)),
        ]
        return document([
            ("held", .integer(result.holds ? 1 : 0)), ("total", .integer(1)), ("cut_off", .object(cutOff)),
            ("notes", notes(RevocationWords.notes(result))),
        ])
    }

    /// - Parameter id: of the token that was taken off.
    public static func json(unrevoked id: String, _ done: Readmission, _ invocation: Invocation) -> String {
        let cutOff = done.barrier.cutOff.map { cutOff in
            JSONValue.object([
                ("user_id", .string(cutOff.user)), ("since", .integer(Int(cutOff.since.seconds))),
            ])
        }
        return document([
            ("token_id", .string(id)), ("removed", JSONValue(done.keys)),
            ("still_refused", .string(done.barrier.name)), ("cut_off", cutOff ?? .null),
            ("notes", notes(done.barrier.notes(letIn: invocation.letIn))),
        ])
    }

    /// - Parameter key: the one that was removed, escaped; nil for a user who was not cut off.
    public static func json(unrevokedUser user: String, key: String?) -> String {
        document([("user_id", .string(user)), ("removed", JSONValue([key].compactMap { $0 }))])
    }

    private static func item(_ result: RevocationResult) -> JSONValue {
        .object([
            ("token_id", .string(result.token.id)), ("user_id", JSONValue(result.token.user)),
            ("holds", .boolean(result.holds)), ("state", .string(state(result.state))),
            ("layouts", JSONValue(result.layouts.map(\.prefix))), ("keys", JSONValue(result.keys)),
            ("ttl_ms", milliseconds(result.lifetime)), ("replicas", .integer(result.replicas)),
            ("replicas_acknowledged", JSONValue(result.acknowledged)), ("words", .string(result.words)),
        ])
    }

    private static func state(_ state: RevocationResult.State) -> String {
        switch state {
        case .written: "written"
        case .alreadyRevoked: "already_revoked"
        case .failed: "failed"
        }
    }

    private static func state(_ state: CutOffResult.State) -> String {
        switch state {
        case .written: "written"
        case .unchanged: "unchanged"
        case .failed: "failed"
        }
    }

    private static func milliseconds(_ duration: Duration?) -> JSONValue {
        JSONValue(duration.map { Int($0.wholeMilliseconds) })
    }

    private static func notes(_ lines: [String]) -> JSONValue {
        JSONValue(lines.map { String($0.drop { $0 == " " }) })
    }

    private static func document(_ members: [(name: String, value: JSONValue)]) -> String {
        JSONValue.object([("schema", .integer(1))] + members).text
    }
}
