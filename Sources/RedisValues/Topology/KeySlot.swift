/// Which of a cluster's 16,384 slots a key lies in.
public enum KeySlot {
    public static let count = 16_384

    /// CRC-16/XMODEM of the hash tag, or of the whole key where it has none.
    ///
    /// Source: Redis Cluster specification, "Key distribution model" and "Hash tags".
    public static func of(_ key: Span<UInt8>) -> Int {
        var range = 0..<key.count
        if let open = (0..<key.count).first(where: { key[$0] == UInt8(ascii: "{") }),
            let close = (open + 1..<key.count).first(where: { key[$0] == UInt8(ascii: "}") }), close > open + 1
        {
            range = open + 1..<close
        }
        var crc: UInt16 = 0
        for index in range { crc = crc << 8 ^ table[Int(crc >> 8 ^ UInt16(key[index]))] }
        return Int(crc) % count
    }

    public static func of(_ key: [UInt8]) -> Int { of(key.span) }

    private static let table: [UInt16] = (0..<256).map { byte in
        var crc = UInt16(byte) << 8
        for _ in 0..<8 { crc = crc & 0x8000 != 0 ? crc << 1 ^ 0x1021 : crc << 1 }
        return crc
    }
}
