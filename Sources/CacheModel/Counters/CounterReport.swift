public import RedisValues

/// Who missed what: what servers have counted and published, and what came of it lately.
public struct CounterReport: Codable, Equatable, Sendable {
    /// What one service has counted in one namespace.
    public struct Line: Codable, Equatable, Sendable {
        /// Escaped, as the namespace is.
        public var service: String
        public var namespace: String
        /// Since the hash began.
        public var total: StoreCounts
        /// Within ``over``; nil before two publications were seen, and after a gap.
        public var recent: StoreCounts?
        public var over: Duration?

        public init(
            service: String, namespace: String, total: StoreCounts, recent: StoreCounts? = nil, over: Duration? = nil
        ) {
            (self.service, self.namespace, self.total) = (service, namespace, total)
            (self.recent, self.over) = (recent, over)
        }
    }

    public struct Service: Codable, Equatable, Sendable {
        /// Escaped.
        public var name: String
        /// By the clock of whoever has published last; nil where nobody says.
        public var publishedAt: WallTime?

        public init(name: String, publishedAt: WallTime?) { (self.name, self.publishedAt) = (name, publishedAt) }
    }

    /// By name.
    public var services: [Service]
    /// By service and namespace.
    public var lines: [Line]
    /// Lookups that the server has counted, of everybody but us, a second over the last while; nil where that is not
    /// known.
    public var serverHits: Double?
    public var serverMisses: Double?
    /// Fields that are none of ours, and fields beyond those that are read.
    public var strange = 0
    public var leftOut = 0

    public init(services: [Service], lines: [Line]) { (self.services, self.lines) = (services, lines) }
}

/// A second, what stores were asked for and what became of it; of one service, or of all.
public struct StoreTraffic: Equatable, Sendable {
    /// nil where only totals are known, as all that are a second.
    public var lookups: Double?
    public var misses: Double?
    public var loads: Double?
    public var stale: Double?
    public var drops: Double?
    /// Keys that were looked for besides and were not there.
    public var sideMisses: Double?
    /// 0 to 1: of late where that is known, else of all that was counted; nil without a lookup.
    public var hitRatio: Double?
    /// What a loader takes; nil without one.
    public var meanLoad: Duration?
    /// Revocation checks that have found one; nil of anything else. They have no hit ratio: that nothing is found is what
    /// they are for.
    public var found: Double?

    init(_ lines: [CounterReport.Line]) {
        var (total, recent) = (StoreCounts(), StoreCounts())
        var rates: [StoreFigure: Double] = [:]
        let known = lines.filter { $0.recent != nil && ($0.over ?? .zero) > .zero }
        for line in lines { total.add(line.total) }
        for line in known {
            guard let counts = line.recent, let over = line.over else { continue }
            recent.add(counts)
            for figure in StoreFigure.allCases {
                rates[figure, default: 0] += Double(counts[figure]) / (over / .seconds(1))
            }
        }
        let shown = known.isEmpty ? total : recent
        (hitRatio, meanLoad) = (lines.allSatisfy(\.isOfChecks) ? nil : shown.hitRatio, shown.meanLoad)
        guard !known.isEmpty else { return }
        func rate(_ figure: StoreFigure) -> Double { rates[figure] ?? 0 }
        lookups = StoreFigure.allCases.filter(\.isLookup).reduce(0.0) { $0 + rate($1) }
        (misses, loads, stale, drops) = (rate(.misses), rate(.loads), rate(.stale), rate(.drops))
        sideMisses = rate(.sideMisses)
        guard lines.allSatisfy(\.isOfChecks) else { return }
        found = (lookups ?? 0) - (misses ?? 0)
    }
}

extension CounterReport.Line {
    var isOfChecks: Bool { namespace == NamespaceRule.revocations }
}

extension CounterReport {
    /// Names of namespaces that somebody counts.
    public var namespaces: [String] { Set(lines.map(\.namespace)).sorted() }

