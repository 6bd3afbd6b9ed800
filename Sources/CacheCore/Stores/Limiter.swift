public import CacheWire
public import RedisValues

/// Limits how often somebody may ask, across all servers that count in one place.
///
/// An id is an address, a user or a key, 256 bytes at most, without control characters. Every call throws
/// ``CacheError/input(_:)`` for ids, limits and times that make no sense, before anything is sent.
public protocol Limiter: Sendable {
    /// Counts an ask, and says whether it is allowed.
    ///
    /// Who is blocked is refused, whatever the count. An outage is answered as ``OutageChoice`` says.
    ///
    /// - Throws: ``CacheError/input(_:)``, ``CacheError/forbidden(_:)`` where the user of the connection may not count, which
    ///   is no outage, and ``CacheError/cancelled`` where the task was cancelled.
    func allow(_ id: String, within limit: WindowLimit) async throws(CacheError) -> LimitVerdict
    /// The same for a rate: so many at once, which come back one by one.
    func allow(_ id: String, within limit: RateLimit) async throws(CacheError) -> LimitVerdict

    /// How often somebody has asked in this window, in both layouts.
    ///
    /// - Returns: nil where nothing is counted.
    func usage(_ id: String, of limit: WindowLimit) async throws(CacheError) -> Int?
    /// Begins the window anew.
    func reset(_ id: String, _ limit: WindowLimit) async throws(CacheError)

    /// Refuses somebody for so long, whatever they ask.
    func block(_ id: String, for time: Duration) async throws(CacheError)
    /// - Returns: whether there was a block.
    @discardableResult
    func unblock(_ id: String) async throws(CacheError) -> Bool
    /// - Returns: as ``OutageChoice`` says where nobody can tell.
    func isBlocked(_ id: String) async throws(CacheError) -> Bool
}

/// What a store answers where the cache is away.
public enum OutageChoice: String, CaseIterable, Sendable {
    /// Allowed, and counted as a drop.
    case open
    /// Refused, and counted as a drop.
    case closed
}

/// How a limiter keeps what it counts.
public struct LimiterOptions: Equatable, Sendable {
    public var layout: StoreLayout
    /// In front of the deployed layout's keys, and of blocks in both.
    public var prefix: String
    public var outage: OutageChoice
    /// What the other layout has counted counts as well, where it can say the window: a deployment's servers need not
    /// change at once. It costs a GET.
    public var countsOtherLayout: Bool

    public init(
        layout: StoreLayout = .guide, prefix: String = "rcommerce", outage: OutageChoice = .open,
        countsOtherLayout: Bool = true
    ) {
        self.layout = layout
        self.prefix = prefix
        self.outage = outage
        self.countsOtherLayout = countsOtherLayout
    }

    /// By which limits are known to whoever counts.
    static let namespace = "rate:limit"

    func plan(_ limit: WindowLimit, _ id: String, at now: WallTime) throws(CacheError) -> LimitPlan {
        do throws(StoreProblem) {
            return try LimitPlan(window: limit, of: id, layout, prefix: prefix, at: now)
        } catch { throw CacheError(error) }
    }

    func plan(_ limit: RateLimit, _ id: String) throws(CacheError) -> LimitPlan {
        do throws(StoreProblem) { return try LimitPlan(rate: limit, of: id, layout, prefix: prefix) } catch {
            throw CacheError(error)
        }
    }

    func rate(_ limit: RateLimit) throws(CacheError) -> GCRA {
        do throws(StoreProblem) { return try GCRA(limit) } catch { throw CacheError(error) }
    }

    /// Where the other layout counts; nil where that does not matter.
    func otherKey(_ plan: LimitPlan) -> [UInt8]? { countsOtherLayout ? plan.otherKey : nil }

    func blockKey(_ id: String) throws(CacheError) -> [UInt8] {
        do throws(StoreProblem) { return try LimitPlan.blockKey(of: id, prefix: prefix) } catch {
            throw CacheError(error)
        }
    }

    /// What a finding comes to; what is of another type stays, and is answered as an outage is.
    func verdict(_ finding: LimitFinding, of limit: Int, at plan: LimitPlan, _ notes: StoreNotes) -> LimitVerdict {
        if let verdict = finding.verdict(of: limit) { return verdict }
        if finding.count == .wrongType { notes.wrongType(plan.key) } else { notes.count(.drops) }
        return verdictInOutage()
    }

    func verdictInOutage() -> LimitVerdict { LimitVerdict(isAllowed: outage == .open, ground: .outage) }
}

extension CacheError {
    init(_ problem: StoreProblem) { self = .input(problem.description) }

    /// Nothing that a cache's absence explains: the caller's own doing.
    var isOfCaller: Bool {
        switch self {
        case .input: true
        case .cancelled: Task.isCancelled
        default: false
        }
    }
}

extension Duration {
    /// - Throws: ``CacheError/input(_:)`` for less than a millisecond, and for more than a year.
    func storeLife(_ what: String) throws(CacheError) {
        do throws(StoreProblem) { try checkedLife(what) } catch { throw CacheError(error) }
    }
}
