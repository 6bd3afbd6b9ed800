internal import CacheCore
internal import CacheWire
internal import CacheModel

/// Finds table headers that begin with no name: the parser ends the program at one instead of throwing.
///
/// It follows a text only as far as a whole parser would find it free of errors.
enum TOMLHeaders {
    /// - Returns: the line of the first one, from 1.
    static func nameless(in text: String) -> Int? {
        var scanner = Scanner(bytes: Array(text.utf8))
        return scanner.nameless()
    }

    private struct Scanner {
        let bytes: [UInt8]
        private var index = 0
        private var line = 1

        init(bytes: [UInt8]) {
            self.bytes = bytes
            if bytes.starts(with: [0xef, 0xbb, 0xbf]) { index = 3 }
        }

        private var here: UInt8? { index < bytes.count ? bytes[index] : nil }

        mutating func nameless() -> Int? {
            while here != nil {
                skipBlanks()
                if here == UInt8(ascii: "[") {
                    let start = line
                    index += 1
                    if here == UInt8(ascii: "[") { index += 1 }
                    skipBlanks()
                    if let here, !Self.mayBegin(here) { return start }
                    skipLine()
                } else {
                    skipStatement()
                }
            }
            return nil
        }

        /// What begins a name, or what the parser refuses itself.
        private static func mayBegin(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "\""),
                UInt8(ascii: "'"), UInt8(ascii: "]"):
                true
            default: false
            }
        }

        private static func isLineBreak(_ byte: UInt8) -> Bool { (0x0a...0x0d).contains(byte) }

        private mutating func advance() {
            if here == 0x0a { line += 1 }
            index += 1
        }

        private mutating func skipBlanks() {
            while let here, here == 0x20 || here == 0x09 { index += 1 }
        }

        private mutating func skipLine() {
            while let here, !Self.isLineBreak(here) { index += 1 }
            if here != nil { advance() }
        }

        /// Up to the end of a line that is in no brackets and in no string.
        private mutating func skipStatement() {
            var depth = 0
            while let byte = here {
                switch byte {
                case UInt8(ascii: "#"):
                    while let here, !Self.isLineBreak(here) { index += 1 }
                    continue
                case UInt8(ascii: "\""), UInt8(ascii: "'"):
                    skipString(byte)
                    continue
                case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
                case UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
                default: break
                }
                advance()
                if depth == 0, Self.isLineBreak(byte) { return }
            }
        }

        private mutating func skipString(_ quote: UInt8) {
            let isLong = bytes[index...].starts(with: [quote, quote, quote])
            index += isLong ? 3 : 1
            while let byte = here {
                if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                    advance()
                    if here != nil { advance() }
                } else if !isLong, byte == quote || Self.isLineBreak(byte) {
                    if byte == quote { index += 1 }
                    return
                } else if isLong, bytes[index...].starts(with: [quote, quote, quote]) {
                    // Up to two more belong to the string.
                    index += 3
                    for _ in 0..<2 where here == quote { index += 1 }
                    return
                } else {
                    advance()
                }
            }
        }
    }
}
