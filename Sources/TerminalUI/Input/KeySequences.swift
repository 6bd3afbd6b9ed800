/// What the escape sequences of a terminal mean.
public struct KeySequences: Sendable {
    public enum Meaning: Equatable, Sendable {
        case key(Key)
        /// A letter that was reported by its number.
        case letter(Unicode.Scalar)
        case click(Point)
        /// Rows, negative upwards.
        case wheel(Point, rows: Int)
        case pasteBegins, pasteEnds
    }

    enum Match: Equatable {
        /// More bytes are needed.
        case part
        /// nil for a sequence that means nothing here.
        case whole(Meaning?)
        /// No sequence begins like this.
        case none
    }

    private var known: [[UInt8]: Meaning]
    private var beginnings: Set<[UInt8]> = []
    private let hasMouse: Bool

    /// - Parameters:
    ///   - described: what the terminal's description says; it goes before what most terminals send.
    ///   - hasMouse: whether the terminal was asked to tell of its mouse.
    public init(described: [(bytes: [UInt8], key: Key)] = [], hasMouse: Bool = true) {
        self.hasMouse = hasMouse
        known = Self.common
        for (bytes, key) in described where bytes.count > 1 && bytes[0] == Self.escape { known[bytes] = .key(key) }
        known[Array("\u{1b}[200~".utf8)] = .pasteBegins
        known[Array("\u{1b}[201~".utf8)] = .pasteEnds
        for bytes in known.keys { for count in 1..<bytes.count { beginnings.insert(Array(bytes.prefix(count))) } }
    }

    static let escape: UInt8 = 0x1b
    /// Longer than any that has a meaning by itself.
    private static let longestKnown = 32

    /// What bytes mean that begin with Esc.
    func match(_ bytes: [UInt8]) -> Match {
        if bytes.count <= Self.longestKnown {
            if let meaning = known[bytes] { return .whole(meaning) }
            if beginnings.contains(bytes) { return .part }
        }
        guard bytes.count > 1, let last = bytes.last else { return .none }
        switch bytes[1] {
        case UInt8(ascii: "["): return matchControl(bytes, last)
        case UInt8(ascii: "O"):
            guard bytes.count > 2 else { return .part }
            if (0x30...0x39).contains(last) { return .part }
            return (0x40...0x7e).contains(last) ? .whole(nil) : .none
        default: return isString(bytes) ? matchString(bytes, last) : .none
        }
    }

    // MARK: strings

    /// True for `DCS`, `SOS`, `OSC`, `PM`, `APC` and what follows them (ECMA-48 section 5.6): what terminals answer.
    func isString(_ bytes: [UInt8]) -> Bool {
        bytes.count > 1 && Self.openers.contains(bytes[1])
    }

    private static let openers = Set("PX]^_".utf8)
    private static let bell: UInt8 = 0x07

    /// Until `BEL` or `ESC \`; `CAN` and `SUB` give it up.
    private func matchString(_ bytes: [UInt8], _ last: UInt8) -> Match {
        guard bytes.count > 2 else { return .part }
        switch last {
        case Self.bell, 0x18, 0x1a: return .whole(nil)
        case 0x03: return .none
        case ..<0x20 where bytes.count == 3: return .none
        case UInt8(ascii: "\\") where bytes[bytes.count - 2] == Self.escape: return .whole(nil)
        default: return .part
        }
    }

    /// True where a string goes on as no answer of a terminal does.
    func isUnlikelyString(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == 3, isString(bytes), !beginnings.contains(bytes) else { return false }
        switch bytes[1] {
        case UInt8(ascii: "]"): return !"0123456789lL".utf8.contains(bytes[2])
        case UInt8(ascii: "P"): return !(0x20...0x3f).contains(bytes[2]) && bytes[2] != UInt8(ascii: "|")
        case UInt8(ascii: "_"): return bytes[2] != UInt8(ascii: "G")
        default: return true
        }
    }

    // MARK: control sequences

    /// True where it is whole already unless more of it comes at once: rxvt's Shift-Delete `CSI 3 $`, and `CSI M` of
    /// terminals whose mouse was not asked for.
    func mayBeWhole(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > 2, bytes[1] == UInt8(ascii: "["), let last = bytes.last else { return false }
        if last == UInt8(ascii: "$") {
            return bytes.count > 3 && bytes[2..<bytes.count - 1].allSatisfy { (0x30...0x39).contains($0) }
        }
        return !hasMouse && bytes.count == 3 && last == UInt8(ascii: "M")
    }

