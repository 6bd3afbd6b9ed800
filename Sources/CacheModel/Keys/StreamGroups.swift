internal import RedisValues

/// Who reads a stream, as `XINFO` tells.
public enum StreamGroups: Equatable, Sendable {
    /// - all: how many there are; not all of them may be here.
    case known([StreamGroup], all: Int)
    /// Why nobody knows.
    case unknown(String)
}

/// A group of consumers.
public struct StreamGroup: Equatable, Sendable {
    public struct Consumer: Equatable, Sendable {
        public var name: [UInt8]
        /// Entries that it has got and not acknowledged.
        public var pending: Int?
        /// Since it last tried to read.
        public var idle: Duration?

        public init(name: [UInt8], pending: Int? = nil, idle: Duration? = nil) {
            (self.name, self.pending, self.idle) = (name, pending, idle)
        }
    }

    public var name: [UInt8]
    public var consumers: Int?
    /// Entries that were delivered and not acknowledged.
    public var pending: Int?
    /// Entries that were not delivered yet. Added in Redis 7.0; nil also where the server cannot tell.
    public var lag: Int?
    public var lastDelivered: [UInt8]?
    /// nil where nobody has asked, and where that was refused.
    public var members: [Consumer]?
    /// Why ``members`` are not known.
    public var doubt: String?

    public init(name: [UInt8]) { self.name = name }
}

extension StreamGroups {
    /// A line a group, and one a consumer below it, with two blanks in front.
    public var words: [String] {
        switch self {
        case .unknown(let reason): return ["groups not known: \(reason)"]
        case .known([], _): return ["no groups"]
        case .known(let groups, let all):
            let rest = all - groups.count
            return groups.flatMap(\.words) + (rest > 0 ? ["\(Format.count(rest, "more group"))"] : [])
        }
    }
}

extension StreamGroup {
    fileprivate var words: [String] {
        let figures = [
            "group \(Self.shown(name))", "pending \(Format.count(pending))",
            "consumers \(Format.count(consumers))", "not delivered \(Format.count(lag))",
            lastDelivered.map { "last \(Printable.escape($0, limit: 60))" },
        ].compactMap { $0 }
        let below =
            members?.map { member in
                "  \(Self.shown(member.name)), pending \(Format.count(member.pending))"
                    + ", idle \(member.idle.map(Format.age) ?? Format.unknown)"
            } ?? doubt.map { ["  consumers not known: \($0)"] } ?? []
        return [figures.joined(separator: ", ")] + below
    }

    /// Whoever names a consumer after a token has shown it to nobody.
    private static func shown(_ name: [UInt8]) -> String { Printable.name(TokenRanges.masked(name), limit: 60) }
}
