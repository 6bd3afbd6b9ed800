internal import RedisValues

/// JSON that nobody vouches for, a line a value.
///
/// It is not built up: neither depth nor length nor a missing end costs more than the bytes themselves.
struct JSONIndent {
    struct Line: Equatable {
        var depth: Int
        var text: String
    }

    /// What stands where a value is: as it is shown, and what there is to say of it.
    struct Scalar {
        var shown: String
        var note: String?
    }

    /// A string or a number, without quotes and escapes.
    typealias Reading = (_ plain: [UInt8], _ isString: Bool, _ shown: String) -> Scalar

    private enum Expected { case value, valueOrEnd, name, nameOrEnd, colon, commaOrEnd, nothing }
    private enum Failure: Error { case none, end }

    static let deepest = 1000

    private let bytes: [UInt8]
    private let isCut: Bool
    private let read: Reading
    private var index = 0
    private var open: [UInt8] = []
    private var lines: [Line] = []
    private var line = ""
    private var notes: [String] = []

    /// - Parameters:
    ///   - isCut: more bytes follow: its end need not be there.
    ///   - read: says how a scalar is shown.
    /// - Returns: nil for anything but an object or an array in UTF-8, whole or cut.
    static func lines(_ bytes: [UInt8], isCut: Bool, read: @escaping Reading) -> [Line]? {
        let start = bytes.firstIndex { !isBlank($0) }
        guard let start, bytes[start] == UInt8(ascii: "{") || bytes[start] == UInt8(ascii: "[") else { return nil }
        var indent = JSONIndent(bytes: bytes, isCut: isCut, read: read)
        do throws(Failure) { try indent.run() } catch {
            guard isCut, case .end = error, !indent.lines.isEmpty else { return nil }
            indent.line += "…"
        }
        indent.flush()
        return indent.lines
    }

    private init(bytes: [UInt8], isCut: Bool, read: @escaping Reading) {
        (self.bytes, self.isCut, self.read) = (bytes, isCut, read)
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
    }

    private mutating func run() throws(Failure) {
        var expected = Expected.value
        while true {
            while index < bytes.count, Self.isBlank(bytes[index]) { index += 1 }
            guard index < bytes.count else {
                if expected == .nothing { return }
                throw .end
            }
            let byte = bytes[index]
            switch expected {
            case .nothing: throw .none
            case .valueOrEnd where byte == UInt8(ascii: "]"), .nameOrEnd where byte == UInt8(ascii: "}"):
                // Brackets with nothing in them stay on their line.
                index += 1
                open.removeLast()
                line += String(UnicodeScalar(byte))
                expected = afterValue
            case .value, .valueOrEnd:
                if expected == .valueOrEnd { flush(depth: open.count - 1) }
                expected = try value(byte)
            case .name, .nameOrEnd:
                guard byte == UInt8(ascii: "\"") else { throw .none }
                if expected == .nameOrEnd { flush(depth: open.count - 1) }
                let (plain, shown) = try string()
                line += "\"" + read(plain, true, shown).shown + "\""
                expected = .colon
            case .colon:
                guard byte == UInt8(ascii: ":") else { throw .none }
                index += 1
                line += ": "
                expected = .value
            case .commaOrEnd:
                index += 1
                if byte == UInt8(ascii: ",") {
                    line += ","
                    flush()
                    expected = open.last == UInt8(ascii: "{") ? .name : .value
                } else {
                    guard let last = open.popLast(), byte == last + 2 else { throw .none }
                    flush(depth: open.count + 1)
                    line += String(UnicodeScalar(byte))
                    expected = afterValue
                }
            }
        }
    }

    private var afterValue: Expected { open.isEmpty ? .nothing : .commaOrEnd }

