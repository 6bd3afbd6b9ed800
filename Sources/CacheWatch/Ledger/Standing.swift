internal import CacheCore
internal import CacheModel
internal import CacheWire

extension RevocationLedger {
    /// What has to be known of cut-offs: what stands there, and for whoever may not read it whether anything does.
    static func questions(about entries: [CutOffEntry]) -> [KeyedCommand] {
        entries.flatMap { [reading($0.key), KeyedCommand("EXISTS", $0.key)] }
    }

    static let readingName = "GETRANGE"

    /// Of a cut-off's value: more than it can have, and not more of whatever else stands there.
    static func reading(_ key: [UInt8]) -> KeyedCommand {
        KeyedCommand(key, Command([Array(readingName.utf8), key, Array("0".utf8), Array("15".utf8)]))
    }

    /// Whether a revocation stands in the server.
    enum Standing: Equatable { case holds, gone, unknown }

    /// - Parameters:
    ///   - reply: to `EXISTS`, or to ``reading(_:)`` of a cut-off.
    ///   - since: what a cut-off is to say at least; one that says less, or what nobody can read, lets tokens in.
    static func standing(_ reply: RESPValue?, since: WallTime? = nil) -> Standing {
        switch reply {
        case .integer(0): return .gone
        case .integer(1...): return .holds
        case .string(let value)? where since != nil:
            let found = CutOff(user: "", value: value).map(\.since)
            return found.map { $0 >= since ?? $0 } ?? false ? .holds : .gone
        case .error(let words)? where since != nil && words.starts(with: Array("WRONGTYPE".utf8)): return .gone
        default: return .unknown
        }
    }

    /// The keys of cut-offs that a server does not have, or that cut nobody off up to their instant any more.
    ///
    /// - Parameter replies: to ``questions(about:)``.
    /// - Throws: ``CacheError`` for replies that do not say it.
    static func lost(among entries: [CutOffEntry], _ replies: [RESPValue]) throws(CacheError) -> Set<[UInt8]> {
        var lost: Set<[UInt8]> = []
        for (index, entry) in entries.enumerated() {
            let (value, count) = (replies[2 * index], replies[2 * index + 1])
            var standing = standing(value, since: entry.cutOff.since)
            if standing == .unknown {
                if let error = value.cacheError, !error.refusal.kind.deniesCommand { throw error }
                standing = try Self.lost(among: [entry.key], [count]).isEmpty ? .holds : .gone
            }
            if standing == .gone { lost.insert(entry.key) }
        }
        return lost
    }

    /// The keys that a server does not have.
    ///
    /// - Parameter replies: to `EXISTS`, one for each key.
    /// - Throws: ``CacheError`` for a reply that does not say whether the key is there.
    static func lost(among keys: [[UInt8]], _ replies: [RESPValue]) throws(CacheError) -> Set<[UInt8]> {
        var lost: Set<[UInt8]> = []
        for (key, reply) in zip(keys, replies) {
            let count = try reply.reading { reply throws(RESPShapeError) in try reply.count }
            if count == 0 { lost.insert(key) }
        }
        return lost
    }
}