    /// All services together; nil where nobody counts the namespace.
    ///
    /// - Parameter name: of a rule.
    public func traffic(in name: String) -> StoreTraffic? {
        let found = lines(in: name)
        return found.isEmpty ? nil : StoreTraffic(found)
    }

    /// Each service that counts the namespace, the one that misses most first.
    public func services(in name: String) -> [(name: String, traffic: StoreTraffic)] {
        lines(in: name).map { (name: $0.service, traffic: StoreTraffic([$0])) }.sorted { left, right in
            ((right.traffic.misses ?? 0), left.name) < ((left.traffic.misses ?? 0), right.name)
        }
    }

    private func lines(in name: String) -> [Line] {
        let escaped = Printable.escape(name)
        return lines.filter { $0.namespace == name || $0.namespace == escaped }
    }

    /// What the server has counted beyond all of it, a second: of who counts nothing, and of what is no store's lookup.
    public var others: (lookups: Double, misses: Double)? {
        guard let serverHits, let serverMisses, lines.contains(where: { $0.recent != nil }) else { return nil }
        let counted = StoreTraffic(lines)
        let misses = (counted.misses ?? 0) + (counted.sideMisses ?? 0)
        return (
            max(0, serverHits + serverMisses - (counted.lookups ?? 0) - (counted.sideMisses ?? 0)),
            max(0, serverMisses - misses)
        )
    }

    /// What of the server's lookups is not for a hit ratio; nil where it is not known.
    public var lookupsLeftOut: LookupsLeftOut? {
        guard let serverHits, let serverMisses, serverHits + serverMisses > 0,
            lines.contains(where: { $0.isOfChecks && $0.recent != nil })
        else { return nil }
        let checks = StoreTraffic(lines.filter(\.isOfChecks))
        let besides = StoreTraffic(lines).sideMisses ?? 0
        let all = serverHits + serverMisses
        return LookupsLeftOut(
            lookups: min(1, ((checks.lookups ?? 0) + besides) / all),
            found: min(1, ((checks.lookups ?? 0) - (checks.misses ?? 0)) / all))
    }

    /// Since the latest publication; nil where nobody says, or by a clock far ahead.
    public func age(at now: WallTime) -> Duration? {
        guard let latest = services.compactMap(\.publishedAt).max() else { return nil }
        let age = now - latest
        return age < .seconds(-60) ? nil : max(.zero, age)
    }

    /// `counted by checkout-api, search; 4 s ago`.
    public func words(at now: WallTime) -> String {
        let names = services.prefix(Self.named).map(\.name).joined(separator: ", ")
        let more = services.count - Self.named
        let all = more > 0 ? "\(names) and \(Format.count(more)) more" : names
        guard !services.isEmpty else { return "counted by nobody" }
        return "counted by \(all)" + (age(at: now).map { "; \(Format.age($0)) ago" } ?? "")
    }

    private static let named = 4

    /// `others 120 lookups/s, 30 misses/s`; nil where that is not known.
    public var othersWords: String? {
        others.map { "others \(Format.rate($0.lookups)) lookups/s, \(Format.rate($0.misses)) misses/s" }
    }

    /// What of the hash was not read; nil where all was.
    public var oddity: String? {
        let words = [
            strange > 0 ? "\(Format.count(strange, "field")) of another shape" : nil,
            leftOut > 0 ? "\(Format.count(leftOut, "field")) beyond \(Format.count(CounterReading.mostFields))" : nil,
        ].compactMap { $0 }
        return words.isEmpty ? nil : "\(CounterHash.name): \(words.joined(separator: ", ")) not read"
    }

    /// All that was counted since the hash began, as it was read.
    var totals: [String: CounterReading.Service] {
        var all: [String: CounterReading.Service] = [:]
        for service in services {
            all[service.name] = CounterReading.Service(publishedAt: service.publishedAt.map { Int($0.seconds) })
        }
        for line in lines {
            all[line.service, default: CounterReading.Service()].namespaces[line.namespace] = line.total
        }
        return all
    }
}
