internal import CacheModel

/// What the table of namespaces is sorted by.
enum NamespaceOrder: CaseIterable, Sendable {
    case bytes, keys, idle, growth, name

    var words: String {
        switch self {
        case .keys: "keys"
        case .bytes: "bytes"
        case .idle: "idle memory"
        case .growth: "growth"
        case .name: "name"
        }
    }

    var next: NamespaceOrder {
        let all = Self.allCases
        return all[(all.firstIndex(of: self).map { $0 + 1 } ?? 0) % all.count]
    }
}

/// What is known of the namespaces, and what is being found out.
struct NamespaceBoard: Sendable {
    enum Work: Equatable, Sendable {
        case none
        case estimating
        case sweeping(full: Bool, since: Duration, isCancelled: Bool)
    }

    /// One look of the past.
    private struct Past: Sendable {
        var at: Duration
        var keys: [KeyScope: Estimated]
        /// What is left of the keys of no rule, and which prefixes are taken from it.
        var rest: KeyScope
        var prefixes: Set<[UInt8]>
    }

    var work = Work.none { didSet { if oldValue == .none, work != .none { cadence.begin() } } }
    /// The last whole look, or a sweep that was stopped half way.
    private(set) var report: NamespaceReport?
    /// What a sweep has counted so far; nil while none runs.
    private(set) var progress: NamespaceReport?
    /// Why the last look failed; nil when it did not.
    private(set) var failure: Refusal?
    /// What is shown in full.
    var opened: KeyScope?
    var order = NamespaceOrder.bytes
    var isReversed = false
    /// True while nobody has asked for the sweep that runs: what was known stays on the screen until it has ended.
    private(set) var isUnasked = false
    /// True while an estimate runs that somebody has asked for.
    private(set) var isAsked = false
    /// The last full sweep that has seen all keys.
    private(set) var counted: NamespaceReport?
    /// When the last full sweep ended or was stopped, and of how many keys.
    private(set) var lastFullSweep: (at: Duration, keys: Int)?
    private var past: [Past] = []
    private var cadence = LookCadence()
    /// Looks that began before were at another server; nil for none.
    private var since: Duration?

    static let pastKept = 240

    /// What is on the screen: a sweep shows as it grows.
    var shown: NamespaceReport? { isUnasked ? report ?? progress : progress ?? report }

    /// - Parameters:
    ///   - every: nil where the dashboard does not estimate by itself.
    ///   - isWished: whether an estimate would tell more of an alert.
    ///   - keys: that there are now; nil where that is not known.
    /// - Returns: true where an estimate is to begin now.
    mutating func isDue(at now: Duration, every: Duration?, isWished: Bool = false, keys: Int? = nil) -> Bool {
        let isDue = cadence.isDue(at: now, every: every, isWished: isWished, isBusy: work != .none, keys: keys)
        if isDue { work = .estimating }
        return isDue
    }

    mutating func record(_ event: NamespaceEvent, every: Duration?) {
        switch event {
        case .estimated(let report):
            if work == .estimating { work = .none }
            isAsked = false
            settle(report)
            cadence.end(
                estimateAt: report.elapsed, every: every, isDenied: failure?.kind.deniesCommand == true)
        case .sweeping(let report):
            if case .sweeping = work, isOfNow(report) { progress = report }
        case .swept(let report):
            let wasUnasked = isUnasked
            (work, progress, isUnasked) = (.none, nil, false)
            if report.method == .sweepFull { lastFullSweep = (report.elapsed, report.keys) }
            // A part of what nobody has asked for is worth less than the estimate before.
            guard !wasUnasked || report.complete && report.refusal == nil else { return }
            settle(report)
            cadence.end(sweepAt: report.elapsed, every: every)
        }
    }

    /// A look that came with a snapshot.
    mutating func adopt(_ report: NamespaceReport) {
        if report.elapsed != self.report?.elapsed { settle(report) }
    }

    /// Another server answers: what was counted is not what it holds.
    mutating func forget(at now: Duration) {
        let before = self
        self = NamespaceBoard()
        (work, isUnasked, isAsked, since) = (before.work, before.isUnasked, before.isAsked, now)
        (order, isReversed) = (before.order, before.isReversed)
    }

