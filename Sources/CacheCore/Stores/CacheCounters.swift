public import CacheWire
public import RedisValues
internal import NIOConcurrencyHelpers

/// Counts what stores did, and publishes it where the dashboard looks: who missed what, by namespace and service.
///
/// Counting is in memory, behind one lock. Every ten seconds, nine to eleven, the differences are added to the hash
/// `cachecore:counters`, in one pipeline. All processes of a service share its fields.
///
/// What the server certainly has not added stays for the next time. What was sent and whose answer was lost is given up:
/// counted twice it would be a rise that never was, and somebody would be named for it; left out, ten seconds of one
/// process are missing, hits as well as misses, and the ratio stands.
public final class CacheCounters: StoreTally {
    private let service: ServiceName
    private let cache: any CacheCalls
    private let key: [UInt8]
    private let clock: any StoreClock
    private let jitter: @Sendable () -> Duration
    private let state = NIOLockedValueBox(State())

    private struct State {
        /// Not published yet, by namespace.
        var pending: [String: StoreCounts] = [:]
        private var namespaces: Set<String> = []

        /// Whether a namespace is counted: its name fits into a field, and there are not too many.
        mutating func knows(_ namespace: String) -> Bool {
            if namespaces.contains(namespace) { return true }
            guard namespaces.count < mostNamespaces, CounterField.isNamespace(namespace) else { return false }
            namespaces.insert(namespace)
            return true
        }
    }

    /// Between two publications.
    public static let interval = Duration.seconds(10)
    /// So many namespaces fill ``CounterHash/mostFields``; further ones are not counted.
    public static let mostNamespaces = (CounterHash.mostFields - 1) / StoreFigure.allCases.count

    /// - Parameters:
    ///   - service: what the dashboard calls this server; all processes of one kind have one name. 1 to 64 bytes, no slash
    ///     and no control characters.
    ///   - cache: takes the figures; its outage is nobody's error.
    ///   - keyPrefix: the deployment's, such as `rcommerce:`.
    ///   - jitter: is added to each ``interval``; one second either way where nothing is said.
    /// - Throws: ``CacheError/input(_:)`` for a service that cannot be called so.
    public init(
        service: String, in cache: any CacheCalls, keyPrefix: String = "", clock: any StoreClock = SystemClock(),
        jitter: @escaping @Sendable () -> Duration = { .milliseconds(.random(in: -1000...1000)) }
    ) throws(CacheError) {
        do throws(ServiceName.Problem) { self.service = try ServiceName(service) } catch {
            throw .input(error.description)
        }
        self.cache = cache
        key = CounterHash.key(prefix: Array(keyPrefix.utf8))
        self.clock = clock
        self.jitter = jitter
    }

    public func count(_ figure: StoreFigure, in namespace: String, by amount: Int) {
        guard amount > 0 else { return }
        state.withLockedValue { state in
            guard state.knows(namespace) else { return }
            let sum = state.pending[namespace, default: StoreCounts()][figure] +| amount
            state.pending[namespace, default: StoreCounts()][figure] = sum
        }
    }

    /// What was counted and is not published yet, by namespace.
    public var pending: [String: StoreCounts] { state.withLockedValue(\.pending) }

    /// Publishes every ``interval`` until its task is cancelled, and then a last time.
    public func run() async {
        while !Task.isCancelled {
            do { try await clock.sleep(for: Self.interval + jitter()) } catch { break }
            await publish()
        }
        // Whoever is cancelled sends nothing any more: the last time is nobody's task but its own.
        _ = await Task { await publish() }.value
    }

    /// Publishes what has come since the last time, and that this process is there.
    ///
    /// - Returns: false where nobody knows that all of it has arrived.
    @discardableResult
    public func publish() async -> Bool {
        let taken = state.withLockedValue { state in
            let taken = state.pending
            state.pending = [:]
            return taken
        }
        let fields = taken.keys.sorted().flatMap { namespace in
            StoreFigure.allCases.compactMap { figure -> Difference? in
                let amount = taken[namespace]?[figure] ?? 0
                return amount > 0 ? Difference(namespace: namespace, figure: figure, amount: amount) : nil
            }
        }
        do throws(CacheError) {
            let replies = try await cache.pipeline(calls(fields))
            return settle(fields, replies)
        } catch {
            if !error.mayHaveBeenSent { for field in fields { putBack(field) } }
            return false
        }
    }

    private struct Difference {
        var namespace: String
        var figure: StoreFigure
        var amount: Int
    }

    private func calls(_ fields: [Difference]) -> [CacheCall] {
        let counts = fields.map { field in
            let name = CounterField.figure(
                service: service.description, namespace: field.namespace, field.figure
            ).name
            return CacheCall.hincrby(key, name, field.amount)
        }
        let at = CounterField.publishedAt(service: service.description).name
        return counts + [
            .hset(key, at, String(clock.now.seconds)), .expire(key, for: CounterHash.lifetime),
        ]
    }

    /// An error reply is an answer: nothing was added.
    private func settle(_ fields: [Difference], _ replies: [RESPValue]) -> Bool {
        for (field, reply) in zip(fields, replies) { if case .error = reply { putBack(field) } }
        return !replies.contains { if case .error = $0 { true } else { false } }
    }

    private func putBack(_ field: Difference) {
        state.withLockedValue { state in
            let sum = state.pending[field.namespace, default: StoreCounts()][field.figure] +| field.amount
            state.pending[field.namespace, default: StoreCounts()][field.figure] = sum
        }
    }
}

extension CacheError {
    /// False where it is certain that the server has not done what was asked for.
    fileprivate var mayHaveBeenSent: Bool {
        switch self {
        case .refused, .exhausted, .unavailable, .readOnly, .forbidden, .input, .file, .settings: false
        case .unknown, .timedOut, .closed, .protocolError, .replyTooLarge, .cancelled: true
        }
    }
}
