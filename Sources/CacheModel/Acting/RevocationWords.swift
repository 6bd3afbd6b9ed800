internal import RedisValues

/// What has come of revocations, and what they are worth, in lines for people.
public enum RevocationWords {
    /// `12 of 12 hold`.
    public static func head(_ results: [RevocationResult]) -> String {
        let held = results.count(where: \.holds)
        return "\(Format.count(held)) of \(Format.count(results.count)) \(held == 1 ? "holds" : "hold")"
    }

    /// All of it in one line, the most important first.
    public static func line(_ results: [RevocationResult], _ cutOffs: [CutOffResult] = []) -> String {
        let risks = (results.filter(\.holds).map(\.risk) + cutOffs.filter(\.holds).map(\.risk))
        var parts: [String] = []
        switch results.count {
        case 0: break
        case 1: parts.append(results[0].words)
        default:
            let held = results.count(where: \.holds)
            parts.append(
                "\(Format.count(held)) of \(Format.count(results.count, "token")) \(held == 1 ? "holds" : "hold")")
        }
        if case .now = EvictionRisk.worst(of: risks), let words = EvictionRisk.worst(of: risks).words {
            parts.append(words)
        }
        return (parts + cutOffs.map(\.words)).joined(separator: "; ")
    }

    /// What keeps a key in the server from keeping a token out.
    ///
    /// - Parameter cutOff: the command that cuts a user off.
    public static func notes(_ results: [RevocationResult], cutOff: (String) -> String) -> [String] {
        let held = results.filter(\.holds)
        guard !held.isEmpty else { return [] }
        var lines = [EvictionRisk.worst(of: held.map(\.risk)).words].compactMap { $0 } + [barrier]
        let users = renewable(held.map(\.token))
        if !users.isEmpty {
            lines.append(renewal)
            lines += users.prefix(3).map { "  " + cutOff($0) }
            if users.count > 3 { lines.append("  and so for \(Format.count(users.count - 3)) more users") }
        }
        return lines
    }

    public static func notes(_ result: CutOffResult) -> [String] {
        result.holds ? [result.doubt, result.risk.words].compactMap { $0 } + [barrier] : []
    }

    /// What a list of the blacklist is worth: whether all is there that should be, and whether it will stay.
    public static func notes(_ list: RevokedList) -> [String] {
        let obstacle = list.obstacle.map { "not all could be looked at: \($0.reason), \($0.detail)" }
        let check = list.check.map { words(of: $0) }
        let risk = list.count > 0 ? list.risk.words : nil
        return [obstacle, check, risk, list.count > 0 ? barrier : nil].compactMap { $0 }
    }

    /// `11 of 12 that were revoked from here hold; lost: 7f3c`.
    public static func words(of check: RevocationCheck) -> String {
        if let problem = check.problem { return "how many that were revoked from here hold is not known: \(problem)" }
        let held = max(0, check.watched -| check.lost.count -| (check.unanswered?.count ?? 0))
        let names = check.lost.prefix(3).joined(separator: ", ")
        let more = check.lost.count > 3 ? " and \(Format.count(check.lost.count - 3)) more" : ""
        let head =
            "\(Format.count(held)) of \(Format.count(check.watched)) that were revoked from here "
            + (held == 1 ? "holds" : "hold")
        return [head, check.lost.isEmpty ? nil : "lost: \(names)\(more)", check.unansweredWords].compactMap { $0 }
            .joined(separator: "; ")
    }

    public static let barrier =
        "A key stops a token only where the servers ask for it; the platform's public code does not."
    public static let renewal =
        "Whoever holds the refresh token gets a new access token. This cuts the user off, refresh tokens included:"

    /// Whose tokens are access tokens, each once: what gets them a new one is not revoked with them.
    public static func renewable(_ tokens: [RevokedToken]) -> [String] {
        var seen: Set<String> = []
        return tokens.filter { $0.type == "access" }.compactMap(\.user).filter { seen.insert($0).inserted }
    }

    public static func plan(_ request: CutOffRequest, key: String, target: String, at now: WallTime) -> [String] {
        var until = "now"
        var doubt: String?
        if case .time(let time) = request.since {
            until = "\(CutOff.words(time)), \(Format.age(now - time)) ago"
            doubt = CutOff(user: request.user, since: time).doubt(at: now)
        }
        return [
            "cut off user \(Printable.escape(request.user, limit: 400)) on \(target)",
            "  every token issued until \(until), refresh tokens included: whoever uses one has to log in again",
            "  \(key) for \(Format.duration(CutOff.lifetime)); a later instant or a longer time that stands there stays",
            "  \(barrier)",
        ] + [doubt].compactMap { $0.map { "  \($0)" } }
    }
}