    /// Looks of any time are of what is shown: a recording goes back, too.
    mutating func acceptAll() { (since, work, isUnasked, isAsked) = (nil, .none, false, false) }

    /// An estimate begins that somebody has asked for.
    mutating func estimateAsked() { (work, isAsked) = (.estimating, true) }

    /// A full sweep follows an estimate that has just come.
    mutating func sweepUnasked(at now: Duration) {
        work = .sweeping(full: true, since: now, isCancelled: false)
        isUnasked = true
    }

    private func isOfNow(_ report: NamespaceReport) -> Bool {
        since.map { report.elapsed - report.took >= $0 } ?? true
    }

    /// What was refused may be allowed now.
    mutating func retry() { cadence.retry() }

    private mutating func settle(_ new: NamespaceReport) {
        guard isOfNow(new) else { return }
        failure = new.refusal
        // A failed estimate says nothing; a sweep that came to an end half way says something.
        guard new.refusal == nil || (new.method != .estimate && new.examined > 0) else { return }
        report = new
        cadence.note(lookAt: new.elapsed)
        guard new.complete else { return }
        if new.hasAllSizes { counted = new }
        var keys: [KeyScope: Estimated] = [:]
        for usage in new.rows { keys[usage.scope] = usage.keys }
        past.append(
            Past(
                at: new.elapsed, keys: keys, rest: new.rest.scope, prefixes: Set(new.discovered.compactMap(\.prefix))))
        if past.count > Self.pastKept { past.removeFirst() }
    }

    /// The look that growth is counted from: up to an hour ago; nil where there is none far enough back.
    private var beginning: Past? {
        guard let last = past.last, let first = past.first(where: { last.at - $0.at <= .seconds(3660) }),
            last.at - first.at >= .seconds(30)
        else { return nil }
        return first
    }

    /// What growth is told per: a minute tells nothing of an hour.
    var growthPeriod: Duration {
        guard let last = past.last, let beginning, last.at - beginning.at >= .seconds(3300) else { return .seconds(60) }
        return .seconds(3600)
    }

    /// Keys an hour between now and up to an hour ago; 0 where both intervals allow that nothing has changed,
    /// nil with one look only, or looks that lie too near together.
    func growth(of scope: KeyScope) -> Double? {
        guard let last = past.last, let now = last.keys[scope], let first = beginning else { return nil }
        // What is left is something else where other prefixes have lines of their own.
        if scope == last.rest, last.prefixes != first.prefixes { return nil }
        // Of a prefix that had none nobody knows how many there were.
        guard let before = first.keys[scope] ?? (scope.glob == nil ? Estimated(exactly: 0) : nil) else { return nil }
        if now.low <= before.high, before.low <= now.high { return 0 }
        return (now.value - before.value) / ((last.at - first.at) / .seconds(3600))
    }

    /// Keys at the last looks, oldest first.
    func history(of scope: KeyScope, count: Int) -> [Double?] { past.suffix(count).map { $0.keys[scope]?.value } }

    /// What the table is sorted by: keys, where nobody knows bytes.
    var usedOrder: NamespaceOrder { order == .bytes && shown?.bytesAreKnown == false ? .keys : order }

    /// Lines of the table.
    func rows(_ search: SearchText) -> [NamespaceUsage] {
        let all = (shown?.rows ?? []).filter { search.isFound(inName: Array($0.name.utf8)) }
        let order = usedOrder
        let weighted = all.map { (usage: $0, weight: weight($0, order)) }
        return weighted.sorted { left, right in
            if left.weight != right.weight { return (left.weight > right.weight) != isReversed }
            return (left.usage.name < right.usage.name) != (isReversed && order == .name)
        }.map(\.usage)
    }

    private func weight(_ usage: NamespaceUsage, _ order: NamespaceOrder) -> Double {
        switch order {
        case .bytes: usage.bytes?.value ?? -1
        case .keys: usage.keys.value
        case .idle: (usage.idleShare ?? 0) * (usage.bytes?.value ?? 0)
        case .growth: growth(of: usage.scope) ?? 0
        case .name: 0
        }
    }
}
