public import RedisValues

/// What is said first on a new connection, and what the answers mean.
struct Handshake {
    let endpoint: Endpoint
    let courtesies: [Courtesy]

    init(endpoint: Endpoint, courtesies: [Courtesy]) {
        self.endpoint = endpoint
        self.courtesies = courtesies
    }

    struct Outcome: Equatable {
        var refusal: Refusal?
        var warnings: [String] = []
        /// What the server says of itself; nil where it does not say.
        var server: ServerInfo.Server?
    }

    private enum Step { case authenticate, select, version, optional(Courtesy) }

    /// All but ``Courtesy/noTouch``, which some servers do not survive.
    ///
    /// - Parameter denied: what this user may not do or the server does not know; left out.
    func commands(without denied: DeniedCommands) -> [Command] { steps(without: denied).map(command) }

    func digest(_ replies: [RESPValue], denied: inout DeniedCommands) -> Outcome {
        var outcome = Outcome()
        for (step, reply) in zip(steps(without: denied), replies) {
            if case .version = step { outcome.server = (try? reply.bytes).map { InfoParser.parse($0).server } }
            guard case .error(let answer) = reply else { continue }
            let words = withoutSecrets(answer)
            switch step {
            case .version: denied.note("INFO", error: words)
            case .authenticate: authenticationFailed(words, &outcome)
            case .select: outcome.refusal = outcome.refusal ?? selectionFailed(words)
            case .optional(let courtesy):
                let refusal = Refusal(reply: words)
                switch refusal?.kind {
                case .noPermission, nil: denied.note(courtesy.commandName, error: words)
                case .loading, .primaryDown, .busy: break
                default: outcome.refusal = outcome.refusal ?? refusal
                }
            }
        }
        return outcome
    }

    private func steps(without denied: DeniedCommands) -> [Step] {
        // A user without a password is somebody, too: who is let in with any.
        var steps: [Step] = endpoint.password == nil && endpoint.username == nil ? [] : [.authenticate]
        if endpoint.database > 0 { steps.append(.select) }
        let allowed = courtesies.filter { !denied.contains($0.commandName) }
        steps += allowed.filter { $0 != .noTouch }.map { .optional($0) }
        return allowed.contains(.noTouch) && !denied.contains("INFO") ? steps + [.version] : steps
    }

    private func command(_ step: Step) -> Command {
        switch step {
        case .authenticate:
            let password = endpoint.password?.reveal() ?? ""
            return endpoint.username.map { Command("AUTH", $0, password) } ?? Command("AUTH", password)
        case .select: return Command("SELECT", String(endpoint.database))
        case .version: return Command("INFO", "server")
        case .optional(let courtesy): return courtesy.command
        }
    }

    private func authenticationFailed(_ words: [UInt8], _ outcome: inout Outcome) {
        let text = Printable.escape(words)
        if text.contains("without any password configured") {
            outcome.warnings.append("a password was given, but the server asks for none")
            return
        }
        var refusal = Refusal(reply: words) ?? Refusal(.wrongPassword, detail: text)
        // Its name is not repeated: it may be a password that lacks its colon.
        if endpoint.password == nil {
            refusal.detail = "a user was given, and no password (redis://user:password@host): \(refusal.detail)"
        }
        outcome.refusal = refusal
    }

    /// `ERR unknown command 'AUTH', with args beginning with: …` repeats the password, or as much of it as fits.
    private func withoutSecrets(_ words: [UInt8]) -> [UInt8] {
        let repeated = Array(", with args beginning with".utf8)
        let end = words.indices.first { words[$0...].starts(with: repeated) } ?? words.endIndex
        let heard = Array(words[..<end])
        return endpoint.password?.masked(in: heard) ?? heard
    }

    private func selectionFailed(_ words: [UInt8]) -> Refusal {
        let refusal = Refusal(reply: words)
        let detail = "\(Refusal.selecting)\(endpoint.database): \(Printable.escape(words))"
        return Refusal(refusal?.kind ?? .noSuchDatabase, detail: detail)
    }
}

extension Refusal {
    fileprivate static let selecting = "database "

    /// True where the server does not have the database, or does not let this user into it.
    public var isOfDatabase: Bool {
        kind == .noSuchDatabase || kind == .noPermission && detail.hasPrefix(Self.selecting)
    }
}
