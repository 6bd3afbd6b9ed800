/// Text that a terminal pastes in brackets, until its closing bracket.
///
/// Over a slow line the bracket comes in parts, and is then no key of its own but characters of the text.
public struct Paste: Equatable, Sendable {
    public private(set) var text = ""

    private static let bracket = "\u{1b}[201~"
    /// A megabyte by mistake must not grow for ever; in bytes.
    private static let limit = 1 << 20

    public init() {}

    /// - Returns: true where this was the end of the closing bracket, which is no text.
    public mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        if text.utf8.count < Self.limit || scalar.value == 0x1b || isInBracket { text.unicodeScalars.append(scalar) }
        guard scalar == "~",
            text.unicodeScalars.suffix(Self.bracket.unicodeScalars.count).elementsEqual(
                Self.bracket.unicodeScalars)
        else { return false }
        text.unicodeScalars.removeLast(Self.bracket.unicodeScalars.count)
        return true
    }

    /// True where the text ends with a part of the bracket.
    private var isInBracket: Bool {
        let end = text.unicodeScalars.suffix(Self.bracket.unicodeScalars.count - 1)
        guard let escape = end.lastIndex(of: "\u{1b}") else { return false }
        return Self.bracket.unicodeScalars.starts(with: end[escape...])
    }
}
