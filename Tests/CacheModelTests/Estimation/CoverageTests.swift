import Support
import Testing

@testable import CacheModel

/// Estimates of made-up keyspaces, whose truth is known: how often do the intervals hold it?
@Suite struct CoverageTests {
    /// How sizes are spread within a namespace.
    enum Family: CaseIterable {
        case constant, uniform, light, heavy, pareto, wildPareto, giants
    }

    @Test func intervalsOfSharesAndBytesHoldTheTruth() {
        var generator = SeededGenerator(seed: 20_261_123)
        var shares = Score()
        var bytes = Score()
        for _ in 0..<200 {
            let space = Keyspace(using: &generator) { Family.allCases.randomElement(using: &$0)! }
            space.estimate(draws: 1000, shares: &shares, bytes: &bytes, using: &generator)
        }
        #expect(shares.tries > 1000)
        #expect(shares.coverage >= 0.94, "shares \(shares)")
        #expect(bytes.coverage >= 0.94, "bytes \(bytes)")
        // Wide enough to be true is easy; they have to say something as well.
        #expect(bytes.medianWidth < 0.6, "bytes \(bytes)")
    }

    /// Each kind of tail by itself; without the server's total a giant of which there is no sign may be missed.
    @Test(arguments: Family.allCases) func bytesAreCoveredForEveryTail(family: Family) {
        var generator = SeededGenerator(seed: 99)
        var shares = Score()
        var bytes = Score()
        for _ in 0..<60 {
            Keyspace(using: &generator) { _ in family }
                .estimate(draws: 1000, shares: &shares, bytes: &bytes, using: &generator)
        }
        #expect(bytes.coverage >= 0.94, "\(family): \(bytes)")
    }

    struct Score: CustomStringConvertible {
        var tries = 0
        var held = 0
        var widths: [Double] = []

        var coverage: Double { Double(held) / Double(max(1, tries)) }
        var medianWidth: Double { widths.sorted()[widths.count / 2] }
        var description: String { "\(held) of \(tries), half width \(widths.isEmpty ? 0 : medianWidth)" }

        mutating func note(_ interval: Estimated, truth: Double, large: Bool) {
            tries += 1
            if interval.low <= truth * 1.000_001 && truth * 0.999_999 <= interval.high { held += 1 }
            if large, interval.value > 0 { widths.append(interval.margin / interval.value) }
        }
    }

    /// Keys of six namespaces and of none.
    struct Keyspace {
        let sizes: [[Int]]

        init(using generator: inout SeededGenerator, family: (inout SeededGenerator) -> Family) {
            let keys = [2000, 5000, 12_000].randomElement(using: &generator)!
            let weights = (0..<7).map { _ in Logarithms.exp(1.8 * Self.normal(&generator)) }
            let sum = weights.reduce(0, +)
            sizes = weights.map { weight in
                let family = family(&generator)
                let shape = Double.random(in: 0..<1, using: &generator)
                let count = max(1, Int(weight / sum * Double(keys)))
                return (0..<count).map { _ in
                    Int(max(48, min(1e11, Self.size(family, shape, &generator))))
                }
            }
        }

        func estimate(
            draws: Int, shares: inout Score, bytes: inout Score, using generator: inout SeededGenerator
        ) {
            let rules = (0..<sizes.count - 1).map { NamespaceRule(name: "n\($0)", prefixes: ["n\($0)"]) }
            var tally = KeyspaceTally(classifier: KeyClassifier(rules: rules))
            let names = sizes.indices.map { Array(($0 < rules.count ? "n\($0):" : "else:").utf8) }
            let keys = sizes.reduce(0) { $0 + $1.count }
            for _ in 0..<draws {
                var index = Int.random(in: 0..<keys, using: &generator)
                var namespace = 0
                while index >= sizes[namespace].count {
                    index -= sizes[namespace].count
                    namespace += 1
                }
                let name = names[namespace]
                let place = tally.count(name.span)
                tally.note(KeyFacts(bytes: sizes[namespace][index]), key: name.span, namespace: place)
            }
            let total = sizes.joined().reduce(0) { $0 + Double($1) }
            var circumstances = NamespaceReport.Circumstances(
                takenAt: WallTime(milliseconds: 0), elapsed: .zero, took: .zero)
            // As the server would say it: not quite the same.
            circumstances.budget = total * 1.04
            let report = NamespaceReport.estimate(tally, keys: keys, circumstances)
            for (usage, sizes) in zip(report.items + [report.rest], sizes) {
                shares.note(usage.keys, truth: Double(sizes.count), large: true)
                let truth = sizes.reduce(0) { $0 + Double($1) }
                guard let estimated = usage.bytes else { continue }
                bytes.note(estimated, truth: truth, large: sizes.count * draws > 100 * keys)
            }
        }

        private static func size(_ family: Family, _ shape: Double, _ generator: inout SeededGenerator) -> Double {
            switch family {
            case .constant: return 50 + 1000 * shape
            case .uniform: return (50 + 1000 * shape) * Double.random(in: 0.5..<1.5, using: &generator)
            case .light: return 200 * Logarithms.exp(shape * normal(&generator))
            case .heavy: return 200 * Logarithms.exp((1 + shape) * normal(&generator))
            case .pareto: return 100 * Logarithms.power(unit(&generator), -1 / (1.5 + shape))
            case .wildPareto: return 100 * Logarithms.power(unit(&generator), -1 / (1 + 0.4 * shape))
            case .giants: return unit(&generator) < 0.005 ? 50_000 : 150
            }
        }

        private static func unit(_ generator: inout SeededGenerator) -> Double {
            Double.random(in: 1e-12..<1, using: &generator)
        }

        /// Sum of twelve, which is near enough.
        private static func normal(_ generator: inout SeededGenerator) -> Double {
            (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) }
        }
    }
}
