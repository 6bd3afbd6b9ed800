internal import CacheCore
internal import CacheModel
internal import CacheWire

extension RevocationLedger {
    /// A revocation with the keys that are to be there.
    struct Watched: Sendable {
        /// Escaped.
        var name: String
        var keys: [[UInt8]]
        var until: WallTime
        /// What the key of a cut-off is to say at least; nil for a token.
        var since: WallTime?
        /// False where nobody knows whether it was revoked on these servers: what is not there may never have been.
        var isMeantHere = true
    }

    /// Tokens, and users who were cut off; what is another deployment's is left out.
    func watched(at now: WallTime, on here: DeploymentIdentity) -> [Watched] {
        let tokens = entries(at: now).map { entry in
            (
                entry.place,
                Watched(name: Printable.escape(entry.token.id, limit: 80), keys: entry.keys, until: entry.until)
            )
        }
        let users = cutOffs(at: now).map { entry in
            (
                entry.place,
                Watched(
                    name: "user \(Printable.escape(entry.cutOff.user, limit: 80))", keys: [entry.key],
                    until: entry.until, since: entry.cutOff.since)
            )
        }
        return (tokens + users).compactMap { place, watched -> Watched? in
            let verdict = here.isMeant(by: place)
            guard verdict != .another else { return nil }
            var watched = watched
            watched.isMeantHere = verdict == .same
            return watched
        }
    }

    /// What the answers say: a revocation is lost with one of its keys, where it was ever there.
    ///
    /// - Parameter replies: as of ``standing(_:since:)``, one for each key of each; nil for one that was not asked, or got
    ///   no answer.
    static func verdict(on watched: [Watched], _ replies: [RESPValue?], at now: WallTime) -> RevocationCheck {
        var (lost, unanswered): ([String], [String]) = ([], [])
        var rest = replies[...]
        for revocation in watched {
            let part = rest.prefix(revocation.keys.count)
            rest = rest.dropFirst(revocation.keys.count)
            // One that is about to expire may be gone a little early by our clock.
            let isDue = revocation.until - now > .seconds(2)
            let standings = part.map { standing($0, since: revocation.since) }
            let isKnown = !standings.contains(.unknown)
            let isGone = isDue && standings.contains(.gone)
            if isGone, revocation.isMeantHere {
                lost.append(revocation.name)
            } else if isGone || !isKnown {
                unanswered.append(revocation.name)
            }
        }
        return RevocationCheck(watched: watched.count, lost: lost, unanswered: unanswered)
    }

    /// Asks for all of them, in one pipeline a node: one that fails takes no answer from the others.
    ///
    /// - Parameters:
    ///   - reachable: names of nodes; what others hold is not asked for.
    ///   - here: who they are.
    func check(
        by router: Router, on reachable: Set<String>, of here: DeploymentIdentity
    ) async -> RevocationCheck {
        do throws(CacheError) { try requireReadable() } catch { return RevocationCheck(problem: error.description) }
        let watched = watched(at: .now, on: here)
        let asked = watched.flatMap { revocation in revocation.keys.map { (key: $0, since: revocation.since) } }
        var (values, counts): ([Asked], [Asked]) = ([], [])
        var lines: [Line] = []
        for (index, item) in asked.enumerated() {
            guard let node = try? await router.deployment.holder(of: item.key), reachable.contains(node.name) else {
                continue
            }
            let due = Asked(index: index, key: item.key, line: node.line(.poll))
            let denied = await due.line.denied()
            if !lines.contains(where: { $0 === due.line }) { lines.append(due.line) }
            if item.since != nil, !denied.contains(Self.readingName) {
                values.append(due)
            } else if !denied.contains(.exists) {
                counts.append(due)
            }
        }
        var replies = [RESPValue?](repeating: nil, count: asked.count)
        let answer = await router.ask(values.map { Self.reading($0.key) } + counts.map(\.existence))
        var refused: [Asked] = []
        for (due, result) in zip(values, answer.results) {
            guard case .success(let reply) = result else { continue }
            replies[due.index] = reply
            switch reply {
            case .string(let value): due.line.caused(hits: value.isEmpty ? 0 : 1, misses: value.isEmpty ? 1 : 0)
            case .error(let words):
                await due.line.note(Self.readingName, error: words)
                // Whether it is there may be asked all the same.
                let denied = await due.line.denied()
                if denied.contains(Self.readingName), !denied.contains(.exists) { refused.append(due) }
            default: break
            }
        }
        await note(answer.results.dropFirst(values.count), to: counts, in: &replies)
        if !refused.isEmpty { await note(router.ask(refused.map(\.existence)).results[...], to: refused, in: &replies) }
        var check = Self.verdict(on: watched, replies, at: .now)
        if check.unanswered != nil { check.refused = await Self.refusal(of: lines) }
        return check
    }

    /// Why nodes do not tell whether a key is there; nil where none refuses it.
    private static func refusal(of lines: [Line]) async -> String? {
        for line in lines {
            if let denied = await line.denied().entry(Question.exists.name) { return Unanswered(denied).sentence }
        }
        return nil
    }

    /// A key that a node is asked for, by its place among all of them.
    private struct Asked {
        var index: Int
        var key: [UInt8]
        var line: Line
        var existence: KeyedCommand { KeyedCommand("EXISTS", key) }
    }

    private func note(
        _ results: ArraySlice<Result<RESPValue, CacheError>>, to asked: [Asked], in replies: inout [RESPValue?]
    ) async {
        for (due, result) in zip(asked, results) {
            guard case .success(let reply) = result else { continue }
            replies[due.index] = reply
            switch reply {
            case .integer(let count): due.line.caused(hits: count > 0 ? 1 : 0, misses: count > 0 ? 0 : 1)
            case .error(let words): await due.line.note(.exists, error: words)
            default: break
            }
        }
    }
}
