internal import RedisValues

/// What one look at the keyspace has found of each namespace, with the variance of what was drawn: all that growth is
/// worked out from.
struct KeyspaceLook: Equatable, Sendable {
    enum Measure: Sendable { case keys, bytes, lasting }

    /// A figure, and what chance adds to it.
    struct Figure: Equatable, Sendable {
        var value: Double
        var variance: Double
    }

    struct Part: Equatable, Sendable {
        /// False for keys of no namespace that begin alike.
        var isNamespace = true
        var keys: Figure
        var bytes: Figure?
        /// Keys that never expire where they must; nil where they need not, or nobody knows.
        var lasting: Figure?
        /// Whether its keys must expire.
        var mustExpire = false
        /// Of the squares of its sizes; nil where none is known.
        var meanSquare: Double?
    }

    var at: Duration
    /// All keys.
    var population: Double
    /// What all keys take by the server's own account.
    var account: Double?
    /// By name; of no more prefixes than ``mostPrefixes``.
    private(set) var parts: [String: Part] = [:]
    private let restName: String
    /// Of an estimate; nil where keys were counted.
    private let draws: Double?
    /// A prefix that is not listed may have had as many; 0 where all are listed.
    private var unlisted = 0.0

    static let mostPrefixes = 32

    /// - Returns: nil where it does not tell how many keys there are.
    init?(_ report: NamespaceReport) {
        guard report.complete, report.countsAreKnown else { return nil }
        (at, population, account) = (report.elapsed, Double(report.keys), report.account)
        draws = report.draws.map { Double(max(1, $0)) }
        restName = report.rest.name
        for usage in report.items + [report.rest] { parts[usage.name] = part(of: usage) }
        let rest = report.rest
        let prefixes = report.other.filter { !$0.prefix.isEmpty }
        for prefix in prefixes.prefix(Self.mostPrefixes) where parts[prefix.prefix] == nil {
            parts[prefix.prefix] = part(of: prefix, beside: rest)
        }
        if prefixes.count > Self.mostPrefixes { unlisted = prefixes[Self.mostPrefixes].keys.value }
    }

    private func part(of usage: NamespaceUsage) -> Part {
        let square = usage.sizes.meanSquare
        var part = Part(keys: counted(usage.keys.value), meanSquare: square)
        part.mustExpire = usage.mustExpire
        part.lasting = usage.mustExpire ? usage.withoutTTL.map { counted($0.value) } : nil
        guard let bytes = usage.bytes?.value else { return part }
        let variance: Double
        if draws != nil {
            variance = square.map { drawn(usage.keys.value, square: $0, bytes) } ?? 0
        } else {
            // Of keys that were counted, some may have been asked for their size.
            let sized = Double(max(1, usage.sizes.total))
            let mean = usage.keys.value > 0 ? bytes / usage.keys.value : 0
            variance =
                sized >= usage.keys.value
                ? 0
                : usage.keys.value * usage.keys.value
                    * max(0, (square ?? 0) - mean * mean) / sized
        }
        part.bytes = Figure(value: bytes, variance: variance)
        return part
    }

    /// Of a prefix the sizes are not kept one by one: all those of no namespace together vary more.
    private func part(of prefix: PrefixUsage, beside rest: NamespaceUsage) -> Part {
        var part = Part(isNamespace: false, keys: counted(prefix.keys.value))
        part.keys.variance += square((prefix.keys.value - prefix.keys.low) / 2) * (draws == nil ? 1 : 0)
        part.bytes = prefix.bytes.map { bytes in
            let variance = rest.sizes.meanSquare.map { drawn(rest.keys.value, square: $0, 0) } ?? 0
            return Figure(value: bytes, variance: variance)
        }
        return part
    }

    private func square(_ number: Double) -> Double { number * number }

    /// So many of all keys: K²p(1−p)/n, where one more and one less may be among them.
    private func counted(_ count: Double) -> Figure {
        guard let draws, population > 0 else { return Figure(value: count, variance: 0) }
        let share = smoothed(count)
        return Figure(value: count, variance: square(population) * share * (1 - share) / draws)
    }

