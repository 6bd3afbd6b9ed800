internal import RedisValues

/// Memory that the server's own account of all keys has, and no namespace explains.
public struct UnexplainedBytes: Codable, Equatable, Sendable {
    public enum Reason: String, Codable, CaseIterable, Sendable {
        /// No key that large was drawn; if none were larger, all keys would take less.
        case largeKeys = "large-keys"
        /// All keys were asked, and `MEMORY USAGE` guesses what large collections take.
        case sampledSizes = "sampled-sizes"
        /// All keys were asked, and their sizes are known.
        case notOfKeys = "not-of-keys"

        public var words: String {
            switch self {
            case .largeKeys: "few large keys, larger than any that was looked at; a full sweep finds them"
            case .sampledSizes: "sizes are from samples of five elements, or it is memory of no key"
            case .notOfKeys: "memory of no key, such as scripts and functions, or of keys that went meanwhile"
            }
        }

        public var shortWords: String {
            switch self {
            case .largeKeys: "few large keys"
            case .sampledSizes: "sizes are sampled"
            case .notOfKeys: "memory of no key"
            }
        }
    }

    public var bytes: Estimated
    public var reason: Reason

    /// Of the account, what is not worth a word.
    static let tolerated = 0.1
    /// The account is rough: of a server that holds next to nothing it says nothing.
    static let least = 1_048_576.0

    public static let name = "not explained"

    /// - Parameters:
    ///   - account: what the server says that all keys take.
    ///   - most: what all keys would take at most, if there were nothing to explain.
    /// - Returns: nil where the difference is small, or chance explains it.
    init?(account: Double, usages: [NamespaceUsage], most: Double, _ reason: Reason) {
        guard usages.allSatisfy({ $0.bytes != nil || $0.keys.high == 0 }) else { return nil }
        let sum = usages.reduce(0.0) { $0 + ($1.bytes?.value ?? 0) }
        let certain = usages.reduce(0.0) { $0 + ($1.bytes?.low ?? 0) }
        let surely = account * (1 - SizeBudget.slack) - most
        guard account - sum > max(Self.tolerated * account, Self.least), surely > 0 else { return nil }
        bytes = Estimated(account - sum, low: surely, high: account * (1 + SizeBudget.slack) - certain)
        self.reason = reason
    }
}
