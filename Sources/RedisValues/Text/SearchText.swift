/// What is looked for in lists, whichever way its letters are written, capital or small.
public struct SearchText: Equatable, Sendable {
    private let wanted: [UInt8]
    /// An escape: what a terminal of ASCII alone writes out is found by it, too.
    private var isEscaped: Bool { wanted.contains(0x5c) }

    /// - Parameter text: as it is typed or pasted; what is not drawn is looked for as it is written out.
    public init(_ text: String) { wanted = Array(Printable.escapeControls(text).lowercased().utf8) }

    public var isEmpty: Bool { wanted.isEmpty }

    /// True where whatever this finds, the other one finds, too.
    public func isNarrower(than other: SearchText) -> Bool {
        isEscaped == other.isEscaped && Self.find(other.wanted, in: wanted.span)
    }

    /// In a name as the screen has it, with its escapes, those of its blanks included.
    public func isFound(inName name: [UInt8]) -> Bool {
        guard let first = wanted.first else { return true }
        let bytes = name.span
        var (isPlain, hasBlanks) = (true, false)
        for start in 0..<bytes.count {
            let byte = bytes[start]
            if byte < 0x20 || byte >= 0x7f || byte == 0x5c {
                isPlain = false
            } else if Self.small(byte) == first, Self.begins(wanted, in: bytes, at: start) {
                // What is plain is on the screen as it is.
                if !isEscaped, wanted.allSatisfy({ $0 < 0x7f }) { return true }
            }
            if byte == 0x20, start == 0 || start == bytes.count - 1 || bytes[start - 1] == 0x20 { hasBlanks = true }
        }
        let isShown = { (shown: String) in Self.find(wanted, in: Array(shown.lowercased().utf8).span) }
        return !isPlain && isShown(Printable.escape(name)) || hasBlanks && isShown(Printable.name(name))
            || !isPlain && isEscaped && isShown(Printable.name(name, isASCII: true))
    }

    /// In a text whose escapes, if it has any, are written out already.
    public func isFound(in text: String) -> Bool {
        if wanted.isEmpty { return true }
        let bytes = Array(text.utf8)
        if bytes.allSatisfy({ $0 < 0x80 }) { return Self.find(wanted, in: bytes.span) }
        return Self.find(wanted, in: Array(text.lowercased().utf8).span)
    }

    /// - Parameter text: of which capital letters of ASCII count as small ones.
    private static func find(_ wanted: [UInt8], in text: Span<UInt8>) -> Bool {
        guard let first = wanted.first, text.count >= wanted.count else { return wanted.isEmpty }
        for start in 0...text.count - wanted.count
        where small(text[start]) == first && begins(wanted, in: text, at: start) { return true }
        return false
    }

    private static func begins(_ wanted: [UInt8], in text: Span<UInt8>, at start: Int) -> Bool {
        guard start + wanted.count <= text.count else { return false }
        for index in 1..<max(1, wanted.count) where small(text[start + index]) != wanted[index] { return false }
        return true
    }

    private static func small(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte }
}
