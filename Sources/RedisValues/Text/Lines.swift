/// The lines of a text, one after the other; those without a byte are left out.
///
/// A list of all of them would take far more memory than the text itself, where a server sends short ones.
struct Lines: Sequence, IteratorProtocol {
    private var rest: ArraySlice<UInt8>

    init(_ text: [UInt8]) { rest = text[...] }

    mutating func next() -> ArraySlice<UInt8>? {
        guard let start = rest.firstIndex(where: { !Self.isBreak($0) }) else { return nil }
        let end = rest[start...].firstIndex(where: Self.isBreak) ?? rest.endIndex
        defer { rest = rest[end...] }
        return rest[start..<end]
    }

    private static func isBreak(_ byte: UInt8) -> Bool { byte == 0x0a || byte == 0x0d }
}
