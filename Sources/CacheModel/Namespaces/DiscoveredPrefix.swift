internal import RedisValues

/// Guesses what an unknown key is grouped by.
///
/// One or two leading segments, with their separators, that look like names and not like identifiers:
/// `blacklist:token:9f1c…` is grouped by `blacklist:token:`, `user:123:profile` by `user:`. A key without a separator
/// has no prefix.
public enum DiscoveredPrefix {
    /// Segments at most.
    public static let depth = 2
    /// Bytes at most; a longer first segment is no name.
    public static let longest = 64

    /// - Returns: how many of the key's bytes are its prefix.
    public static func length(of key: Span<UInt8>) -> Int {
        var length = 0
        var start = 0
        var segments = 0
        var index = 0
        while index < key.count, index < longest, segments < depth {
            if KeyClassifier.isSeparator(key[index]) {
                guard index > start, !isIdentifier(key.extracting(start..<index)) else { return length }
                length = index + 1
                start = index + 1
                segments += 1
            }
            index += 1
        }
        return length
    }

    /// What a prefix is called: without the separator at its end.
    static func name(_ prefix: String) -> String {
        guard prefix.utf8.count > 1, let last = prefix.utf8.last, KeyClassifier.isSeparator(last) else { return prefix }
        return String(prefix.dropLast())
    }

    /// Numbers, hexadecimal of eight digits or more, long mixtures with digits, and what is not printable.
    static func isIdentifier(_ segment: Span<UInt8>) -> Bool {
        var digits = 0
        var hexadecimal = 0
        for index in segment.indices {
            switch segment[index] {
            case 0x30...0x39:
                digits += 1
                hexadecimal += 1
            case 0x61...0x66, 0x41...0x46, 0x2d: hexadecimal += 1
            case 0x21...0x7e: break
            default: return true
            }
        }
        if digits == segment.count { return true }
        guard digits > 0 else { return segment.count > 32 }
        if segment.count >= 8, hexadecimal == segment.count { return true }
        return segment.count > 16 || digits * 2 > segment.count
    }
}
