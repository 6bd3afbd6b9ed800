internal import CacheCore
internal import CacheWire
internal import CacheModel

extension Receipt {
    /// What a line has moved in between.
    init(from before: Traffic, to now: Traffic) {
        self.init()
        commands = now.commands -| before.commands
        bytesSent = now.bytesSent -| before.bytesSent
        bytesReceived = now.bytesReceived -| before.bytesReceived
        errors = now.errors -| before.errors
        hits = now.hits -| before.hits
        misses = now.misses -| before.misses
    }
}

/// What the server's own statistics say of what our commands cost.
struct ScanCosts {
    private let before: [String: CommandStats]?
    private var latest: [String: CommandStats]?
    private var checkedAt = ContinuousClock.now - .milliseconds(900)
    /// Of ours, since the last look.
    private var keys = 0
    private var calls: [String: Int] = [:]
    /// Server time of one key in a SCAN, and of all that is asked of one; nil before they are known.
    private(set) var scanPerKey: Duration?
    private(set) var wholePerKey: Duration?

    /// No key takes longer; what a server says beyond is not believed.
    private static let longest = Duration.seconds(60)

    init(before: [String: CommandStats]?) {
        self.before = before
        latest = before
    }

    /// - Parameter leavingOut: what a flight has however many keys it asks for.
    mutating func flown(_ flight: FlightBuffer, keys: Int, leavingOut: Set<String> = []) {
        self.keys +|= keys
        for (name, count) in flight.calls where !leavingOut.contains(name) { calls[name, default: 0] += count }
    }

    func isDue(every interval: Duration) -> Bool { ContinuousClock.now - checkedAt > interval }

    /// - Parameter stats: nil where the server does not tell.
    mutating func note(_ stats: [String: CommandStats]?) {
        checkedAt = .now
        guard let stats else { return }
        if let latest, keys > 0 {
            // Others may use the same commands: theirs are taken to cost as much.
            func perKey(_ own: [String: Int]) -> Duration? {
                Receipt.serverTime(before: latest, after: stats, own: own).map { min(Self.longest, $0 / keys) }
            }
            if let scans = calls["scan"] { scanPerKey = perKey(["scan": scans]) ?? scanPerKey }
            wholePerKey = perKey(calls) ?? wholePerKey
        }
        latest = stats
        (keys, calls) = (0, [:])
    }

    func serverTime(of calls: [String: Int]) -> Duration? {
        guard let before, let latest else { return nil }
        return Receipt.serverTime(before: before, after: latest, own: calls)
    }
}