    private func smoothed(_ count: Double) -> Double {
        guard let draws, population > 0 else { return 0 }
        return min(1, max(0, (count / population * draws + 1) / (draws + 2)))
    }

    /// The same times the sizes, whose variance is added.
    private func drawn(_ count: Double, square: Double, _ bytes: Double) -> Double {
        guard let draws, population > 0 else { return 0 }
        let mean = bytes / population
        return max(0, population * population * (smoothed(count) * square - mean * mean) / draws)
    }

    // MARK: growth

    /// For eight namespaces together 95 of a hundred; prefixes are more.
    static let quantile = 2.8
    static let prefixQuantile = 3.3

    /// What has grown since another look, or shrunk.
    ///
    /// - Parameter sign: -1 for what has shrunk, as a rise.
    /// - Returns: nil where one of them does not tell.
    func changes(since before: KeyspaceLook, in measure: Measure, sign: Double = 1) -> [Rise]? {
        var rises: [Rise] = []
        for name in Set(parts.keys).union(before.parts.keys) {
            let (new, old) = (parts[name], before.parts[name])
            // What need not expire breaks nothing.
            if measure == .lasting, (new ?? old)?.mustExpire != true { continue }
            let isNamespace = (new ?? old)?.isNamespace ?? true
            guard let now = figure(measure, of: name, like: old), let then = before.figure(measure, of: name, like: new)
            else {
                if measure == .lasting {
                    rises.append(Self.unknown(name, [new, old].compactMap { $0 }))
                } else if isNamespace {
                    return nil
                }
                continue
            }
            let change = sign * (now.value - then.value)
            let margin =
                (isNamespace ? Self.quantile : Self.prefixQuantile) * (now.variance + then.variance).squareRoot()
            rises.append(Rise(name: name, amount: Estimated(change, low: change - margin, high: change + margin)))
        }
        return rises
    }

    /// Of a namespace whose keys had gone before they were asked, any may never expire, and none: that silences nobody
    /// else, but for the part that all of them would have.
    private static func unknown(_ name: String, _ parts: [Part]) -> Rise {
        let most = parts.map { $0.keys.value + quantile * $0.keys.variance.squareRoot() }.max() ?? 0
        return Rise(name: name, amount: Estimated(0, low: -most, high: most))
    }

    /// Bounds, which add up where chance would even them out: one for all whose keys had gone.
    private static func together(_ unknown: [Rise]) -> [Rise] {
        guard let first = unknown.min(by: { $0.name < $1.name }) else { return [] }
        let most = unknown.reduce(0.0) { $0 + $1.amount.high }
        return [Rise(name: first.name, amount: Estimated(0, low: -most, high: most))]
    }

    /// Whether nobody knows which of its keys expire, where they must.
    private func tellsNothing(of name: String) -> Bool {
        parts[name]?.mustExpire == true && figure(.lasting, of: name, like: nil) == nil
    }

    /// Whether it can be compared: of no namespace all keys had gone before they were asked for their size.
    func tells(_ measure: Measure) -> Bool {
        measure != .bytes || parts.values.allSatisfy { !$0.isNamespace || $0.bytes != nil || $0.keys.value == 0 }
    }

    /// - Parameter other: the same at another look: its sizes are those that this look has not met.
    private func figure(_ measure: Measure, of name: String, like other: Part?) -> Figure? {
        guard let part = parts[name] else {
            return absent(measure, like: other)
        }
        switch measure {
        case .keys: return part.keys
        // Of one that was not met, no key never expires.
        case .lasting: return part.lasting ?? (part.keys.value == 0 ? part.keys : nil)
        case .bytes:
            // Of one that was not met there are no bytes.
            guard var bytes = part.bytes else { return part.keys.value == 0 ? absent(measure, like: other) : nil }
            if part.keys.value == 0, let square = other?.meanSquare { bytes.variance = drawn(0, square: square, 0) }
            return bytes
        }
    }

