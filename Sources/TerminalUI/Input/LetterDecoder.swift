/// How a terminal writes letters as bytes.
public enum LetterEncoding: Sendable {
    case utf8
    /// One byte a letter: what each of the 256 stands for; nil for none.
    case bytes([Unicode.Scalar?])
}

/// Puts letters together from bytes, in however many parts these come.
struct LetterDecoder: Sendable {
    private let encoding: LetterEncoding
    private var value: UInt32 = 0
    /// Below this it was written with more bytes than it needs.
    private var least: UInt32 = 0
    private var missing = 0

    init(_ encoding: LetterEncoding) { self.encoding = encoding }

    /// True in the middle of a letter.
    var isWaiting: Bool { missing > 0 }

    /// - Returns: what is whole now, mostly one or none; U+FFFD for bytes that are not a letter.
    mutating func take(_ byte: UInt8) -> [Unicode.Scalar] {
        if case .bytes(let letters) = encoding {
            guard byte >= 0x80 else { return [Unicode.Scalar(byte)] }
            return [letters.indices.contains(Int(byte)) ? letters[Int(byte)] ?? Self.unknown : Self.unknown]
        }
        if missing > 0 {
            guard byte & 0xc0 == 0x80 else {
                drop()
                return [Self.unknown] + take(byte)
            }
            value = value << 6 | UInt32(byte & 0x3f)
            missing -= 1
            guard missing == 0 else { return [] }
            return [value >= least ? Unicode.Scalar(value) ?? Self.unknown : Self.unknown]
        }
        switch byte {
        case ..<0x80: return [Unicode.Scalar(byte)]
        case 0xc2...0xdf: (value, missing, least) = (UInt32(byte & 0x1f), 1, 0x80)
        case 0xe0...0xef: (value, missing, least) = (UInt32(byte & 0x0f), 2, 0x800)
        case 0xf0...0xf4: (value, missing, least) = (UInt32(byte & 0x07), 3, 0x10000)
        default: return [Self.unknown]
        }
        return []
    }

    /// Gives up what has begun.
    mutating func drop() { missing = 0 }

    static let unknown: Unicode.Scalar = "\u{fffd}"
}
