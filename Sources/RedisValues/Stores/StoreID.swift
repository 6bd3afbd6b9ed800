/// An id that may stand in a key.
public struct StoreID: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public enum Problem: Error, Equatable, Sendable, CustomStringConvertible {
        case empty
        /// So many bytes.
        case tooLong(Int)
        case controlCharacters

        public var description: String {
            switch self {
            case .empty: "the id is empty"
            case .tooLong(let bytes): "the id has \(bytes) bytes: \(StoreID.limit) are allowed"
            case .controlCharacters: "the id holds control characters"
            }
        }
    }

    /// Bytes at most.
    public static let limit = 256

    public init(_ text: String) throws(Problem) {
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= Self.limit else { throw .tooLong(text.utf8.count) }
        let isControl =
            !text.utf8.allSatisfy { (0x20...0x7e).contains($0) }
            && text.unicodeScalars.contains { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }
        guard !isControl else { throw .controlCharacters }
        description = text
    }
}
