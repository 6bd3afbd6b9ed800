internal import RedisValues

/// JSON as it is appended to a line.
enum LineText {
    static func append(_ string: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        let start = bytes.count
        for byte in string.utf8 {
            guard byte >= 0x20, byte < 0x7f else {
                // What could disturb a terminal that follows the file.
                bytes.removeLast(bytes.count - start)
                var quoted = ""
                JSONValue.quote(string, to: &quoted)
                bytes.removeLast()
                return bytes.append(contentsOf: quoted.utf8)
            }
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// What JSON has no number for is a text.
    static func append(_ number: Double, to bytes: inout [UInt8]) {
        guard number.isFinite else { return append(number.isNaN ? "nan" : number > 0 ? "inf" : "-inf", to: &bytes) }
        var text = number.description[...]
        if text.hasSuffix(".0") { text.removeLast(2) }
        bytes.append(contentsOf: text.utf8)
    }

    static func number(of text: String) -> Double? {
        switch text {
        case "inf": .infinity
        case "-inf": -.infinity
        case "nan": .nan
        default: nil
        }
    }

    /// Seconds, exactly: `0.000412`.
    static func append(_ duration: Duration, to bytes: inout [UInt8]) {
        let (seconds, attoseconds) = duration.components
        if seconds < 0 || attoseconds < 0 { bytes.append(UInt8(ascii: "-")) }
        bytes.append(contentsOf: seconds.magnitude.description.utf8)
        var rest = attoseconds.magnitude
        guard rest > 0 else { return }
        bytes.append(UInt8(ascii: "."))
        var place: UInt64 = 100_000_000_000_000_000
        while rest > 0 {
            bytes.append(0x30 + UInt8(truncatingIfNeeded: rest / place))
            rest %= place
            place /= 10
        }
    }
}
