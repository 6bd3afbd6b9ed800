internal import Logging
internal import NIOConcurrencyHelpers
internal import RedisValues

/// What a store counts and logs for one namespace; what is logged once is logged by the first of all copies.
struct StoreNotes: Sendable {
    let tally: any StoreTally
    let namespace: String
    private let logger: Logger
    private let hasLogged = NIOLockedValueBox(false)

    init(_ tally: any StoreTally, _ namespace: String, logger: Logger = Logger(label: "cachecore.stores")) {
        (self.tally, self.namespace, self.logger) = (tally, namespace, logger)
    }

    func count(_ figure: StoreFigure, by amount: Int = 1) {
        if amount > 0 { tally.count(figure, in: namespace, by: amount) }
    }

    /// A key holds something else than this store keeps: it stays as it is.
    func wrongType(_ key: [UInt8]) {
        let isFirst = hasLogged.withLockedValue { hasLogged in
            defer { hasLogged = true }
            return !hasLogged
        }
        guard isFirst else { return }
        logger.warning(
            "\(Printable.escape(key, limit: 100)) holds a value of another type than \(namespace) keeps there; it is left alone, and others like it are not logged"
        )
    }
}
