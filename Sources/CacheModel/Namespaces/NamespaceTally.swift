internal import RedisValues

/// Sums over the keys of one namespace, in memory that does not grow with them.
public struct NamespaceTally: Equatable, Sendable {
    public static let biggestKept = 10
    public static let examplesKept = 5
    public static let layoutsKept = 8
    /// Characters of a key that is named.
    public static let longestName = 200
    /// Seconds after which a key that nobody touched counts as idle.
    public static let idleAfter = 3600

    public var keys = 0
    /// Keys of which something is known beyond their names.
    public var examined = 0
    public var sizes = SizeHistogram()
    /// Of all sizes, exact.
    public var bytes = 0
    public var lifetimes = LifetimeHistogram()
    /// Keys whose lifetime is known.
    public var timed = 0
    public var aboveContract = 0
    public var types = [Int](repeating: 0, count: KeyType.allCases.count)
    /// Keys whose idle time is known, and those of them that nobody touched for an hour.
    public var watched = 0
    public var idle = 0
    public var watchedBytes = 0
    public var idleBytes = 0
    public private(set) var biggest: [NotedKey] = []
    public private(set) var breaches: [NotedKey] = []
    public private(set) var layouts: [[UInt8]] = []

    public init() {}

    /// From this size on a key is among the biggest.
    public var biggestThreshold: Int { biggest.count < Self.biggestKept ? 0 : (biggest.last?.bytes ?? 0) + 1 }

    public var wantsExamples: Bool { breaches.count < Self.examplesKept }

    /// Remembers how keys of this namespace begin.
    mutating func note(layout key: Span<UInt8>, length: Int) {
        for layout in layouts where layout.count == length && Self.starts(key, with: layout) { return }
        guard layouts.count < Self.layoutsKept else { return }
        layouts.append((0..<min(length, key.count)).map { key[$0] })
    }

    public mutating func note(layout: [UInt8]) {
        if !layouts.contains(layout), layouts.count < Self.layoutsKept { layouts.append(layout) }
    }

    /// - Parameter rule: the contract; nil for keys of no namespace.
    mutating func note(_ facts: KeyFacts, key: Span<UInt8>, rule: NamespaceRule?) {
        examined +|= 1
        if let type = facts.type { types[type.rawValue] +|= 1 }
        if let bytes = facts.bytes {
            sizes.add(bytes)
            self.bytes +|= bytes
            if bytes >= biggestThreshold {
                keep(biggest: NotedKey(key: Self.printable(key), bytes: bytes, type: facts.type))
            }
        }
        note(facts.lifetime, key: key, rule: rule)
        if let idle = facts.idle {
            watched +|= 1
            watchedBytes +|= facts.bytes ?? 0
            if idle >= Self.idleAfter {
                self.idle +|= 1
                idleBytes +|= facts.bytes ?? 0
            }
        }
    }

    private mutating func note(_ lifetime: KeyFacts.Lifetime?, key: Span<UInt8>, rule: NamespaceRule?) {
        switch lifetime {
        case nil: return
        case .never:
            lifetimes.never +|= 1
            if rule?.mustExpire == true, wantsExamples { keep(breach: NotedKey(key: Self.printable(key))) }
        case .milliseconds(let milliseconds):
            lifetimes.add(milliseconds: milliseconds)
            if let maximum = rule?.maximumTTL, Duration.milliseconds(milliseconds) > maximum {
                aboveContract +|= 1
                if wantsExamples {
                    keep(breach: NotedKey(key: Self.printable(key), lifetime: milliseconds / 1000))
                }
            }
        }
        timed +|= 1
    }

    public mutating func keep(biggest key: NotedKey) {
        // A draw may repeat a key.
        guard !biggest.contains(where: { $0.key == key.key }) else { return }
        let place = biggest.firstIndex { ($0.bytes ?? 0) < (key.bytes ?? 0) } ?? biggest.count
        biggest.insert(key, at: place)
        if biggest.count > Self.biggestKept { biggest.removeLast() }
    }

    mutating func forgetBiggest(beginning name: String) { biggest.removeAll { $0.key.hasPrefix(name) } }

    mutating func name(_ key: String, _ type: KeyType) {
        if let index = biggest.firstIndex(where: { $0.key == key }) { biggest[index].type = type }
    }

    public mutating func keep(breach key: NotedKey) {
        if wantsExamples, !breaches.contains(where: { $0.key == key.key }) { breaches.append(key) }
    }

    /// Adds what was summed up elsewhere, on another node or by a script; sums that no server has end at the largest number.
    public mutating func merge(_ other: NamespaceTally) {
        keys +|= other.keys
        examined +|= other.examined
        sizes.merge(other.sizes)
        bytes +|= other.bytes
        lifetimes.merge(other.lifetimes)
        timed +|= other.timed
        aboveContract +|= other.aboveContract
        for index in types.indices { types[index] +|= other.types[index] }
        watched +|= other.watched
        idle +|= other.idle
        watchedBytes +|= other.watchedBytes
        idleBytes +|= other.idleBytes
        for key in other.biggest { keep(biggest: key) }
        for key in other.breaches { keep(breach: key) }
        for layout in other.layouts { note(layout: layout) }
    }

    private static func starts(_ key: Span<UInt8>, with layout: [UInt8]) -> Bool {
        guard key.count >= layout.count else { return false }
        for index in layout.indices where key[index] != layout[index] { return false }
        return true
    }

    private static func printable(_ key: Span<UInt8>) -> String {
        Printable.escape(key.indices.map { key[$0] }, limit: longestName)
    }
}
