internal import RedisValues

/// CRC-32 (IEEE 802.3, reflected), eight bytes a step.
public struct Checksum: Sendable {
    /// Eight tables of 256, one behind the other.
    private static let tables: [UInt32] = {
        var tables: [UInt32] = (0..<256).map { (byte: UInt32) -> UInt32 in
            var value = byte
            for _ in 0..<8 {
                let half = value >> 1
                value = value & 1 == 1 ? half ^ 0xedb8_8320 : half
            }
            return value
        }
        for index in 256..<2048 {
            let last = tables[index - 256]
            tables.append((last >> 8) ^ tables[Int(last & 0xff)])
        }
        return tables
    }()

    private var state: UInt32 = 0xffff_ffff

    public init() {}

    public var value: UInt32 { ~state }

    public mutating func add(_ bytes: Span<UInt8>) {
        let tables = Self.tables.span
        var crc = state
        var index = 0
        while index + 8 <= bytes.count {
            var next: UInt32 = 0
            for offset in 0..<8 {
                var byte = bytes[index + offset]
                if offset < 4 { byte ^= UInt8(truncatingIfNeeded: crc >> UInt32(offset * 8)) }
                next ^= tables[(7 - offset) * 256 + Int(byte)]
            }
            crc = next
            index += 8
        }
        while index < bytes.count {
            let byte = UInt8(truncatingIfNeeded: crc) ^ bytes[index]
            crc = (crc >> 8) ^ tables[Int(byte)]
            index += 1
        }
        state = crc
    }

    public static func of(_ bytes: [UInt8]) -> UInt32 {
        var checksum = Checksum()
        checksum.add(bytes.span)
        return checksum.value
    }
}