    /// Of a prefix that is not listed: there may be a few of it.
    private func absent(_ measure: Measure, like other: Part?) -> Figure {
        guard measure == .bytes, let other, let bytes = other.bytes else {
            return Figure(value: 0, variance: counted(0).variance + square(unlisted / 2))
        }
        let mean = bytes.value / max(1, other.keys.value)
        return Figure(value: 0, variance: drawn(0, square: square(mean), 0) + square(unlisted * mean / 2))
    }

    /// Keys that never expire where they must.
    var breaches: Rises {
        let unknown = parts.filter { tellsNothing(of: $0.key) }.map { Self.unknown($0.key, [$0.value]) }
        return Rises(
            parts.compactMap { name, part in
                guard part.mustExpire, let lasting = figure(.lasting, of: name, like: nil) else { return nil }
                let margin = Self.quantile * lasting.variance.squareRoot()
                // Those that were met are there.
                let least = lasting.value > 0 ? 1.0 : 0
                return Rise(
                    name: name,
                    amount: Estimated(
                        lasting.value, low: max(least, lasting.value - margin), high: lasting.value + margin))
            } + Self.together(unknown))
    }

    /// What has grown for sure, or shrunk: a prefix in the place of all keys of no namespace, where one has.
    func sureChanges(since before: KeyspaceLook, in measure: Measure, sign: Double = 1) -> Rises? {
        guard let changes = changes(since: before, in: measure, sign: sign) else { return nil }
        var sure = changes.filter(\.isSure)
        if measure == .lasting {
            let unknown = changes.filter { tellsNothing(of: $0.name) || before.tellsNothing(of: $0.name) }
            if sure.isEmpty, !unknown.isEmpty { return nil }
            sure += Self.together(unknown)
        }
        let prefixes = sure.filter { !isNamespace($0.name, or: before) }
        if !prefixes.isEmpty { sure.removeAll { $0.name == restName } }
        let whole: Double? =
            switch measure {
            case .keys: sign * (population - before.population)
            case .bytes: account.flatMap { now in before.account.map { sign * (now - $0) } }
            case .lasting: nil
            }
        return Rises(sure, whole: whole)
    }

    private func isNamespace(_ name: String, or before: KeyspaceLook) -> Bool {
        (parts[name] ?? before.parts[name])?.isNamespace ?? true
    }
}

/// The looks of the last minutes, oldest first.
struct KeyspaceLooks: Equatable, Sendable {
    private(set) var all: [KeyspaceLook] = []

    private static let most = 24
    /// They come every minute, or later.
    private static let reach = RateBins.window + RateBins.baseline + .seconds(60)

    var latest: KeyspaceLook? { all.last }

    mutating func note(_ report: NamespaceReport) {
        guard report.elapsed > all.last?.at ?? .seconds(-1), let look = KeyspaceLook(report) else { return }
        all.append(look)
        all.removeAll { look.at - $0.at > Self.reach }
        if all.count > Self.most { all.removeFirst() }
    }

    /// The look before the latest one from which on most has changed by the server's own count, which chance has no part
    /// in.
    ///
    /// - Parameter sign: -1 for what has shrunk.
    func start(by measure: KeyspaceLook.Measure, sign: Double = 1) -> KeyspaceLook? {
        func size(_ look: KeyspaceLook) -> Double {
            sign * (measure == .bytes ? look.account ?? look.population : look.population)
        }
        // What must expire and does not becomes more and more.
        if measure == .lasting { return all.dropLast().first }
        let isKnown = measure != .bytes || all.allSatisfy { $0.account != nil } || all.allSatisfy { $0.account == nil }
        guard isKnown else { return all.dropLast().first }
        // Where the latest one does not tell it either, keys are compared.
        let telling = all.dropLast().filter { $0.tells(measure) && latest?.tells(measure) == true }
        return (telling.isEmpty ? Array(all.dropLast()) : telling).min { (size($0), $1.at) < (size($1), $0.at) }
    }
}
