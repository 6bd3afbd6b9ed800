internal import CacheModel
internal import RedisValues

/// Which copy of a key counts that a journal has several of, read from the newest one on: what the application has left
/// is its last life.
///
/// A flush may meet a key again that was written anew after it was removed; where the application has deleted that, the
/// entry is withdrawn, and the life before is not what it has left. But SCAN also returns one life twice: then the second
/// copy is withdrawn since the first one was removed, and it is the first one that comes back.
struct KeyLives {
    /// A copy of a key.
    struct Life {
        var place: JournalPlace
        /// Up to which block it was known what became of the entries when the copy was written down; nil where the journal
        /// does not tell.
        var settled: UInt32?
        /// What tells its value from others.
        var digest: [UInt8]
        /// Unix milliseconds; nil for never.
        var expiry: Int64?

        /// Whether it was copied after an older one was removed: then it is a life of its own.
        func isAfterTheEnd(of older: Life) -> Bool {
            guard (older.place.sequence, older.place.index) < (place.sequence, place.index) else { return false }
            // What was removed in the flight that has brought the copy is written down before it.
            if let settled { return settled >= older.place.sequence }
            return digest != older.digest || !isExpiry(like: older.expiry)
        }

        private func isExpiry(like other: Int64?) -> Bool {
            guard let expiry, let other else { return expiry == other }
            return (expiry -| other).magnitude <= UInt64(KeyLives.slack)
        }
    }

    /// How far two looks at the same expiry may be apart, in milliseconds.
    private static let slack: Int64 = 2000

    /// Keys of several entries.
    private let repeated: Set<[UInt8]>
    /// Keys of which it is known which copy counts, also where that has run out.
    private var decided: Set<[UInt8]> = []
    private var withdrawn: [[UInt8]: [Life]] = [:]

    /// - Parameter repeated: others are not looked at.
    init(of repeated: Set<[UInt8]>) { self.repeated = repeated }

    /// Takes the next older copy of a key.
    ///
    /// - Returns: whether it is the one that counts.
    mutating func counts(_ key: [UInt8], isWithdrawn: Bool, _ life: @autoclosure () -> Life) -> Bool {
        guard repeated.contains(key) else { return !isWithdrawn }
        guard !decided.contains(key) else { return false }
        let life = life()
        if isWithdrawn {
            withdrawn[key, default: []].append(life)
            return false
        }
        decided.insert(key)
        return withdrawn.removeValue(forKey: key)?.contains { $0.isAfterTheEnd(of: life) } != true
    }
}
