/// A pattern of keys as `SCAN MATCH` has it: `*`, `?`, `[a-z]`, `[^a]`, and a backslash in front of what means itself.
///
/// It is read as the server reads it, so that what a server has sent, and what no server was asked for, is sorted out by
/// the same rule; and so that what a pattern may touch is known before anything is asked.
public struct Glob: Hashable, Sendable, ExpressibleByStringLiteral {
    public let bytes: [UInt8]
    let parts: [GlobPart]

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        parts = GlobPart.parse(bytes)
    }

    public init(_ text: String) { self.init(Array(text.utf8)) }

    public init(stringLiteral text: String) { self.init(text) }

    /// What a filter's text asks for: with `*`, `?` or `[` in it a pattern, else whatever contains it.
    ///
    /// - Parameter text: as names are shown, with their escapes.
    public init(filter text: String) {
        if Self.isGlob(text) {
            self.init(text)
        } else {
            let star = [UInt8(ascii: "*")]
            self.init(star + Self.escaped(Printable.unescape(text) ?? Array(text.utf8)) + star)
        }
    }

    public static func isGlob(_ text: String) -> Bool { text.utf8.contains { Array("*?[".utf8).contains($0) } }

    /// Of all keys that begin so.
    public init(prefix: [UInt8]) { self.init(Self.escaped(prefix) + [UInt8(ascii: "*")]) }

    public static func == (left: Glob, right: Glob) -> Bool { left.bytes == right.bytes }

    public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }

    /// Takes the meaning out of the special characters.
    public static func escaped(_ bytes: [UInt8]) -> [UInt8] {
        bytes.flatMap { Array("*?[]\\^".utf8).contains($0) ? [0x5c, $0] : [$0] }
    }

    /// True where every key is meant, or all but the shortest: nothing is chosen.
    public var isOfEverything: Bool {
        parts.contains(.many(.all)) && parts.allSatisfy { $0 == .many(.all) || $0 == .one(.all) }
    }

    /// What all keys begin with that it matches.
    public var head: [UInt8] {
        var head: [UInt8] = []
        for part in parts {
            guard case .one(let set) = part, let byte = set.only else { break }
            head.append(byte)
        }
        return head
    }

    /// What it matches is sent by servers as bytes, however long.
    public func matches(_ key: Span<UInt8>) -> Bool {
        // The last star takes one more byte where the rest does not fit: those before have taken as little as they can.
        var (part, index) = (0, 0)
        var (star, resume): (Int?, Int) = (nil, 0)
        while index < key.count {
            if part < parts.count, case .many = parts[part] {
                (star, resume, part) = (part, index, part + 1)
            } else if part < parts.count, case .one(let set) = parts[part], set.contains(key[index]) {
                (part, index) = (part + 1, index + 1)
            } else if let last = star {
                resume += 1
                (part, index) = (last + 1, resume)
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { if case .many = $0 { true } else { false } }
    }

    public func matches(_ key: [UInt8]) -> Bool { matches(key.span) }
}

/// One byte, or as many as there are.
enum GlobPart: Hashable, Sendable {
    case one(ByteSet)
    case many(ByteSet)

    /// As Redis' `stringmatchlen` reads it, the malformed included: a class that does not end ends with the pattern, and a
    /// backslash at the end means itself.
    static func parse(_ bytes: [UInt8]) -> [GlobPart] {
        var parts: [GlobPart] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "*"): if parts.last != .many(.all) { parts.append(.many(.all)) }
            case UInt8(ascii: "?"): parts.append(.one(.all))
            case UInt8(ascii: "["): parts.append(.one(set(&rest)))
            case 0x5c: parts.append(.one(ByteSet([rest.popFirst() ?? 0x5c])))
            default: parts.append(.one(ByteSet([byte])))
            }
        }
        return parts
    }

    private static func set(_ rest: inout ArraySlice<UInt8>) -> ByteSet {
        var set = ByteSet()
        let isInverted = rest.first == UInt8(ascii: "^")
        if isInverted { rest.removeFirst() }
        while let byte = rest.popFirst(), byte != UInt8(ascii: "]") {
            if byte == 0x5c, let next = rest.popFirst() {
                set.insert(next)
            } else if rest.count >= 2, rest.first == UInt8(ascii: "-") {
                let end = rest[rest.startIndex + 1]
                rest = rest.dropFirst(2)
                for byte in min(byte, end)...max(byte, end) { set.insert(byte) }
            } else {
                set.insert(byte)
            }
        }
        return isInverted ? set.inverted : set
    }

    /// Whether there is anything that both match.
    ///
    /// What is too long to be followed may match anything.
    static func overlap(_ left: [GlobPart], _ right: [GlobPart]) -> Bool {
        let width = right.count + 1
        guard left.count < longest, right.count < longest else { return true }
        var seen = [Bool](repeating: false, count: (left.count + 1) * width)
        var open = [(0, 0)]
        while let (i, j) = open.popLast() {
            guard !seen[i * width + j] else { continue }
            seen[i * width + j] = true
            if i == left.count, j == right.count { return true }
            if i < left.count, case .many = left[i] { open.append((i + 1, j)) }
            if j < right.count, case .many = right[j] { open.append((i, j + 1)) }
            guard i < left.count, j < right.count, left[i].set.intersects(right[j].set) else { continue }
            open.append((left[i].repeats ? i : i + 1, right[j].repeats ? j : j + 1))
        }
        return false
    }

    private static let longest = 2000

    var set: ByteSet {
        switch self {
        case .one(let set), .many(let set): set
        }
    }

    private var repeats: Bool { if case .many = self { true } else { false } }
}
