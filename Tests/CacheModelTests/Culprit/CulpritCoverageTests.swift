import Support
import Testing

@testable import CacheModel

/// Made-up keyspaces of eight namespaces, of which one grows by 6 % of all keys, or of all bytes, every second time another
/// one by 2 %, and the others stay as they are: how often is it named, how often is an innocent one, and how often do the intervals hold
/// the truth?
@Suite struct CulpritCoverageTests {
    @Test func whoGrowsIsNamedAndNobodyElse() {
        var generator = SeededGenerator(seed: 20_261_126)
        var (keys, bytes) = (Score(), Score())
        for _ in 0..<2000 {
            keys.note(MadeKeyspace(growingBy: .keys, using: &generator), .keys, &generator)
            bytes.note(MadeKeyspace(growingBy: .bytes, using: &generator), .bytes, &generator)
        }
        print("culprit coverage, keys: \(keys)")
        print("culprit coverage, bytes: \(bytes)")
        #expect(keys.share(of: keys.named) >= 0.99, "\(keys)")
        // 6 % of all bytes may be few large keys, of which 5,000 draws meet some tens.
        #expect(bytes.share(of: bytes.named) >= 0.95, "\(bytes)")
        for score in [keys, bytes] {
            #expect(score.tries == 2000)
            #expect(score.share(of: score.accused) <= 0.05, "\(score)")
            #expect(score.share(of: score.held) >= 0.95, "\(score)")
            #expect(score.share(of: score.partsHeld) >= 0.95, "\(score)")
        }
    }

    private struct Score: CustomStringConvertible {
        var tries = 0
        /// The one that grows is named.
        var named = 0
        /// One that does not grow is accused.
        var accused = 0
        /// All eight intervals hold the truth.
        var held = 0
        /// The interval of the part holds it.
        var partsHeld = 0

        func share(of count: Int) -> Double { Double(count) / Double(max(1, tries)) }

        var description: String {
            [("named", named), ("innocents accused", accused), ("intervals hold", held), ("parts hold", partsHeld)]
                .map { "\($0.0) \(Format.percent(share(of: $0.1)))" }.joined(separator: ", ") + " of \(tries)"
        }

        private static func holds(_ interval: Estimated, _ truth: Double) -> Bool {
            interval.low <= truth * (1 + 1e-9) && truth * (1 - 1e-9) <= interval.high
        }

        mutating func note(
            _ space: MadeKeyspace, _ measure: KeyspaceLook.Measure, _ generator: inout SeededGenerator
        ) {
            tries += 1
            let (before, after) = space.looks(draws: 5000, using: &generator)
            let changes = after.changes(since: before, in: measure) ?? []
            let sure = after.sureChanges(since: before, in: measure)
            let truths = measure == .keys ? space.growth : space.grownBytes
            let guilty = truths.max { $0.value < $1.value }!.key
            if sure?.leader?.name == guilty { named += 1 }
            if sure?.all.contains(where: { truths[$0.name] == nil }) == true { accused += 1 }
            if changes.allSatisfy({ Self.holds($0.amount, truths[$0.name] ?? 0) }) { held += 1 }
            let part = sure.flatMap { rises in
                rises.all.first { $0.name == guilty }.map { rises.part(of: $0) }
            }
            if let part, Self.holds(part, truths[guilty]! / truths.values.reduce(0, +)) { partsHeld += 1 }
        }
    }

    /// Keys by namespace and by one of three sizes.
    private struct MadeKeyspace {
        let keys: [[Double]]
        let sizes: [[Int]]
        /// Keys that come, by namespace.
        let growth: [String: Double]

        static let count = 8

        /// What grows has its sizes in the same shares.
        var grownBytes: [String: Double] {
            Dictionary(
                uniqueKeysWithValues: keys.indices.compactMap { index in
                    let sum = keys[index].reduce(0, +)
                    let mean = zip(keys[index], sizes[index]).reduce(0) { $0 + $1.0 / sum * Double($1.1) }
                    return growth["n\(index)"].map { ("n\(index)", $0 * mean) }
                })
        }

