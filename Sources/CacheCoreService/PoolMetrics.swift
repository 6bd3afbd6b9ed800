public import CacheCore
public import CoreMetrics
internal import NIOConcurrencyHelpers
public import RedisValues

/// A pool's figures for swift-metrics, under the names of `cachecore_…`; handles are made once.
///
/// It is the pool's observer, for the timers, and what stores count by, for the lookups. Gauges and counters of
/// connections follow where somebody calls ``record(_:)``, as ``CachePoolService`` does.
public final class PoolMetrics: PoolObserver, StoreTally {
    private let connections: [(state: String, gauge: Gauge)]
    private let waiting: Gauge
    private let breaker: Gauge
    private let dropped: Counter
    private let opened: Counter
    private let closed: [PoolStatistics.Closing: Counter]
    private let timeouts: Counter
    private let calls: Timer
    private let waits: Timer
    private let factory: any MetricsFactory
    private let told = NIOLockedValueBox(PoolStatistics())
    private let lookups = NIOLockedValueBox<[String: [StoreFigure: Counter]]>([:])

    static let every = Duration.seconds(5)

    /// - Parameter factory: of the handles; that of the process where nothing else is said.
    public init(factory: any MetricsFactory = MetricsSystem.factory) {
        func counter(_ label: String, _ dimensions: [(String, String)] = []) -> Counter {
            Counter(label: label, dimensions: dimensions, factory: factory)
        }
        func gauge(_ label: String, _ dimensions: [(String, String)] = []) -> Gauge {
            Gauge(label: label, dimensions: dimensions, factory: factory)
        }
        self.factory = factory
        connections = ["busy", "idle"].map { ($0, gauge("cachecore_pool_connections", [("state", $0)])) }
        waiting = gauge("cachecore_pool_waiting")
        breaker = gauge("cachecore_breaker_open")
        dropped = counter("cachecore_dropped_total")
        opened = counter("cachecore_opened_total")
        closed = Dictionary(
            uniqueKeysWithValues: PoolStatistics.Closing.allCases.map { reason in
                (reason, counter("cachecore_closed_total", [("reason", reason.rawValue)]))
            })
        timeouts = counter("cachecore_timeouts_total")
        calls = Timer(label: "cachecore_call_seconds", dimensions: [], preferredDisplayUnit: .seconds, factory: factory)
        waits = Timer(label: "cachecore_wait_seconds", dimensions: [], preferredDisplayUnit: .seconds, factory: factory)
    }

    public func called(for duration: Duration) { calls.recordNanoseconds(Self.nanoseconds(duration)) }
    public func waited(for duration: Duration) { waits.recordNanoseconds(Self.nanoseconds(duration)) }

    private static func nanoseconds(_ duration: Duration) -> Int64 { Int64((duration / .nanoseconds(1)).whole) }

    /// Sets the gauges, and adds to the counters what is new since it was last called.
    public func record(_ statistics: PoolStatistics) {
        let before = told.withLockedValue { told in
            defer { told = statistics }
            return told
        }
        for (state, gauge) in connections {
            gauge.record(state == "busy" ? statistics.busy : statistics.connections -| statistics.busy)
        }
        waiting.record(statistics.waiting)
        breaker.record(statistics.outages.count)
        Self.add(statistics.dropped -| before.dropped, to: dropped)
        Self.add(statistics.opened -| before.opened, to: opened)
        Self.add(statistics.timeouts -| before.timeouts, to: timeouts)
        for (reason, counter) in closed {
            Self.add((statistics.closed[reason] ?? 0) -| (before.closed[reason] ?? 0), to: counter)
        }
    }

    private static func add(_ amount: Int, to counter: Counter) {
        if amount > 0 { counter.increment(by: amount) }
    }

    /// `cachecore_lookups_total` with the namespace and what became of it, and a counter of its own for what is no lookup,
    /// such as `cachecore_loads_total`.
    public func count(_ figure: StoreFigure, in namespace: String, by amount: Int) {
        let counter = lookups.withLockedValue { lookups in
            if let known = lookups[namespace]?[figure] { return known }
            let name = figure.isLookup ? "lookups" : figure.rawValue
            let result = figure.isLookup ? [("result", figure.rawValue)] : []
            let made = Counter(
                label: "cachecore_\(name)_total", dimensions: [("namespace", namespace)] + result, factory: factory)
            lookups[namespace, default: [:]][figure] = made
            return made
        }
        Self.add(amount, to: counter)
    }
}
