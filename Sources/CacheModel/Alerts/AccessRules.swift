internal import RedisValues

extension RuleInput {
    /// Whether the errors of this poll are those since the poll before.
    var knowsErrors: Bool {
        node.rates.map { !$0.errors.isEmpty || $0.errorReplies != nil || $0.connections != nil } ?? false
    }
}

extension AlertRule {
    static let unreachable = AlertRule(id: .unreachable) { input in
        guard let refusal = input.node.refusal, input.memory.failures >= (input.immediate ? 1 : 2) else { return nil }
        let detail = refusal.detail.isEmpty ? "" : " (\(refusal.detail))"
        // It answers: nothing is known of it, neither good nor bad.
        if refusal.kind.concernsCommand {
            return Finding(.info, "Health not known: \(refusal.reason)\(detail)", remedy: [refusal.remedy])
        }
        return Finding(.critical, "Unreachable: \(refusal.reason)\(detail)", remedy: [refusal.remedy])
    }

    static let accessDenied = AlertRule(
        id: .accessDenied, clearFactor: 3, knows: { $0.knowsErrors }
    ) { input in
        let errors = input.node.rates?.errors ?? [:]
        let watched = ["WRONGPASS", "NOPERM", "NOAUTH"].filter { (errors[$0] ?? 0) > 0 }
        guard !watched.isEmpty else { return nil }
        let words = watched.map { "\($0) \(Format.rate(errors[$0]))/s" }.joined(separator: ", ")
        return Finding(
            .warning, "Access denied: \(words)", value: watched.reduce(0) { $0 + (errors[$1] ?? 0) },
            remedy: [
                "ACL LOG names the client and the command", "Check the passwords of servers that were just deployed",
            ])
    }

    static let noPassword = AlertRule(id: .noPassword, knows: { $0.node.defaultUserOpen != nil }) { input in
        guard input.node.defaultUserOpen == true else { return nil }
        let remedy = ["Set `requirepass` or ACL users", "Bind Redis to localhost or a private network"]
        let local = ["/", "127.", "localhost:", "[::1]:"].contains { input.node.address.hasPrefix($0) }
        return Finding(local ? .info : .warning, "The default user needs no password", remedy: remedy)
    }
}
