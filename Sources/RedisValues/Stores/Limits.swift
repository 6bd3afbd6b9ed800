/// So many asks in a window that begins with the first of them.
public struct WindowLimit: Equatable, Sendable {
    /// Whom it counts, such as `ip`; it stands in keys.
    public var kind: String
    public var limit: Int
    public var window: Duration

    public init(_ limit: Int, per window: Duration = .seconds(3600), kind: String) {
        (self.limit, self.window, self.kind) = (limit, window, kind)
    }
}

/// So many asks at once, which come back one by one over a period (GCRA).
///
/// Source: ITU-T I.371 annex A, the virtual scheduling algorithm.
public struct RateLimit: Equatable, Sendable {
    /// Whom it counts, such as `ip`; it stands in keys.
    public var kind: String
    /// How many may come at once.
    public var burst: Int
    /// After which all of them have come back.
    public var period: Duration

    public init(_ burst: Int, per period: Duration, kind: String) {
        (self.burst, self.period, self.kind) = (burst, period, kind)
    }
}

/// What a limit comes to for one ask.
public struct LimitVerdict: Equatable, Sendable {
    public enum Ground: Equatable, Sendable {
        case counted
        case blocked
        /// Nobody has counted: what the caller chose for this.
        case outage
    }

    public var isAllowed: Bool
    public var ground: Ground
    /// Asks of this window, this one included; nil where nobody has counted, and for rates.
    public var count: Int?
    /// Asks that would still be allowed now; nil where nobody has counted.
    public var remaining: Int?
    /// Until the window ends; of a rate, until all asks have come back, or, for who is refused, until the next one is
    /// allowed; of a block, until it ends. nil where nobody knows, and for what never ends.
    public var rest: Duration?

    public init(
        isAllowed: Bool, ground: Ground = .counted, count: Int? = nil, remaining: Int? = nil, rest: Duration? = nil
    ) {
        (self.isAllowed, self.ground, self.count, self.remaining, self.rest) = (
            isAllowed, ground, count, remaining, rest
        )
    }
}

/// Where a limit is kept, and what its script gets: worked out before anything is sent.
package struct LimitPlan: Equatable, Sendable {
    /// What is counted up.
    package let key: [UInt8]
    /// The same in the other layout, where it can say it.
    package let otherKey: [UInt8]?
    package let blockKey: [UInt8]

    /// In both layouts.
    package var keys: [[UInt8]] { [key] + (otherKey.map { [$0] } ?? []) }

    /// - Throws: ``StoreProblem`` where it makes no sense.
    package init(
        window limit: WindowLimit, of id: String, _ layout: StoreLayout, prefix: String, at now: WallTime
    ) throws(StoreProblem) {
        let names = try LimitNames(id, limit.kind, prefix)
        guard limit.limit > 0 else { throw StoreProblem("the limit is \(limit.limit): at least 1 is needed") }
        try limit.window.checkedLife("the window")
        let (guide, deployed) = (names.guide, names.deployedWindow(limit.window, at: now))
        switch layout {
        case .guide: (key, otherKey) = (guide, deployed)
        case .deployed:
            guard let deployed else {
                throw StoreProblem("in the deployed layout a window is a minute, an hour or a day")
            }
            (key, otherKey) = (deployed, guide)
        }
        blockKey = names.block
    }

    /// - Throws: ``StoreProblem`` where it makes no sense.
    package init(
        rate limit: RateLimit, of id: String, _ layout: StoreLayout, prefix: String
    ) throws(StoreProblem) {
        let names = try LimitNames(id, limit.kind, prefix)
        _ = try GCRA(limit)
        key = names.rate(layout)
        (otherKey, blockKey) = (nil, names.block)
    }

    /// Where a block stands.
    ///
    /// - Throws: ``StoreProblem`` where it makes no sense.
    package static func blockKey(of id: String, prefix: String) throws(StoreProblem) -> [UInt8] {
        try LimitNames(id, "block", prefix).block
    }
}

private struct LimitNames {
    let id: String
    let kind: String
    let prefix: String

    init(_ id: String, _ kind: String, _ prefix: String) throws(StoreProblem) {
        do throws(StoreID.Problem) {
            _ = (try StoreID(id), try StoreID(kind), try StoreID(prefix))
        } catch { throw StoreProblem(error) }
        (self.id, self.kind, self.prefix) = (id, kind, prefix)
    }

    var guide: [UInt8] { Array("rate:limit:\(kind):\(id)".utf8) }
    var block: [UInt8] { Array("\(prefix):blocklist:\(id)".utf8) }

    /// The platform names windows by when they began, and knows three of them.
    func deployedWindow(_ window: Duration, at now: WallTime) -> [UInt8]? {
        let names: [(Duration, String)] = [
            (.seconds(60), "minute"), (.seconds(3600), "hour"), (.seconds(86_400), "day"),
        ]
        guard let name = names.first(where: { $0.0 == window })?.1 else { return nil }
        let length = Int64(window.wholeSeconds)
        let start = now.seconds.flooredDivision(by: length) *| length
        return Array("\(prefix):rate:limit/\(id)/\(name)/\(start)".utf8)
    }

    /// Beside the windows, which hold counts: a rate holds an instant.
    func rate(_ layout: StoreLayout) -> [UInt8] {
        switch layout {
        case .guide: guide + Array(":rate".utf8)
        case .deployed: Array("\(prefix):rate:limit/\(id)/rate/\(kind)".utf8)
        }
    }
}
