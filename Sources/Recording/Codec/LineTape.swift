internal import RedisValues

/// The values of one line of JSON, one behind the other: each knows where it stands in the bytes and where the next one
/// beside it begins, and nothing is built of what nobody asks for.
final class LineTape {
    enum Kind: UInt8 { case object, array, string, escaped, number, yes, no, null }

    struct Value {
        var kind: Kind
        /// In the bytes; of a string, within the quotes.
        var start: Int32
        var end: Int32
        /// Index of what follows it and all that is in it.
        var next: Int32
    }

    let bytes: [UInt8]
    let values: [Value]
    /// Whether texts are given as a terminal may have them.
    let escapes: Bool

    /// - Returns: nil for anything but one document of at most ``RecordIndex/longestLine`` bytes, and what blanks follow.
    init?(_ bytes: [UInt8], escapes: Bool = false) {
        guard bytes.count <= RecordIndex.longestLine else { return nil }
        var reader = TapeReader(bytes)
        guard reader.readDocument() else { return nil }
        (self.bytes, values, self.escapes) = (bytes, reader.values, escapes)
    }
}

/// Finds the values; a struct, since what a class holds is checked at each access.
private struct TapeReader {
    private let bytes: [UInt8]
    private(set) var values: [LineTape.Value] = []
    private var index = 0

    private static let deepest = 64

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        values.reserveCapacity(bytes.count / 10)
    }

    mutating func readDocument() -> Bool {
        guard read(depth: 0) else { return false }
        skipBlanks()
        return index == bytes.count
    }

    private mutating func skipBlanks() {
        while index < bytes.count, bytes[index] <= 0x20,
            bytes[index] == 0x20 || bytes[index] == 0x0a || bytes[index] == 0x0d || bytes[index] == 0x09
        { index += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipBlanks()
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func read(depth: Int) -> Bool {
        skipBlanks()
        guard depth < Self.deepest, index < bytes.count else { return false }
        let place = values.count
        values.append(LineTape.Value(kind: .null, start: Int32(index), end: Int32(index), next: 0))
        let isRead =
            switch bytes[index] {
            case UInt8(ascii: "{"): readMembers(of: place, depth)
            case UInt8(ascii: "["): readElements(of: place, depth)
            case UInt8(ascii: "\""): readString(place)
            case UInt8(ascii: "t"): readWord("true", .yes, place)
            case UInt8(ascii: "f"): readWord("false", .no, place)
            case UInt8(ascii: "n"): readWord("null", .null, place)
            default: readNumber(place)
            }
        values[place].next = Int32(values.count)
        return isRead
    }

    private mutating func readMembers(of place: Int, _ depth: Int) -> Bool {
        values[place].kind = .object
        index += 1
        if take(UInt8(ascii: "}")) { return true }
        while true {
            skipBlanks()
            guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { return false }
            guard read(depth: depth + 1), take(UInt8(ascii: ":")), read(depth: depth + 1) else {
                return false
            }
            if take(UInt8(ascii: "}")) { return true }
            guard take(UInt8(ascii: ",")) else { return false }
        }
    }

    private mutating func readElements(of place: Int, _ depth: Int) -> Bool {
        values[place].kind = .array
        index += 1
        if take(UInt8(ascii: "]")) { return true }
        while true {
            guard read(depth: depth + 1) else { return false }
            if take(UInt8(ascii: "]")) { return true }
            guard take(UInt8(ascii: ",")) else { return false }
        }
    }

    private mutating func readString(_ place: Int) -> Bool {
        index += 1
        values[place].start = Int32(index)
        var kind = LineTape.Kind.string
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                (values[place].kind, values[place].end) = (kind, Int32(index))
                index += 1
                return true
            case UInt8(ascii: "\\"):
                kind = .escaped
                index += 2
            case ..<0x20: return false
            default: index += 1
            }
        }
        return false
    }

    private mutating func readWord(_ word: String, _ kind: LineTape.Kind, _ place: Int) -> Bool {
        guard bytes[index...].starts(with: word.utf8) else { return false }
        index += word.utf8.count
        (values[place].kind, values[place].end) = (kind, Int32(index))
        return true
    }

    private mutating func readNumber(_ place: Int) -> Bool {
        let start = index
        while index < bytes.count, Self.isOfNumber(bytes[index]) { index += 1 }
        (values[place].kind, values[place].end) = (.number, Int32(index))
        return index > start
    }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") || byte == UInt8(ascii: "+")
    }
}

extension LineTape {
    func range(_ place: Int) -> Range<Int> { Int(values[place].start)..<Int(values[place].end) }

    /// nil for anything but a string in UTF-8.
    func string(_ place: Int) -> String? {
        guard let text = text(place) else { return nil }
        let isPlain = !escapes || text.utf8.allSatisfy { (0x20..<0x7f).contains($0) }
        return isPlain ? text : Printable.escapeControls(text)
    }

    private func text(_ place: Int) -> String? {
        switch values[place].kind {
        case .string: String(validating: bytes[range(place)], as: UTF8.self)
        case .escaped:
            // Seldom: with its quotes it is a document of its own.
            {
                let range = range(place)
                return (try? JSONParser.parse(Array(bytes[range.lowerBound - 1...range.upperBound])))?.string
            }()
        default: nil
        }
    }

    func isString(_ place: Int, _ text: String) -> Bool {
        guard values[place].kind == .string else { return string(place) == text }
        let range = range(place)
        let utf8 = text.utf8
        guard utf8.count == range.count else { return false }
        var index = range.lowerBound
        for byte in utf8 {
            guard bytes[index] == byte else { return false }
            index += 1
        }
        return true
    }

    func number(_ place: Int) -> LineNumber? {
        values[place].kind == .number ? LineNumber(bytes, range(place)) : nil
    }

    func double(_ place: Int) -> Double? {
        if let text = string(place) { return LineText.number(of: text) }
        guard let number = number(place) else { return nil }
        return number.double ?? Double(String(decoding: bytes[range(place)], as: UTF8.self))
    }

    /// nil for anything but true and false.
    func boolean(_ place: Int) -> Bool? {
        switch values[place].kind {
        case .yes: true
        case .no: false
        default: nil
        }
    }
}
