/// Percent-encoding (RFC 3986 section 2.1).
package enum PercentCoding {
    /// - Returns: nil where a `%` is not followed by two hexadecimal digits.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy(\.isHexadecimal),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return bytes
    }

    /// Everything but letters and digits of ASCII and `-._~`.
    ///
    /// - Parameter slashes: leave `/` as it is, for a path.
    package static func encode(_ text: some StringProtocol, slashes: Bool = false) -> String {
        text.utf8.map { byte in
            let isPlain = byte.isHostSign || byte == UInt8(ascii: "~") || (slashes && byte == UInt8(ascii: "/"))
            return isPlain
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}

extension UInt8 {
    var isHexadecimal: Bool { isDigit || (0x41...0x46).contains(self) || (0x61...0x66).contains(self) }
}