    /// `CSI` parameters final (ECMA-48 section 5.4), and the mouse's two ways.
    private func matchControl(_ bytes: [UInt8], _ last: UInt8) -> Match {
        guard bytes.count > 2 else { return .part }
        if bytes[2] == UInt8(ascii: "M") { return matchMouse(bytes, last) }
        switch last {
        case 0x20...0x3f: return .part
        case 0x40...0x7e:
            guard bytes.count < BegunSequence.longest else { return .whole(nil) }
            if bytes[2] == UInt8(ascii: "<") { return .whole(hasMouse ? Self.mouse(bytes) : nil) }
            return .whole(reported(bytes, last))
        default: return .none
        }
    }

    /// `CSI M` and three bytes; where the pointer is too far away for a byte, that is 0.
    private func matchMouse(_ bytes: [UInt8], _ last: UInt8) -> Match {
        guard bytes.count > 3 else { return .part }
        guard last >= 0x20 || last == 0 else { return .none }
        guard bytes.count == 6 else { return .part }
        guard hasMouse, !bytes[3...].contains(0) else { return .whole(nil) }
        return .whole(Self.mouse(bytes[3], Int(bytes[4]) - 33, Int(bytes[5]) - 33))
    }

    /// What a key means that is told of by its number, or with modifiers.
    private func reported(_ bytes: [UInt8], _ final: UInt8) -> Meaning? {
        guard let key = ReportedKey(bytes.dropFirst(2).dropLast()) else { return nil }
        switch final {
        case UInt8(ascii: "u"): return key.meaning
        case UInt8(ascii: "~"): return key.otherMeaning ?? key.plain(final).flatMap { known[$0] }
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): return key.plain(final).flatMap { known[$0] }
        default: return nil
        }
    }

    /// `CSI < buttons ; column ; row M`, `m` where a button is let go.
    private static func mouse(_ bytes: [UInt8]) -> Meaning? {
        guard bytes.last == UInt8(ascii: "M") else { return nil }
        let numbers = bytes.dropFirst(3).dropLast().split(separator: UInt8(ascii: ";")).map {
            Int(String(decoding: $0, as: UTF8.self)) ?? -1
        }
        guard numbers.count == 3, (0..<0xe0).contains(numbers[0]), numbers[1] > 0, numbers[2] > 0 else { return nil }
        return mouse(UInt8(numbers[0] + 0x20), numbers[1] - 1, numbers[2] - 1)
    }

    /// - Parameter code: buttons and modifiers, from 32 on.
    private static func mouse(_ code: UInt8, _ column: Int, _ row: Int) -> Meaning? {
        let point = Point(column: column, row: row)
        // Shift, Meta and Control make no difference; a mouse that is dragged says nothing.
        switch (code &- 0x20) & ~0x1c {
        case 0: return .click(point)
        case 64: return .wheel(point, rows: -3)
        case 65: return .wheel(point, rows: 3)
        default: return nil
        }
    }

    /// What xterm, rxvt, the Linux console and their kin send, whatever their description says.
    private static let common: [[UInt8]: Meaning] = {
        var known: [[UInt8]: Meaning] = [:]
        func add(_ text: String, _ key: Key) { known[Array("\u{1b}\(text)".utf8)] = .key(key) }
        for (final, key) in [("A", Key.up), ("B", .down), ("C", .right), ("D", .left), ("H", .home), ("F", .end)] {
            add("[\(final)", key)
            add("O\(final)", key)
        }
        for (number, key) in [
            (1, Key.home), (2, .insert), (3, .delete), (4, .end), (5, .pageUp), (6, .pageDown), (7, .home), (8, .end),
        ] { add("[\(number)~", key) }
        add("[Z", .backTab)
        add("OM", .enter)
        for (index, final) in ["P", "Q", "R", "S"].enumerated() { add("O\(final)", .function(index + 1)) }
        for (index, final) in ["A", "B", "C", "D", "E"].enumerated() { add("[[\(final)", .function(index + 1)) }
        for (index, number) in [11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24].enumerated() {
            add("[\(number)~", .function(index + 1))
        }
        return known
    }()
}
