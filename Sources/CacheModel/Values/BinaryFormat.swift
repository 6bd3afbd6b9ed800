/// What bytes that are no text say of themselves in their first ones.
enum BinaryFormat {
    /// By the signatures of RFC 1952 and 1950, of zstd, lz4, snappy, bzip2, and of what people keep in caches besides.
    private static let signatures: [(name: String, bytes: [UInt8])] = [
        ("gzip", [0x1f, 0x8b]), ("zstd", [0x28, 0xb5, 0x2f, 0xfd]), ("lz4", [0x04, 0x22, 0x4d, 0x18]),
        ("snappy", [0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59]), ("bzip2", [0x42, 0x5a, 0x68]),
        ("xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), ("zip", [0x50, 0x4b, 0x03, 0x04]),
        ("PNG", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), ("JPEG", [0xff, 0xd8, 0xff]),
        ("GIF", [0x47, 0x49, 0x46, 0x38]), ("PDF", [0x25, 0x50, 0x44, 0x46, 0x2d]),
        ("Java serialization", [0xac, 0xed, 0x00, 0x05]),
    ]

    /// - Parameter isCut: more bytes follow.
    /// - Returns: such as `gzip`; nil for text, and for what nobody knows.
    static func name(of bytes: [UInt8], isCut: Bool) -> String? {
        guard bytes.contains(where: { $0 >= 0x7f || $0 < 0x09 }) else { return nil }
        if let known = signatures.first(where: { bytes.starts(with: $0.bytes) }) { return known.name }
        if isZlib(bytes) { return "zlib" }
        if isPickle(bytes, isCut: isCut) { return "Python pickle" }
        if String(validating: bytes, as: UTF8.self) != nil, !bytes.contains(where: { $0 < 0x09 }) { return nil }
        return MessagePackWalk.isWhole(bytes, isCut: isCut) ? "MessagePack" : nil
    }

    /// RFC 1950 section 2.2: a window of 32 KiB at most, no dictionary, and a check of both bytes.
    private static func isZlib(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > 6, bytes[0] == 0x78, bytes[1] & 0x20 == 0 else { return false }
        return (Int(bytes[0]) << 8 + Int(bytes[1])).isMultiple(of: 31)
    }

    /// Protocols 2 to 5: `PROTO` in front, `STOP` at the end.
    private static func isPickle(_ bytes: [UInt8], isCut: Bool) -> Bool {
        bytes.count > 3 && bytes[0] == 0x80 && (2...5).contains(bytes[1])
            && (isCut || bytes.last == UInt8(ascii: "."))
    }
}

/// MessagePack has no signature: what can be walked over from its first byte to its last is taken for it.
///
/// Source: the MessagePack specification, "Formats".
private struct MessagePackWalk {
    private let bytes: [UInt8]
    private var index = 0

    /// Only maps and arrays: any byte is a number of MessagePack.
    static func isWhole(_ bytes: [UInt8], isCut: Bool) -> Bool {
        switch bytes.first ?? 0 {
        case 0x81...0x8f, 0x91...0x9f, 0xdc...0xdf: break
        default: return false
        }
        guard bytes.count > 2 else { return false }
        var walk = MessagePackWalk(bytes: bytes)
        // Things that are still to come; each takes a byte at least.
        var left = 1
        while left > 0 {
            guard walk.index < bytes.count else { return isCut }
            guard let more = walk.step() else { return false }
            left += more - 1
            if left > bytes.count, !isCut { return false }
        }
        return walk.index == bytes.count || isCut && walk.index > bytes.count
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Walks over one thing.
    ///
    /// - Returns: how many there are in it; nil for a byte that is never used.
    private mutating func step() -> Int? {
        let byte = bytes[index]
        index += 1
        switch byte {
        case 0x00...0x7f, 0xe0...0xff, 0xc0, 0xc2, 0xc3: return 0
        case 0x80...0x8f: return Int(byte & 0x0f) * 2
        case 0x90...0x9f: return Int(byte & 0x0f)
        case 0xa0...0xbf: index += Int(byte & 0x1f)
        case 0xc4, 0xd9: index += length(1)
        case 0xc5, 0xda: index += length(2)
        case 0xc6, 0xdb: index += length(4)
        case 0xc7: index += length(1) + 1
        case 0xc8: index += length(2) + 1
        case 0xc9: index += length(4) + 1
        case 0xcc, 0xd0: index += 1
        case 0xcd, 0xd1: index += 2
        case 0xca, 0xce, 0xd2: index += 4
        case 0xcb, 0xcf, 0xd3: index += 8
        case 0xd4...0xd8: index += 1 + 1 << Int(byte - 0xd4)
        case 0xdc: return length(2)
        case 0xdd: return length(4)
        case 0xde: return length(2) * 2
        case 0xdf: return length(4) * 2
        default: return nil
        }
        return 0
    }

    private mutating func length(_ size: Int) -> Int {
        var length = 0
        for _ in 0..<size {
            length = length << 8 | (index < bytes.count ? Int(bytes[index]) : 0)
            index += 1
        }
        return length
    }
}
