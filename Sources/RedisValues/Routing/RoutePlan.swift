/// What to do after a command was answered or has failed: a table, and the only place that reads redirections.
///
/// An error about routing says that nothing was executed, so writes may be sent again as well. A write whose answer was
/// lost may have been executed, and is never sent twice.
package struct RoutePlan: Equatable, Sendable {
    /// Whom to ask next.
    package enum Place: Equatable, Sendable {
        case same
        /// By the name that the one who was asked has announced: see ``NodeName/announced(by:)``.
        case node(NodeName)
        /// Who holds the key, by the map.
        case owner
        /// Who takes writes now, instead of the one who was asked.
        case primary
    }

    package enum Step: Equatable, Sendable {
        /// The reply is what was asked for, or an error that concerns the command or the user.
        case done
        /// - Parameter asking: with ASKING in front of it, in the same write.
        case again(at: Place, asking: Bool = false, after: Duration)
        /// Nothing was executed, or nothing that changes anything.
        case refused(Refusal)
        /// A write was sent, and nobody knows whether it was executed.
        case unknown(Refusal)
    }

    /// A command that was sent, or should have been.
    package struct Attempt: Equatable, Sendable {
        /// How often it was sent before.
        package var number: Int
        package let writes: Bool
        /// Whether keys lie on several nodes, and go from one to another.
        package let movesKeys: Bool
        /// How often it may be sent at most.
        package let tries: Int

        package init(number: Int = 0, writes: Bool, movesKeys: Bool, tries: Int = RoutePlan.tries) {
            self.number = number
            self.writes = writes
            self.movesKeys = movesKeys
            self.tries = tries
        }

        fileprivate var mayRepeat: Bool { number + 1 < tries }
        /// Whoever is sent elsewhere goes there at once, the first time.
        fileprivate var pause: Duration { number == 0 ? .zero : RoutePlan.pause }
        fileprivate var holder: Place { movesKeys ? .owner : .primary }
    }

    package let step: Step
    /// Whether who holds what, and who is primary, is to be found out anew before anything else is sent.
    package let asksForMap: Bool

    /// How often a command is sent where nothing else is said; a slot is handed over in less than that.
    package static let tries = 20
    package static let pause = Duration.milliseconds(50)

    private init(_ step: Step, asksForMap: Bool = false) {
        self.step = step
        self.asksForMap = asksForMap
    }

    // MARK: after a reply

    package init(after reply: RESPValue, to attempt: Attempt) {
        if case .error(let words) = reply {
            self.init(afterError: words[...], to: attempt)
        } else {
            self.init(.done)
        }
    }

    /// - Parameter words: of an error reply, without the sign in front.
    package init(afterError words: ArraySlice<UInt8>, to attempt: Attempt) {
        func refused(_ kind: Refusal.Kind) -> Step {
            .refused(Refusal(kind, detail: Printable.escape(words, limit: 200)))
        }
        switch Self.verdict(words: words, movesKeys: attempt.movesKeys) {
        case .answer: self.init(.done)
        case .alone: self.init(refused(.clusterNode))
        case .elsewhere where !attempt.mayRepeat: self.init(refused(.slotsMoving))
        case .later(let kind) where !attempt.mayRepeat: self.init(refused(kind))
        case .readOnly where !attempt.mayRepeat: self.init(refused(.readOnly))
        case .elsewhere(.moved(_, let node)):
            self.init(.again(at: node.map { .node($0) } ?? .owner, after: attempt.pause), asksForMap: true)
        case .elsewhere(.ask(_, let node?)):
            self.init(.again(at: .node(node), asking: true, after: attempt.pause))
        case .elsewhere(.ask(_, nil)), .elsewhere(.tryAgain), .later(.busy):
            self.init(.again(at: .same, after: Self.pause))
        case .later: self.init(.again(at: attempt.holder, after: Self.pause), asksForMap: true)
        case .readOnly: self.init(.again(at: .primary, after: attempt.pause), asksForMap: true)
        }
    }

    /// What an error reply means for the way of a command.
    package enum Verdict: Equatable, Sendable {
        /// Nothing: it concerns the command or the user.
        case answer
        case elsewhere(Redirection)
        /// A redirection by a node that is watched alone.
        case alone
        /// The server cannot now, for the reason that this kind names.
        case later(Refusal.Kind)
        case readOnly

        /// True for keys that are to be looked for on another node.
        package var isElsewhere: Bool { if case .elsewhere = self { true } else { false } }
    }

    /// The question that pipelines ask of each of their errors: it makes no text unless the error is a redirection.
    package static func verdict(words: ArraySlice<UInt8>, movesKeys: Bool) -> Verdict {
        if let redirection = Redirection(words: words) { return movesKeys ? .elsewhere(redirection) : .alone }
        let code = words.prefix { $0 != UInt8(ascii: " ") }
        if code.elementsEqual("READONLY".utf8) { return .readOnly }
        return laterCodes.first { code.elementsEqual($0.code.utf8) }.map { .later($0.kind) } ?? .answer
    }

    package static func verdict(of reply: RESPValue, movesKeys: Bool) -> Verdict {
        guard case .error(let words) = reply else { return .answer }
        return verdict(words: words[...], movesKeys: movesKeys)
    }

    /// Source: `shared` errors in `server.c` of Redis 6.2 to 7.4; all are sent before anything is executed.
    private static let laterCodes: [(code: String, kind: Refusal.Kind)] = [
        ("LOADING", .loading), ("CLUSTERDOWN", .clusterDown), ("MASTERDOWN", .primaryDown), ("BUSY", .busy),
    ]

    // MARK: after a failure

    /// - Parameters:
    ///   - refusal: why there is no reply, or no connection.
    ///   - wasSent: whether any of the command may have left this machine.
    package init(afterFailure refusal: Refusal, wasSent: Bool, of attempt: Attempt) {
        let fault = refusal.kind.fault
        // Outside of a cluster nobody else has the key: once, on a new connection.
        let mayRepeat = attempt.mayRepeat && (attempt.movesKeys || attempt.number == 0)
        if wasSent, attempt.writes {
            self.init(.unknown(refusal), asksForMap: fault != .lasting)
        } else if fault == .passing, mayRepeat {
            self.init(.again(at: attempt.holder, after: attempt.pause), asksForMap: true)
        } else {
            self.init(.refused(refusal), asksForMap: fault != .lasting)
        }
    }
}

extension Refusal.Kind {
    fileprivate enum Fault {
        /// Known at once, and another attempt or another node may fare better.
        case passing
        /// It has taken the time that there was.
        case slow
        /// The same each time.
        case lasting
    }

    fileprivate var fault: Fault {
        switch self {
        case .refused, .closed, .noRoute, .tlsCutOff, .maxClients, .loading, .primaryDown, .readOnly, .clusterDown,
            .busy:
            .passing
        case .timedOut, .hung: .slow
        default: .lasting
        }
    }
}
