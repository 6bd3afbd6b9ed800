/// A message as SHA-1 and SHA-256 take it (FIPS 180-4, section 5.1.1): padded to whole blocks of 64 bytes.
struct MessageBlocks {
    private let bytes: [UInt8]
    static let size = 64

    /// Behind the message comes a bit that is set, and at the end of the last block the message's length in bits.
    init(_ message: some Collection<UInt8>) {
        var bytes = Array(message)
        let bits = UInt64(bytes.count) &* 8
        bytes.append(0x80)
        let filling = (2 * Self.size - 8 - bytes.count % Self.size) % Self.size
        bytes += repeatElement(0, count: filling)
        self.bytes = bytes + (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * $0)) }
    }

    /// - Parameter take: gets each block as 16 words, the highest byte first.
    func forEach(_ take: ([UInt32]) -> Void) {
        for start in stride(from: 0, to: bytes.count, by: Self.size) {
            take(
                stride(from: start, to: start + Self.size, by: 4).map { index in
                    bytes[index..<index + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                })
        }
    }
}

extension [UInt32] {
    /// The highest byte of each first.
    var bigEndianBytes: [UInt8] {
        flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) } }
    }
}
