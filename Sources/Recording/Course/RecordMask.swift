internal import RedisValues

/// Hashes ids in keys, addresses and names in what was recorded with them, as a recorder does that is asked for it.
///
/// Lines that were met make later ones better: names are found in texts once somebody is known to be called so.
public struct RecordMask: Sendable {
    private let salt: [UInt8]
    private var anonymiser: Anonymiser

    /// - Parameter salt: never written; hashes that were made with another one are others.
    public init(salt: [UInt8]) {
        self.salt = salt
        anonymiser = Anonymiser(salt: salt, classifier: RecordHeader(target: "").classifier)
    }

    public mutating func clean(_ entry: RecordEntry) -> RecordEntry {
        guard case .header(var header) = entry else { return anonymiser.clean(entry) }
        anonymiser.classifier = header.classifier
        header.target = anonymiser.target(header.target)
        header.isAnonymous = true
        return .header(header)
    }

    /// One that nobody can guess who has not got the bytes, and that is the same whenever they are.
    ///
    /// - Parameter lines: of the recording; a server's run id among them is what nobody guesses.
    public static func salt(of lines: [UInt8]) -> [UInt8] { SHA256.digest(of: lines) }
}
