internal import Characters

/// Makes text of bytes that nobody vouches for: what could move a cursor, colour a screen or reorder a line is
/// written out as an escape.
///
/// `\n`, `\r`, `\t` and `\\` as in Swift; control characters of ASCII and bytes that are not UTF-8 as `\x1b`; other
/// scalars that are invisible, change direction, or are not drawn by all terminals alike as `\u{202e}`: what is left
/// takes the columns that one expects, and no two texts look alike (`Drawable`). A backslash is doubled, so that no
/// text can pass for an escape.
public enum Printable {
    /// Of a sentence about a failure in a receipt: enough for a path, what a server said, and what to do about it.
    public static let longestSentence = 5000

    /// - Parameter limit: characters at most, the last one then being `…`.
    public static func escape(_ bytes: some Collection<UInt8>, limit: Int? = nil) -> String {
        if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != 0x5c }) {
            return shortened(String(decoding: bytes, as: UTF8.self), limit)
        }
        let bytes = Array(bytes)
        var escaped = ""
        var run = DrawnRun()
        var index = 0
        while index < bytes.count {
            if let limit, escaped.utf8.count > limit * 16 { break }
            guard let (scalar, length) = decode(bytes, at: index) else {
                escaped += hexadecimal(bytes[index])
                run = DrawnRun()
                index += 1
                continue
            }
            append(scalar, &run, to: &escaped)
            index += length
        }
        return shortened(escaped, limit)
    }

    public static func escape(_ text: some StringProtocol, limit: Int? = nil) -> String {
        escape(text.utf8, limit: limit)
    }

    /// A name that stands among others: blanks that would not be seen, at its ends and behind others, are `\x20`.
    ///
    /// - Parameter isASCII: whether only ASCII can be shown.
    public static func name(_ bytes: some Collection<UInt8>, limit: Int? = nil, isASCII: Bool = false) -> String {
        var name = escape(bytes, limit: isASCII ? nil : limit)
        if isASCII, !name.utf8.allSatisfy({ $0 < 0x80 }) {
            name = name.unicodeScalars.reduce(into: "") { text, scalar in
                if scalar.isASCII { text.unicodeScalars.append(scalar) } else { text += Drawable.escape(scalar) }
            }
        }
        name = shortened(name, limit)
        guard name.utf8.first == 0x20 || name.utf8.last == 0x20 || name.contains("  ") else { return name }
        let bytes = Array(name.utf8)
        var shown: [UInt8] = []
        var before: UInt8 = 0x20
        for (index, byte) in bytes.enumerated() {
            if byte == 0x20, before == 0x20 || index == bytes.count - 1 {
                shown += Array("\\x20".utf8)
            } else {
                shown.append(byte)
            }
            before = byte
        }
        return String(decoding: shown, as: UTF8.self)
    }

    /// Takes the harm out of our own words around somebody else's: backslashes stay as they are.
    public static func escapeControls(_ text: some StringProtocol) -> String {
        var escaped = ""
        var run = DrawnRun()
        for scalar in text.unicodeScalars {
            if scalar == "\\" {
                escaped.unicodeScalars.append(scalar)
                run = DrawnRun()
            } else {
                append(scalar, &run, to: &escaped)
            }
        }
        return escaped
    }

    /// The bytes of a text that `escape(_:limit:)` wrote; nil for an escape that it never writes.
    public static func unescape(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "\\" else {
                bytes.append(contentsOf: String(scalar).utf8)
                continue
            }
            switch rest.popFirst() {
            case "\\": bytes.append(0x5c)
            case "n": bytes.append(0x0a)
            case "r": bytes.append(0x0d)
            case "t": bytes.append(0x09)
            case "x":
                let digits = String(String.UnicodeScalarView(rest.prefix(2)))
                guard digits.utf8.count == 2, let byte = UInt8(digits, radix: 16) else { return nil }
                bytes.append(byte)
                rest = rest.dropFirst(2)
            case "u":
                guard rest.popFirst() == "{", let end = rest.firstIndex(of: "}"),
                    let value = UInt32(String(String.UnicodeScalarView(rest[..<end])), radix: 16),
                    let scalar = Unicode.Scalar(value)
                else { return nil }
                bytes.append(contentsOf: String(scalar).utf8)
                rest = rest[rest.index(after: end)...]
            default: return nil
            }
        }
        return bytes
    }

    /// True for a scalar that may stand in what `escape(_:limit:)` writes.
    public static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        Drawable.isBase(scalar) || Drawable.isMark(scalar)
    }

    /// A text on its way to the screen: whether a scalar may be printed as it is depends on what is before it.
    public struct Run {
        private var run = DrawnRun()

        public init() {}

        /// - Returns: false for what is to be written out.
        public mutating func takes(_ scalar: Unicode.Scalar) -> Bool { run.take(scalar) != .escaped }
    }

    /// True for a scalar that is seen, or changes how another one is drawn, and does no harm.
    public static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7f { return scalar.value >= 0x20 }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: return false
        case .spaceSeparator: return scalar.value == 0x3000
        default: return !scalar.properties.isDefaultIgnorableCodePoint || scalar.value == 0xfe0f
        }
    }

    private static func append(_ scalar: Unicode.Scalar, _ run: inout DrawnRun, to text: inout String) {
        let fate = run.take(scalar)
        switch scalar {
        case "\\": text += "\\\\"
        case "\n": text += "\\n"
        case "\r": text += "\\r"
        case "\t": text += "\\t"
        case _ where fate == .escaped: text += Drawable.escape(scalar)
        default: text.unicodeScalars.append(scalar)
        }
    }

    /// One scalar of well-formed UTF-8; nil where the bytes are something else.
    private static func decode(_ bytes: [UInt8], at index: Int) -> (Unicode.Scalar, Int)? {
        let first = bytes[index]
        let length =
            switch first {
            case 0..<0x80: 1
            case 0xc2..<0xe0: 2
            case 0xe0..<0xf0: 3
            case 0xf0..<0xf5: 4
            default: 0
            }
        guard length > 0, index + length <= bytes.count else { return nil }
        guard length > 1 else { return (Unicode.Scalar(first), 1) }
        guard let text = String(validating: bytes[index..<index + length], as: UTF8.self),
            let scalar = text.unicodeScalars.first
        else { return nil }
        return (scalar, length)
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.utf8.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
    }

    private static func shortened(_ text: String, _ limit: Int?) -> String {
        guard let limit, text.utf8.count > limit, text.count > limit else { return text }
        return text.prefix(max(0, limit - 1)) + "…"
    }
}
