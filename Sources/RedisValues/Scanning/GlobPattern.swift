/// A pattern as `SCAN MATCH` has it.
///
/// Source: `stringmatchlen` in util.c of Redis; one star at a time is tried again, so that no pattern takes more than its
/// length times that of the name.
public struct GlobPattern: Hashable, Sendable {
    public let bytes: [UInt8]
    private let parts: [Part]

    private enum Part: Hashable, Sendable {
        case star, any
        case byte(UInt8)
        case set([ClosedRange<UInt8>], isInverted: Bool)
    }

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        parts = Self.parts(of: bytes)
    }

    /// What a filter's text asks for: with `*`, `?` or `[` in it a pattern, else whatever contains it.
    ///
    /// - Parameter text: as names are shown, with their escapes.
    public init(filter text: String) {
        if Self.isGlob(text) {
            self.init(Array(text.utf8))
        } else {
            let star = [UInt8(ascii: "*")]
            self.init(star + Self.escaped(Printable.unescape(text) ?? Array(text.utf8)) + star)
        }
    }

    public static func isGlob(_ text: String) -> Bool { text.utf8.contains { Array("*?[".utf8).contains($0) } }

    /// Takes the meaning out of a glob's special characters.
    public static func escaped(_ bytes: [UInt8]) -> [UInt8] {
        bytes.flatMap { Array("*?[]\\^".utf8).contains($0) ? [0x5c, $0] : [$0] }
    }

    public func matches(_ name: Span<UInt8>) -> Bool {
        var (index, place) = (0, 0)
        // Behind the last star, and how much of the name that has taken.
        var retry: (place: Int, index: Int)?
        while index < name.count {
            if place < parts.count, case .star = parts[place] {
                place += 1
                retry = (place, index)
            } else if place < parts.count, Self.takes(parts[place], name[index]) {
                (index, place) = (index + 1, place + 1)
            } else if let star = retry {
                retry = (star.place, star.index + 1)
                (index, place) = (star.index + 1, star.place)
            } else {
                return false
            }
        }
        return parts[place...].allSatisfy { $0 == .star }
    }

    public func matches(_ name: [UInt8]) -> Bool { matches(name.span) }

    private static func takes(_ part: Part, _ byte: UInt8) -> Bool {
        switch part {
        case .star: false
        case .any: true
        case .byte(let wanted): byte == wanted
        case .set(let ranges, let isInverted): ranges.contains { $0.contains(byte) } != isInverted
        }
    }

    private static func parts(of bytes: [UInt8]) -> [Part] {
        var parts: [Part] = []
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "*"): if parts.last != .star { parts.append(.star) }
            case UInt8(ascii: "?"): parts.append(.any)
            case UInt8(ascii: "["): parts.append(set(bytes, &index))
            case 0x5c where index < bytes.count:
                parts.append(.byte(bytes[index]))
                index += 1
            default: parts.append(.byte(byte))
            }
        }
        return parts
    }

    /// What stands between brackets; without the closing one, all that follows.
    private static func set(_ bytes: [UInt8], _ index: inout Int) -> Part {
        var ranges: [ClosedRange<UInt8>] = []
        let isInverted = index < bytes.count && bytes[index] == UInt8(ascii: "^")
        if isInverted { index += 1 }
        while index < bytes.count, bytes[index] != UInt8(ascii: "]") {
            if bytes[index] == 0x5c, index + 1 < bytes.count {
                ranges.append(bytes[index + 1]...bytes[index + 1])
                index += 2
            } else if index + 2 < bytes.count, bytes[index + 1] == UInt8(ascii: "-") {
                let (first, last) = (bytes[index], bytes[index + 2])
                ranges.append(min(first, last)...max(first, last))
                index += 3
            } else {
                ranges.append(bytes[index]...bytes[index])
                index += 1
            }
        }
        index += 1
        return .set(ranges, isInverted: isInverted)
    }
}
