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
                    until: entry.until)
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
    /// - Parameter replies: to `EXISTS`, one for each key of each; nil for one that was not asked, or got no answer.
    static func verdict(on watched: [Watched], _ replies: [RESPValue?], at now: WallTime) -> RevocationCheck {
        var (lost, unanswered): ([String], [String]) = ([], [])
        var rest = replies[...]
        for revocation in watched {
            let part = rest.prefix(revocation.keys.count)
            rest = rest.dropFirst(revocation.keys.count)
            // One that is about to expire may be gone a little early by our clock.
            let isDue = revocation.until.milliseconds - now.milliseconds > 2000
            let isKnown = part.allSatisfy { reply in
                if case .integer(0...) = reply { true } else { false }
            }
            let isGone = isDue && part.contains(.integer(0))
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
        let watched = watched(at: .now, on: here)
        let keys = watched.flatMap(\.keys)
        var due: [(index: Int, line: Line)] = []
        for (index, key) in keys.enumerated() {
            guard let node = try? await router.deployment.holder(of: key), reachable.contains(node.name) else {
                continue
            }
            let line = node.line(.poll)
            if !(await line.denied().contains(.exists)) { due.append((index, line)) }
        }
        var replies = [RESPValue?](repeating: nil, count: keys.count)
        let answer = await router.ask(due.map { KeyedCommand("EXISTS", keys[$0.index]) })
        for ((index, line), result) in zip(due, answer.results) {
            guard case .success(let reply) = result else { continue }
            replies[index] = reply
            switch reply {
            case .integer(let count): line.caused(hits: count > 0 ? 1 : 0, misses: count > 0 ? 0 : 1)
            case .error(let words): await line.note(.exists, error: words)
            default: break
            }
        }
        return Self.verdict(on: watched, replies, at: .now)
    }
}
