/// Text that a terminal pastes in brackets, until its closing bracket.
///
/// The bracket is looked for in the text itself: over a slow line it comes in parts.
public struct Paste: Equatable, Sendable {
    public private(set) var text = ""

    private static let bracket = "\u{1b}[201~"
    /// A megabyte by mistake must not grow for ever; in bytes.
    private static let limit = 1 << 20

    public init() {}

    /// - Returns: true where this was the end of the closing bracket, which is no text.
    public mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        // Where terminals write control characters of 8 bits, this is the beginning of the bracket.
        if scalar.value == 0x9b {
            _ = take("\u{1b}")
            return take("[")
        }
        if text.utf8.count < Self.limit || scalar.value == 0x1b || isInBracket { text.unicodeScalars.append(scalar) }
        guard scalar == "~",
            text.unicodeScalars.suffix(Self.bracket.unicodeScalars.count).elementsEqual(
                Self.bracket.unicodeScalars)
        else { return false }
        text.unicodeScalars.removeLast(Self.bracket.unicodeScalars.count)
        return true
    }

    /// Takes off a part of the bracket that the text ends with.
    ///
    /// - Returns: its bytes; none where there is no such part.
    mutating func takeBegunBracket() -> [UInt8] {
        guard isInBracket, let escape = text.unicodeScalars.lastIndex(of: "\u{1b}") else { return [] }
        defer { text.unicodeScalars.removeSubrange(escape...) }
        return Array(text[escape...].utf8)
    }

    /// Takes off what the text ends with.
    ///
    /// - Returns: true where there was something.
    mutating func takeEnd(_ isPart: (Unicode.Scalar) -> Bool) -> Bool {
        let count = text.unicodeScalars.reversed().prefix(while: isPart).count
        text.unicodeScalars.removeLast(count)
        return count > 0
    }

    /// True where the text ends with a part of the bracket.
    private var isInBracket: Bool {
        let end = text.unicodeScalars.suffix(Self.bracket.unicodeScalars.count - 1)
        guard let escape = end.lastIndex(of: "\u{1b}") else { return false }
        return Self.bracket.unicodeScalars.starts(with: end[escape...])
    }
}
