internal import CacheCore
internal import CacheWire
internal import CacheModel

/// What is to be listed in index sets, and until when: a set lives as long as the longest of its members.
struct IndexSets: Sendable {
    struct Entry: Sendable {
        let set: [UInt8]
        var members: [[UInt8]]
        /// Milliseconds since 1970.
        var until: Int64
        /// As `PTTL` told it before.
        let lifetime: Int64
    }

    /// Each set once.
    private(set) var entries: [Entry] = []
    private var places: [[UInt8]: Int] = [:]

    mutating func add(_ member: [UInt8], to set: [UInt8], until: Int64, lifetime: Int64) {
        guard let place = places[set] else {
            places[set] = entries.count
            entries.append(Entry(set: set, members: [member], until: until, lifetime: lifetime))
            return
        }
        entries[place].members.append(member)
        entries[place].until = max(entries[place].until, until)
    }

    /// By number of the entry.
    func commands(at now: Int64) -> [(entry: Int, command: KeyedCommand)] {
        entries.enumerated().flatMap { index, entry in
            entry.members.parts(of: IndexScript.mostMembers).map { members in
                let front = [
                    Array("EVAL".utf8), Array(IndexScript.source.utf8), Array("1".utf8), entry.set, entry.left(at: now),
                ]
                return (index, KeyedCommand(entry.set, Command(front + members)))
            }
        }
    }

    /// The same for a user who may not run scripts; what others do meanwhile is not seen.
    func plainCommands(of chosen: [Int], at now: Int64) -> [(entry: Int, command: KeyedCommand)] {
        chosen.flatMap { index in
            let entry = entries[index]
            var commands = entry.members.parts(of: IndexScript.mostMembers).map { members in
                KeyedCommand(entry.set, Command([Array("SADD".utf8), entry.set] + members))
            }
            if entry.lifetime == -2 || (entry.lifetime >= 0 && entry.lifetime < entry.until - now) {
                commands.append(
                    KeyedCommand(entry.set, Command([Array("PEXPIRE".utf8), entry.set, entry.left(at: now)])))
            }
            return commands.map { (index, $0) }
        }
    }

    /// What went wrong with a set, for the orders that are listed in it.
    struct Complaints: Sendable {
        private var words: [[UInt8]: String] = [:]
        /// Entries whose script may not run.
        private(set) var denied: [Int] = []

        mutating func note(_ result: Result<RESPValue, CacheError>, of index: Int, _ sets: IndexSets) {
            let error: CacheError
            switch result {
            case .success(let reply):
                guard let failure = reply.cacheError else { return }
                error = failure
                if error.refusal.kind.deniesCommand, !denied.contains(index) { denied.append(index) }
            case .failure(let failure): error = failure
            }
            words[sets.entries[index].set] = error.description
        }

        func first(of sets: [[UInt8]]) -> String? { sets.lazy.compactMap { words[$0] }.first }
    }
}

extension IndexSets.Entry {
    fileprivate func left(at now: Int64) -> [UInt8] { Array(String(max(1, until - now)).utf8) }
}
