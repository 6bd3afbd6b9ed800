internal import CacheWire
internal import Logging
internal import NIOConcurrencyHelpers
internal import RedisValues

/// What a store counts and logs for one namespace; what is logged once is logged by the first of all copies.
struct StoreNotes: Sendable {
    let tally: any StoreTally
    let namespace: String
    private let logger: Logger
    private let logged = NIOLockedValueBox<Set<Matter>>([])

    private enum Matter { case wrongType, noRight }

    init(_ tally: any StoreTally, _ namespace: String, logger: Logger = Logger(label: "cachecore.stores")) {
        (self.tally, self.namespace, self.logger) = (tally, namespace, logger)
    }

    func count(_ figure: StoreFigure, by amount: Int = 1) {
        if amount > 0 { tally.count(figure, in: namespace, by: amount) }
    }

    /// A key holds something else than this store keeps: it stays as it is.
    func wrongType(_ key: [UInt8]) {
        guard isFirst(.wrongType) else { return }
        logger.warning(
            "\(Printable.escape(key, limit: 100)) holds a value of another type than \(namespace) keeps there; it is left alone, and others like it are not logged"
        )
    }

    /// What a store goes on without, where the user of the connection may not do it: nobody is told otherwise.
    func noRight(_ error: CacheError) {
        guard error.isLackOfRights, isFirst(.noRight) else { return }
        logger.warning("\(namespace) goes without the cache: \(error). This is not logged again.")
    }

    private func isFirst(_ matter: Matter) -> Bool { logged.withLockedValue { $0.insert(matter).inserted } }
}

extension CacheError {
    /// The user of the connection may not do it, which time does not mend.
    fileprivate var isLackOfRights: Bool {
        if case .forbidden = self { return true }
        return refusal.kind == .noPermission
    }
}
