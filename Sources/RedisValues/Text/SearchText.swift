/// What is looked for in lists, whichever way its letters are written, capital or small.
public struct SearchText: Equatable, Sendable {
    private let wanted: [UInt8]

    /// - Parameter text: as it is typed or pasted; what is not drawn is looked for as it is written out.
    public init(_ text: String) { wanted = Array(Printable.escapeControls(text).lowercased().utf8) }

    public var isEmpty: Bool { wanted.isEmpty }

    /// True where whatever this finds, the other one finds, too.
    public func isNarrower(than other: SearchText) -> Bool { Self.find(other.wanted, in: wanted.span) }

    /// In a name as the screen has it, with its escapes.
    public func isFound(inName name: [UInt8]) -> Bool {
        if wanted.isEmpty { return true }
        let isPlain = name.allSatisfy { $0 >= 0x20 && $0 < 0x7f && $0 != 0x5c }
        if isPlain { return Self.find(wanted, in: name.span) }
        return Self.find(wanted, in: Array(Printable.escape(name).lowercased().utf8).span)
    }

    public func isFound(in text: String) -> Bool {
        if wanted.isEmpty { return true }
        let bytes = Array(text.utf8)
        if bytes.allSatisfy({ $0 < 0x80 }) { return Self.find(wanted, in: bytes.span) }
        return Self.find(wanted, in: Array(text.lowercased().utf8).span)
    }

    /// - Parameter text: of which capital letters of ASCII count as small ones.
    private static func find(_ wanted: [UInt8], in text: Span<UInt8>) -> Bool {
        guard let first = wanted.first else { return true }
        var start = 0
        let last = text.count - wanted.count
        while start <= last {
            if small(text[start]) == first {
                var length = 1
                while length < wanted.count, small(text[start + length]) == wanted[length] { length += 1 }
                if length == wanted.count { return true }
            }
            start += 1
        }
        return false
    }

    private static func small(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte }
}
