internal import CacheCore
internal import CacheModel
internal import CacheWire

extension RevocationLedger {
    /// What the answers say.
    ///
    /// - Parameter replies: to `EXISTS`, one for each entry; nil for one that was not asked, or got no answer.
    static func verdict(on entries: [Entry], _ replies: [RESPValue?], at now: WallTime) -> RevocationCheck {
        var (lost, unanswered): ([String], [String]) = ([], [])
        for (entry, reply) in zip(entries, replies) {
            let id = Printable.escape(entry.token.id, limit: 80)
            switch reply {
            case .integer(0):
                // One that is about to expire may be gone a little early by our clock.
                if entry.until.milliseconds - now.milliseconds > 2000 { lost.append(id) }
            case .integer(1...): break
            default: unanswered.append(id)
            }
        }
        return RevocationCheck(watched: entries.count, lost: lost, unanswered: unanswered)
    }

    /// Asks for all of them, in one pipeline a node: one that fails takes no answer from the others.
    ///
    /// - Parameter reachable: names of nodes; what others hold is not asked for.
    func check(by router: Router, on reachable: Set<String>) async -> RevocationCheck {
        let entries = entries(at: .now)
        var due: [(index: Int, line: Line)] = []
        for (index, entry) in entries.enumerated() {
            guard let node = try? await router.deployment.holder(of: entry.key), reachable.contains(node.name) else {
                continue
            }
            let line = node.line(.poll)
            if !(await line.denied.contains(.exists)) { due.append((index, line)) }
        }
        var replies = [RESPValue?](repeating: nil, count: entries.count)
        let answer = await router.ask(due.map { KeyedCommand("EXISTS", entries[$0.index].key) })
        for ((index, line), result) in zip(due, answer.results) {
            guard case .success(let reply) = result else { continue }
            replies[index] = reply
            switch reply {
            case .integer(let count): line.caused(hits: count > 0 ? 1 : 0, misses: count > 0 ? 0 : 1)
            case .error(let words): await line.note(.exists, error: words)
            default: break
            }
        }
        return Self.verdict(on: entries, replies, at: .now)
    }
}
