package import CacheWire
package import RedisValues

/// Which keys an operation concerns.
package enum KeyFilter: Sendable {
    /// By index into the classifier's rules.
    case namespace(Int, KeyClassifier)
    /// As `SCAN MATCH` has it.
    ///
    /// - sparing: whose protected keys are no part of it, whatever the pattern says; nil for none.
    case pattern(Glob, sparing: KeyClassifier? = nil)

    package enum Verdict: Equatable {
        case no
        /// The key goes on behind a prefix of so many bytes.
        case yes(prefix: Int)
        /// The key is a prefix, and nothing follows.
        case namesake
    }

    package func verdict(_ key: Span<UInt8>) -> Verdict {
        switch self {
        // The server has sorted them out already, but where keys of a slot are listed.
        case .pattern(let glob, let spared):
            guard glob.matches(key), spared?.protectsForAnyone(key) != true else { return .no }
            return .yes(prefix: 0)
        case .namespace(let index, let classifier):
            guard let match = classifier.classify(key), match.namespace == index else { return .no }
            let isNamesake = match.length == key.count && !KeyClassifier.isSeparator(key[key.count - 1])
            return isNamesake ? .namesake : .yes(prefix: match.length)
        }
    }

    /// What the server can sort out already; nil where it cannot.
    package var pattern: [UInt8]? {
        switch self {
        case .pattern(let glob, _): return glob.bytes == Array("*".utf8) ? nil : glob.bytes
        case .namespace(let index, let classifier):
            let prefixes = classifier.prefixes.filter { $0.namespace == index }
            guard prefixes.count == 1, !prefixes[0].afterSegment else { return nil }
            return Glob(prefix: prefixes[0].bytes).bytes
        }
    }

    /// The only name that matches a pattern; nil where there may be others.
    package static func literal(_ pattern: [UInt8]) -> [UInt8]? {
        var name: [UInt8] = []
        var isEscaped = false
        for byte in pattern {
            switch byte {
            case 0x5c where !isEscaped: isEscaped = true
            case UInt8(ascii: "*") where !isEscaped, UInt8(ascii: "?") where !isEscaped,
                UInt8(ascii: "[") where !isEscaped:
                return nil
            default:
                name.append(byte)
                isEscaped = false
            }
        }
        return isEscaped ? nil : name
    }
}

/// A walk over the keyspace that keeps the keys of a filter.
package struct MatchingScan: Sendable {
    package let filter: KeyFilter
    private let pattern: [UInt8]?
    private var cursor: [UInt8]?
    private var recent = RecentKeys()
    /// Tells where it goes on for ever.
    package var bound: ScanBound
    /// `COUNT` of the SCAN under way.
    private var asked = 0
    /// Keys walked over, about: what the filter leaves out is not counted by the server.
    package private(set) var examined = 0
    package private(set) var namesakes: [[UInt8]] = []

    private static let namesakesKept = 64

    /// - Parameters:
    ///   - bound: of a walk over so many keys, or of the one that goes on.
    ///   - cursor: where a walk goes on; nil begins one.
    ///   - narrowing: keeps those only that match it, too; the server sorts the others out.
    package init(
        _ filter: KeyFilter, within bound: ScanBound, from cursor: [UInt8]? = nil, narrowedTo narrowing: Glob? = nil
    ) {
        self.filter = filter
        self.bound = bound
        self.cursor = cursor ?? [UInt8(ascii: "0")]
        pattern = narrowing?.bytes ?? filter.pattern
    }

    package var isDone: Bool { cursor == nil }
    /// Nothing more is walked over.
    package mutating func end() { cursor = nil }
    /// Where it goes on; nil at the end.
    package var position: [UInt8]? { cursor }

    package mutating func append(to flight: inout FlightBuffer, count: Int) {
        guard let cursor else { return }
        var arguments = [Array("SCAN".utf8), cursor, Array("COUNT".utf8), Array(String(count).utf8)]
        if let pattern { arguments += [Array("MATCH".utf8), pattern] }
        flight.append(Command(arguments), as: "scan")
        asked = count
    }

    /// - Returns: the keys that the filter keeps.
    /// - Throws: ``CacheError`` where the server refuses, or answers something else, and where the walk comes to no end.
    package mutating func receive(_ replies: ReplyArena, at position: inout Int) throws(CacheError) -> [[UInt8]] {
        digest(try land(replies, at: &position), of: replies)
    }

    /// Reads only where the walk goes on.
    ///
    /// - Throws: ``CacheError`` where the server refuses, or answers something else, and where the walk comes to no end.
    package mutating func land(_ replies: ReplyArena, at position: inout Int) throws(CacheError) -> ScanPage {
        let page = try ScanPage(replies, at: position)
        position = page.keys.upperBound
        cursor = page.cursor
        examined +|= pattern == nil ? page.keys.count : max(asked, page.keys.count)
        if let next = page.cursor,
            let refusal = bound.note(
                next, places: asked, found: page.keys.count, isFiltered: pattern != nil, at: replies.arrivedAt)
        {
            throw .refused(refusal)
        }
        return page
    }

    /// - Returns: the keys of a page that the filter keeps.
    package mutating func digest(_ page: ScanPage, of replies: ReplyArena) -> [[UInt8]] {
        let bytes = replies.bytes.span
        var kept: [[UInt8]] = []
        for index in page.keys {
            guard case .string(let range) = replies.nodes[index] else { continue }
            let key = bytes.extracting(range)
            switch filter.verdict(key) {
            case .no: continue
            case .namesake:
                if recent.insert(key), namesakes.count < Self.namesakesKept {
                    namesakes.append(Array(replies.bytes[range]))
                }
            case .yes:
                if recent.insert(key) { kept.append(Array(replies.bytes[range])) }
            }
        }
        return kept
    }
}

extension ReplyArena {
    /// The integer at a position, which moves behind it; nil for a key that is gone.
    ///
    /// - Throws: ``CacheError`` for an error reply and for any other shape.
    package func integer(at position: inout Int) throws(CacheError) -> Int64? {
        guard position < nodes.count else { throw .protocolError("a reply is missing") }
        switch nodes[position] {
        case .integer(let integer):
            position += 1
            return integer
        case .null:
            position += 1
            return nil
        default:
            let value = value(at: &position)
            throw value.cacheError ?? .protocolError("a number was expected in the reply")
        }
    }

    /// The string at a position, which moves behind it; nil for a key that is gone.
    ///
    /// - Throws: ``CacheError`` for an error reply and for any other shape.
    package func string(at position: inout Int) throws(CacheError) -> [UInt8]? {
        guard position < nodes.count else { throw .protocolError("a reply is missing") }
        switch nodes[position] {
        case .string(let range):
            position += 1
            return Array(bytes[range])
        case .null:
            position += 1
            return nil
        default:
            let value = value(at: &position)
            throw value.cacheError ?? .protocolError("a string was expected in the reply")
        }
    }
}
