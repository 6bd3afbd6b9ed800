/// What a server that counts is called, such as `checkout-api`: a part of a field's name in ``CounterHash``.
public struct ServiceName: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public enum Problem: Error, Equatable, Sendable, CustomStringConvertible {
        case empty
        /// So many bytes.
        case tooLong(Int)
        /// It holds a control character, or the `/` that ends it in a field.
        case forbiddenCharacters

        public var description: String {
            switch self {
            case .empty: "the service's name is empty"
            case .tooLong(let bytes): "the service's name has \(bytes) bytes: \(ServiceName.limit) are allowed"
            case .forbiddenCharacters: "the service's name holds a slash or control characters"
            }
        }
    }

    /// Bytes at most.
    public static let limit = 64

    public init(_ text: String) throws(Problem) {
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= Self.limit else { throw .tooLong(text.utf8.count) }
        guard CounterField.isName(text, withSlashes: false) else { throw .forbiddenCharacters }
        description = text
    }
}