        init(growingBy measure: KeyspaceLook.Measure, using generator: inout SeededGenerator) {
            let all = [20_000.0, 200_000, 2_000_000].randomElement(using: &generator)!
            let weights = (0..<Self.count).map { _ in Logarithms.exp(Double.random(in: 0..<4, using: &generator)) }
            let sum = weights.reduce(0, +)
            keys = weights.map { weight in
                let shares = (0..<3).map { _ in Double.random(in: 0.05..<1, using: &generator) }
                let total = shares.reduce(0, +)
                return shares.map { (weight / sum * all * $0 / total).rounded(.up) }
            }
            sizes = weights.map { _ in
                let size = Double.random(in: 80..<2000, using: &generator)
                return [Int(size * 0.5), Int(size), Int(size * 2)]
            }
            let first = Int.random(in: 0..<Self.count, using: &generator)
            let hasSecond = Bool.random(using: &generator)
            let counts = keys
            let bytes = zip(keys, sizes).map { zip($0, $1).reduce(0.0) { $0 + $1.0 * Double($1.1) } }
            /// As many keys as make this part of all.
            func more(_ part: Double, of index: Int) -> Double {
                let count = counts[index].reduce(0, +)
                let all = measure == .keys ? counts.joined().reduce(0, +) : bytes.reduce(0, +)
                return (part * all / (measure == .keys ? 1 : bytes[index] / count)).rounded()
            }
            let second = (first + 1) % Self.count
            growth = [
                "n\(first)": more(0.06, of: first), "n\(second)": hasSecond ? more(0.02, of: second) : nil,
            ].compactMapValues { $0 }
        }

        func looks(draws: Int, using generator: inout SeededGenerator) -> (KeyspaceLook, KeyspaceLook) {
            let grown = keys.enumerated().map { index, counts in
                let sum = counts.reduce(0, +)
                return counts.map { $0 + (growth["n\(index)"] ?? 0) * $0 / sum }
            }
            return (look(keys, draws, at: 0, &generator), look(grown, draws, at: 300, &generator))
        }

        private func look(
            _ keys: [[Double]], _ draws: Int, at seconds: Int, _ generator: inout SeededGenerator
        ) -> KeyspaceLook {
            let all = keys.joined().reduce(0, +)
            let account = zip(keys, sizes).reduce(0.0) { $0 + zip($1.0, $1.1).reduce(0.0) { $0 + $1.0 * Double($1.1) } }
            var (left, rest) = (draws, all)
            var drawn: [[Int]] = []
            for counts in keys {
                drawn.append(
                    counts.map { count in
                        let hits = binomial(left, min(1, count / rest), &generator)
                        (left, rest) = (left - hits, rest - count)
                        return hits
                    })
            }
            let report = MadeReport.estimate(
                zip(drawn, sizes).enumerated().map { index, part in ("n\(index)", Array(zip(part.1, part.0))) },
                draws: draws, keys: Int(all), account: account, at: seconds)
            return KeyspaceLook(report)!
        }
    }
}

/// A binomial count: inversion, outwards from the most likely one.
func binomial(_ draws: Int, _ share: Double, _ generator: inout SeededGenerator) -> Int {
    guard draws > 0, share > 0 else { return 0 }
    guard share < 1 else { return draws }
    let (n, mode) = (Double(draws), Int(Double(draws + 1) * share))
    let start = min(draws, mode)
    let k = Double(start)
    let first = Logarithms.exp(
        Probability.logChoose(n, k) + k * Logarithms.log(share) + (n - k) * Logarithms.log(1 - share))
    let odds = share / (1 - share)
    var rest = Double.random(in: 0..<1, using: &generator) - first
    var (low, high, below, above) = (start, start, first, first)
    while rest >= 0, low > 0 || high < draws {
        if high < draws {
            above *= Double(draws - high) / Double(high + 1) * odds
            high += 1
            rest -= above
            if rest < 0 { return high }
        }
        if low > 0 {
            below *= Double(low) / (Double(draws - low + 1) * odds)
            low -= 1
            rest -= below
            if rest < 0 { return low }
        }
        if above < 1e-18, below < 1e-18 { break }
    }
    return start
}
