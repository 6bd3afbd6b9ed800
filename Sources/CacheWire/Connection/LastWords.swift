internal import RedisValues
internal import NIOConcurrencyHelpers

/// Why a connection ended, for those who write to it afterwards: a closed channel has no handlers to ask.
final class LastWords: Sendable {
    private let words = NIOLockedValueBox<CacheError?>(nil)

    var cause: CacheError? { words.withLockedValue { $0 } }

    /// Only the first cause counts.
    func say(_ cause: CacheError) { words.withLockedValue { $0 = $0 ?? cause } }
}
