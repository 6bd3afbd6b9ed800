public import RedisValues

/// A value as people read it: JSON indented, JWTs by what they say, times with their date, all else as it is.
///
/// Whatever could disturb a terminal is escaped, and tokens are `***`.
public struct DecodedValue: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        case value
        /// Our own words.
        case note
    }

    public struct Line: Equatable, Sendable {
        public var text: String
        public var kind: Kind
        /// Levels of brackets around it.
        public var depth: Int

        public init(_ text: String, _ kind: Kind, depth: Int = 0) {
            (self.text, self.kind, self.depth) = (text, kind, depth)
        }

        /// With two blanks a level, for as many as anybody can tell apart.
        public var indented: String { String(repeating: "  ", count: min(depth, Self.deepest)) + text }

        private static let deepest = 20
    }

    /// What it was taken for: `JSON`, `JWT`, `gzip, 1.20 KiB`, `text`.
    public let name: String
    /// Empty for what is not text.
    public let lines: [Line]
    /// True for what is not text, and is shown as hexadecimal numbers.
    public var isBinary: Bool { lines.isEmpty && !isEmpty }
    private let isEmpty: Bool

    /// - Parameters:
    ///   - isCut: more bytes follow.
    ///   - isStart: they are the first ones of the value.
    ///   - size: bytes of the whole value; nil takes those that are here.
    public init(_ whole: [UInt8], isCut: Bool = false, isStart: Bool = true, size: Int? = nil, clock: CivilClock) {
        let bytes = whole.count > Self.longest ? Array(whole.prefix(Self.longest)) : whole
        let (isCut, size) = (isCut || bytes.count < whole.count, size ?? whole.count)
        isEmpty = bytes.isEmpty
        let notes = ScalarNotes(clock: clock)
        if isStart, let format = BinaryFormat.name(of: bytes, isCut: isCut) {
            (name, lines) = ("\(format), \(Format.bytes(ByteCount(size)))", [])
            return
        }
        if isStart, let indented = JSONIndent.lines(bytes, isCut: isCut, read: notes.read) {
            (name, lines) = ("JSON", indented.map { Line($0.text, .value, depth: $0.depth) })
            return
        }
        let tokens = TokenRanges.find(in: bytes, isCut: isCut)
        if tokens.count == 1, tokens[0].count == bytes.trimmed.count, let token = TokenText(bytes[tokens[0]]) {
            (name, lines) = ("JWT", token.lines(clock))
            return
        }
        name = "text"
        let shown = tokens.isEmpty ? bytes : TokenRanges.masked(bytes, isCut: isCut)
        var text = shown.split(separator: 0x0a, omittingEmptySubsequences: false).map {
            Line(Printable.escape($0), .value)
        }
        if bytes.isEmpty { text = [] }
        if let time = UnixTime.instant(bytes.trimmed) { text[0].text += "  (\(clock.full(time)))" }
        for token in tokens.prefix(Self.mostNamed) {
            if let token = TokenText(bytes[token]) {
                text.append(Line("\(SecretFilter.mask)  \(token.summary(clock))", .note))
            }
        }
        lines = text
    }

    private static let mostNamed = 20
    /// Nobody reads more on a screen.
    private static let longest = 1 << 18

    /// On one line: as it is, with what there is to say of it behind it.
    ///
    /// - Parameter limit: characters of the value at most.
    public static func line(
        _ bytes: [UInt8], isCut: Bool = false, limit: Int? = nil, clock: CivilClock
    ) -> String {
        var notes: [String] = []
        if let format = BinaryFormat.name(of: bytes, isCut: isCut) {
            notes.append("\(format), \(Format.bytes(ByteCount(bytes.count)))")
        }
        if let time = UnixTime.instant(bytes.trimmed) { notes.append(clock.full(time)) }
        let tokens = TokenRanges.find(in: bytes, isCut: isCut)
        notes += tokens.prefix(Self.mostNamed).compactMap { TokenText(bytes[$0])?.summary(clock) }
        let shown = Printable.escape(tokens.isEmpty ? bytes : TokenRanges.masked(bytes, isCut: isCut), limit: limit)
        return notes.isEmpty ? shown : "\(shown)  (\(notes.joined(separator: "; ")))"
    }

    /// What there is to say beside a label: the time of a stream's id, or of a score.
    public static func note(ofLabel label: [UInt8], isStreamID: Bool, clock: CivilClock) -> String? {
        (isStreamID ? UnixTime.instant(ofStreamID: label) : UnixTime.instant(label)).map(clock.full)
    }
}

extension [UInt8] {
    /// Without blanks and ends of lines around them.
    fileprivate var trimmed: ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
            return []
        }
        return self[first...last]
    }
}
