/// How the text of a JWT begins: with a JSON object in base64.
package enum JWTText {
    /// `{"`, and with what people put behind the brace: a blank, a tab, the end of a line.
    private static let beginnings = ["eyJ", "eyA", "eyB", "ewk", "ewl", "ewo", "ewp", "ew0"]

    package static func begins(_ text: some StringProtocol) -> Bool {
        text.utf8.first == UInt8(ascii: "e") && beginnings.contains { text.hasPrefix($0) }
    }

    /// True for what is the text of a JSON object also behind other letters, such as `BearereyJhbGciOi…`.
    package static func isSure(_ text: some StringProtocol) -> Bool {
        let start = Array(text.utf8.prefix(12))
        guard start.count == 12, text.hasPrefix("eyJ") else { return false }
        var bits: UInt32 = 0
        for (index, byte) in start.enumerated() {
            guard let value = value(of: byte) else { return false }
            bits = bits << 6 | value
            guard index % 4 == 3 else { continue }
            // What a header holds is written in ASCII.
            guard [16, 8, 0].allSatisfy({ (0x20...0x7e).contains(bits >> $0 & 0xff) }) else { return false }
            bits = 0
        }
        return true
    }

    /// Six bits, in either alphabet of RFC 4648.
    private static func value(of byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte) - 0x41
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte) - 0x61 + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte) - 0x30 + 52
        case UInt8(ascii: "-"), UInt8(ascii: "+"): 62
        case UInt8(ascii: "_"), UInt8(ascii: "/"): 63
        default: nil
        }
    }

    /// Not in the middle of a word, but behind `%20` and the like.
    package static func mayBegin(after before: some StringProtocol) -> Bool {
        guard let last = before.last, last.isLetter || last.isNumber else { return true }
        let escape = before.suffix(3)
        return escape.count == 3 && escape.first == "%" && escape.dropFirst().allSatisfy(\.isHexDigit)
    }
}