    private mutating func value(_ byte: UInt8) throws(Failure) -> Expected {
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard open.count < Self.deepest else { throw .none }
            index += 1
            open.append(byte)
            line += String(UnicodeScalar(byte))
            return byte == UInt8(ascii: "{") ? .nameOrEnd : .valueOrEnd
        case UInt8(ascii: "\""):
            let (plain, shown) = try string()
            let scalar = read(plain, true, shown)
            line += "\"" + scalar.shown + "\""
            if let note = scalar.note { notes.append(note) }
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default:
            let number = try number()
            let scalar = read(number, false, String(decoding: number, as: UTF8.self))
            line += scalar.shown
            if let note = scalar.note { notes.append(note) }
        }
        return afterValue
    }

    /// - Parameter depth: of a bracket that has just been opened, which stands less deep than what is in it.
    private mutating func flush(depth: Int? = nil) {
        guard !line.isEmpty else { return }
        let note = notes.isEmpty ? "" : "  (\(notes.joined(separator: "; ")))"
        lines.append(Line(depth: depth ?? open.count, text: line + note))
        (line, notes) = ("", [])
    }

    private mutating func word(_ word: StaticString) throws(Failure) {
        for letter in "\(word)".utf8 {
            guard index < bytes.count else { throw .end }
            guard bytes[index] == letter else { throw .none }
            index += 1
        }
        line += "\(word)"
    }

    private mutating func number() throws(Failure) -> [UInt8] {
        let start = index
        func isPart(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"),
                UInt8(ascii: "E"):
                true
            default: false
            }
        }
        while index < bytes.count, isPart(bytes[index]) { index += 1 }
        guard index < bytes.count else { throw .end }
        let number = Array(bytes[start..<index])
        guard (try? JSONParser.parse(number)) != nil else { throw .none }
        return number
    }

    /// - Returns: what it says, and as it is shown: what could disturb a terminal is escaped, and only that.
    private mutating func string() throws(Failure) -> (plain: [UInt8], shown: String) {
        index += 1
        var plain: [UInt8] = []
        var run: [UInt8] = []
        var shown = ""
        func quoted(_ run: [UInt8]) -> String {
            let escaped = Printable.escape(run)
            return run.contains(UInt8(ascii: "\"")) ? escaped.replacing("\"", with: "\\\"") : escaped
        }
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return (plain.isEmpty ? run : plain + run, shown + quoted(run))
            case UInt8(ascii: "\\"):
                switch try escape() {
                case .some(let scalar): run += Array(String(scalar).utf8)
                case nil:
                    // Half a surrogate pair is no character: it stays as it is written.
                    shown += quoted(TokenRanges.masked(run)) + String(decoding: bytes[index - 6..<index], as: UTF8.self)
                    plain += run
                    run = []
                }
            case ..<0x20: throw .none
            default:
                let start = index - 1
                while index < bytes.count, bytes[index] >= 0x20, bytes[index] != 0x22, bytes[index] != 0x5c {
                    index += 1
                }
                run += bytes[start..<index]
            }
        }
        line += "\"" + shown + quoted(TokenRanges.masked(run, isCut: true))
        throw .end
    }

    /// - Returns: nil for half a surrogate pair.
    private mutating func escape() throws(Failure) -> Unicode.Scalar? {
        guard index < bytes.count else { throw .end }
        let byte = bytes[index]
        index += 1
        if let scalar = JSONEscape.scalar(byte) { return scalar }
        guard byte == UInt8(ascii: "u") else { throw .none }
        let first = try unit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        let after = index
        guard (0xd800..<0xdc00).contains(first), bytes[index...].starts(with: [0x5c, UInt8(ascii: "u")]) else {
            return nil
        }
        index += 2
        let second = try unit()
        guard (0xdc00..<0xe000).contains(second) else {
            index = after
            return nil
        }
        return Unicode.Scalar(0x10000 + (first - 0xd800) * 0x400 + (second - 0xdc00))
    }

    private mutating func unit() throws(Failure) -> UInt32 {
        guard index + 4 <= bytes.count else {
            index = bytes.count
            throw .end
        }
        let digits = String(decoding: bytes[index..<index + 4], as: UTF8.self)
        guard digits.utf8.count == 4, digits.allSatisfy(\.isHexDigit), let unit = UInt32(digits, radix: 16) else {
            throw .none
        }
        index += 4
        return unit
    }
}
