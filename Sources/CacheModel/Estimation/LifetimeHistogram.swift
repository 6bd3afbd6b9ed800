internal import RedisValues

/// When keys expire: minute by minute for an hour, and in ever longer stretches after that.
public struct LifetimeHistogram: Codable, Equatable, Sendable {
    /// Minutes that have a bin of their own.
    public static let minutes = 60
    /// Where the stretches after the first hour end, in seconds; the last one has no end.
    public static let later = [7200, 21_600, 86_400, 604_800, 2_592_000]
    public static let count = minutes + later.count + 1

    public private(set) var bins = [Int](repeating: 0, count: LifetimeHistogram.count)
    /// Keys that never expire.
    public var never = 0

    public init() {}

    /// All that were added, those that never expire included.
    public var total: Int { bins.reduce(never, +|) }

    public static func bin(of milliseconds: Int) -> Int {
        let seconds = max(0, milliseconds / 1000)
        if seconds < minutes * 60 { return seconds / 60 }
        return minutes + (later.firstIndex { seconds < $0 } ?? later.count)
    }

    /// - Parameter milliseconds: what `PTTL` says.
    public mutating func add(milliseconds: Int) { bins[Self.bin(of: milliseconds)] +|= 1 }

    public mutating func add(bin: Int, count: Int) {
        guard bins.indices.contains(bin) else { return }
        bins[bin] +|= count
    }

    public mutating func merge(_ other: LifetimeHistogram) {
        for (bin, count) in other.bins.enumerated() { add(bin: bin, count: count) }
        never +|= other.never
    }

    /// What is left without some that were added.
    func without(_ part: LifetimeHistogram) -> LifetimeHistogram {
        var rest = self
        for index in bins.indices { rest.bins[index] = max(0, bins[index] -| part.bins[index]) }
        rest.never = max(0, never -| part.never)
        return rest
    }

    /// Few enough for eyes: label and count.
    public var stretches: [(label: String, count: Int)] {
        func sum(_ range: Range<Int>) -> Int { bins[range].reduce(0, +|) }
        return [
            ("< 1 min", sum(0..<1)), ("1-5 min", sum(1..<5)), ("5-15 min", sum(5..<15)), ("15-60 min", sum(15..<60)),
            ("1-2 h", bins[60]), ("2-6 h", bins[61]), ("6-24 h", bins[62]), ("1-7 d", bins[63]), ("7-30 d", bins[64]),
            ("> 30 d", bins[65]), ("never", never),
        ]
    }
}

/// What the TTLs of today say about the next hour.
public struct ExpiryForecast: Equatable, Sendable {
    /// Keys that expire in each of the next 60 minutes, or of fewer where a look is older, as far as is known now.
    public let perMinute: [Double]

    private init(perMinute: [Double]) { self.perMinute = perMinute }

    /// What is left of it after a time: the minutes that are still ahead, without those of which it does not tell.
    public func after(_ age: Duration) -> ExpiryForecast {
        let passed = max(0, age / .seconds(60))
        guard passed >= 1 else { return self }
        return ExpiryForecast(perMinute: Array(perMinute.dropFirst(Int(min(passed, 1e6)))))
    }

    /// - Parameter factor: keys that each key of the histogram stands for.
    public init(_ lifetimes: LifetimeHistogram, factor: Double) {
        perMinute = lifetimes.bins.prefix(LifetimeHistogram.minutes).map { Double($0) * factor }
    }

    /// Minutes from now in which far more keys go at once than in the others: at least five times the mean of the
    /// rest, and a twentieth of all that expire within the hour. Their reloading hits the database.
    public var cliffs: [Int] {
        let total = perMinute.reduce(0.0, +)
        guard total >= 20, perMinute.count > 1 else { return [] }
        return perMinute.indices.filter { minute in
            let keys = perMinute[minute]
            let others = (total - keys) / Double(perMinute.count - 1)
            return keys >= 5 * others && keys >= total / 20
        }
    }
}
