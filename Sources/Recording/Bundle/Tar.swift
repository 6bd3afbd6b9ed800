public import RedisValues

/// What stands between the files of a tar archive, with nothing of who has written it, where and when: what has the same
/// in it is the same, byte for byte.
///
/// Source: POSIX.1-2017, pax, "ustar Interchange Format".
public enum Tar {
    /// Files are filled up to a multiple of so many bytes.
    public static let block = 512
    /// In bytes, of a name.
    public static let longestName = 100
    /// In bytes, of a file: eleven octal digits.
    public static let largest = 1 << 33 - 1

    /// What stands in front of a file, which is for its owner alone.
    ///
    /// - Parameters:
    ///   - name: ends with `/` for a folder.
    ///   - time: from 1970 on; an earlier one becomes that.
    /// - Returns: nil for a name or a size that does not fit.
    public static func header(_ name: String, size: Int, time: WallTime) -> [UInt8]? {
        let isFolder = name.hasSuffix("/")
        guard !name.isEmpty, name.utf8.count <= longestName, (0...largest).contains(size), !isFolder || size == 0 else {
            return nil
        }
        var header = [UInt8](repeating: 0, count: block)
        func put(_ bytes: some Collection<UInt8>, at offset: Int) {
            header.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        }
        put(name.utf8, at: 0)
        put(octal(isFolder ? 0o700 : 0o600, digits: 7), at: 100)
        put(octal(0, digits: 7), at: 108)
        put(octal(0, digits: 7), at: 116)
        put(octal(size, digits: 11), at: 124)
        put(octal(Int(max(0, min(Int64(largest), time.seconds))), digits: 11), at: 136)
        put("        ".utf8, at: 148)
        put([UInt8(ascii: isFolder ? "5" : "0")], at: 156)
        put("ustar\u{0}00".utf8, at: 257)
        put(octal(0, digits: 7), at: 329)
        put(octal(0, digits: 7), at: 337)
        // Six digits, a zero and a blank.
        put(octal(header.reduce(0) { $0 + Int($1) }, digits: 6), at: 148)
        return header
    }

    /// What follows a file.
    public static func padding(after size: Int) -> [UInt8] {
        [UInt8](repeating: 0, count: (block - size % block) % block)
    }

    /// What follows the last one.
    public static let end = [UInt8](repeating: 0, count: 2 * block)

    /// With leading zeros, and a zero byte behind it.
    private static func octal(_ number: Int, digits: Int) -> [UInt8] {
        let text = String(number, radix: 8).utf8
        return [UInt8](repeating: UInt8(ascii: "0"), count: digits - text.count) + text + [0]
    }
}
