import Support
import Testing

@testable import CacheModel

/// The corners of the coverage that `scripts/bench coverage` measures: cheap, and the same every time.
@Suite struct CornerCaseTests {
    // MARK: shares

    /// How often the interval for a count of hits holds the truth, counted over all counts with their chances.
    private func coverage(hits: Int, draws: Int, population: Int) -> Double {
        let least = max(0, draws - (population - hits))
        let most = min(hits, draws)
        var weights = [1.0]
        for k in least..<most {
            let up = Double(hits - k) * Double(draws - k)
            let down = Double(k + 1) * Double(population - hits - draws + k + 1)
            weights.append(weights[weights.count - 1] * up / down)
        }
        let all = weights.reduce(0, +)
        let truth = Double(hits) / Double(population)
        return weights.indices.reduce(0.0) { sum, index in
            guard weights[index] / all > 1e-9 else { return sum }
            let interval = ShareInterval.of(hits: least + index, draws: draws, population: population)
            let holds = interval.low <= truth * 1.000_001 && truth * 0.999_999 <= interval.high
            return holds ? sum + weights[index] / all : sum
        }
    }

    @Test(arguments: [20, 100, 1000]) func partOfAWalkAllowsWhatMayBeLeft(population: Int) {
        for hits in [1, 2, 5, population / 2, population - 1] {
            for part in [5, 50, 80, 90, 95, 99] {
                let covered = coverage(hits: hits, draws: max(1, population * part / 100), population: population)
                #expect(covered >= 0.95, "\(hits) of \(population), \(part) % walked")
            }
        }
    }

    /// A server may say of itself what it likes; beyond 2^53 not every number of keys can be told from the next.
    @Test(arguments: [1 << 40, 1 << 53, 1 << 60, Int.max])
    func keyspacesThatNobodyCanCountHaveAnInterval(population: Int) {
        for draws in [1, 5000, 1 << 39, population - 1] {
            for hits in [0, 1, draws / 2, draws] {
                for share in [
                    ShareInterval.of(hits: hits, draws: draws, population: population),
                    ShareInterval.of(hits: hits, draws: draws),
                ] {
                    #expect(share.low <= share.value && share.value <= share.high, "\(hits) of \(draws)")
                    #expect((0...1).contains(share.low) && (0...1).contains(share.high), "\(hits) of \(draws)")
                }
            }
        }
    }

    /// Of populations that are larger than 2^32 what was drawn is not missed.
    @Test(arguments: [1 << 30, 1 << 32, 1 << 40, 1 << 50, 1 << 60]) func endsInAHugeKeyspaceAreThoseOfDraws(
        population: Int
    ) {
        for hits in [1, 10, 500] {
            let drawn = ShareInterval.of(hits: hits, draws: 1000)
            let walked = ShareInterval.of(hits: hits, draws: 1000, population: population)
            #expect(abs(walked.low / drawn.low - 1) < 1e-3 && abs(walked.high / drawn.high - 1) < 1e-3, "\(walked)")
        }
    }

    /// What is unseen are whole keys: one that is left may be one of them.
    @Test func endsOfAWalkAreWholeKeys() {
        let none = ShareInterval.of(hits: 0, draws: 900, population: 1000)
        #expect(abs((none.high * 1000).rounded() - none.high * 1000) < 1e-6 && none.high * 1000 >= 1)
        let all = ShareInterval.of(hits: 999, draws: 999, population: 1000)
        #expect(all.low == 0.999 && all.high == 1 && !all.isExact, "the last one was not seen")
        #expect(ShareInterval.of(hits: 0, draws: 999, population: 1000).high == 0.001)
    }

    /// Millions of hits are summed up no longer term by term, and the way there has no step.
    @Test func manyHitsAreAsGoodAsFew() {
        let few = ShareInterval.of(hits: 79_000, draws: 158_000, population: 10_000_000)
        let many = ShareInterval.of(hits: 81_000, draws: 162_000, population: 10_000_000)
        #expect(abs(few.margin - many.margin) < 0.05 * few.margin)
        let huge = ShareInterval.of(hits: 1 << 40, draws: 1 << 41, population: 1 << 50)
        #expect(huge.low < 0.5 && huge.high > 0.5 && huge.margin < 1e-6)
        #expect(ShareInterval.of(hits: .max, draws: .max).isExact == false)
    }

    @Test(arguments: [3, 10, 100]) func fewDrawsHoldEveryShare(draws: Int) {
        for share in [0.001, 0.05, 0.3, 0.5, 0.8, 0.999] {
            var (chance, held) = (Logarithms.power(1 - share, Double(draws)), 0.0)
            for hits in 0...draws {
                let interval = ShareInterval.of(hits: hits, draws: draws)
                if interval.low <= share, share <= interval.high { held += chance }
                chance *= Double(draws - hits) / Double(hits + 1) * share / (1 - share)
            }
            #expect(held >= 0.95, "\(share) of \(draws)")
        }
    }

    // MARK: bytes

    private let circumstances = NamespaceReport.Circumstances(
        takenAt: Sample.takenAt, elapsed: .seconds(1), took: .zero)

    /// An estimate of a million keys, one in five hundred of which is in the cart.
    private func estimate(_ sizes: [Int], draws: Int = 5000, total: Double? = nil) -> NamespaceUsage? {
        var tally = KeyspaceTally(classifier: KeyClassifier())
        let (mine, other) = (Array("cart:1".utf8), Array("product:1".utf8))
        for index in 0..<draws {
            let key = index < sizes.count ? mine : other
            let facts = KeyFacts(
                type: .string, lifetime: .milliseconds(1000), bytes: index < sizes.count ? sizes[index] : 300)
            tally.note(facts, key: key.span, namespace: tally.count(key.span))
        }
        var circumstances = circumstances
        circumstances.budget = total
        return NamespaceReport.estimate(tally, keys: 1_000_000, circumstances)["cart"]
    }

    /// Three equal sizes say nothing of a fourth: only what the server tells of all keys bounds the namespace.
    @Test func upperEndIsWhatTheOthersLeave() throws {
        let alone = try #require(estimate([100, 100, 100]))
        #expect(alone.bytesHigh == nil && alone.bytesDoubt == .totalNotKnown)
        #expect((alone.bytesLow ?? 0) > 0, "the lower end needs nothing else")
        let told = try #require(estimate([100, 100, 100], total: 4e8))
        #expect(told.bytesDoubt == nil)
        // The others take about 300 MB.
        #expect((told.bytesHigh ?? 0) > 1e8 && (told.bytesHigh ?? .infinity) < 1.5e8)
    }

    /// One giant that nobody has drawn is in the interval, and the next look says the same.
    @Test func giantThatNobodyHasDrawnIsAllowed() throws {
        let total = 3e8 + 1e9
        let first = try #require(estimate(Array(repeating: 100, count: 10), total: total))
        let second = try #require(estimate(Array(repeating: 100, count: 14), total: total))
        #expect((first.bytesHigh ?? 0) > 1e9)
        #expect(abs((first.bytesHigh ?? 0) / (second.bytesHigh ?? 1) - 1) < 0.05, "it does not jump")
    }

    /// A total that is less than what was surely seen is another one's.
    @Test func totalThatContradictsTheDrawsBoundsNothing() throws {
        let usage = try #require(estimate([100, 100, 100], total: 1000))
        #expect(usage.bytesHigh == nil && usage.bytesDoubt == .totalNotKnown)
    }

    /// For hits and misses the bound is Clopper's and Pearson's.
    @Test(arguments: [(1, 10), (5, 5), (30, 5000), (4999, 5000)]) func boundOfEqualSizesIsThatOfTheirShare(
        hits: Int, draws: Int
    ) {
        var sizes = SizeHistogram()
        sizes.add(1000, count: hits)
        let bound = MeanBound(sizes, sum: hits * 1000, zeros: draws - hits)
        let exact = ShareInterval.of(hits: hits, draws: draws)
        #expect(abs(bound.low(MeanBound.Miss.twoAndAHalf) / 1000 / exact.low - 1) < 0.1, "\(exact)")
        #expect(abs(bound.high(MeanBound.Miss.twoAndAHalf, most: 1000) / 1000 / exact.high - 1) < 0.02)
    }

    /// Bytes of a namespace among a million keys, one in twenty of whose keys is a hundred times as large as the others:
    /// how often they are in the interval, and how many times the figure its upper end is.
    private func looks(share: Double, draws: Int, count: Int) -> (held: Double, ends: [Double]) {
        var generator = SeededGenerator(seed: 7)
        let (all, mine) = (1_000_000, Int(1_000_000 * share))
        let large = mine / 20
        let truth = large * 10_000 + (mine - large) * 100
        let (key, other) = (Array("cart:1".utf8), Array("product:1".utf8))
        var circumstances = circumstances
        circumstances.budget = Double(truth + (all - mine) * 300)
        var (held, ends) = (0, [Double]())
        for _ in 0..<count {
            var tally = KeyspaceTally(classifier: KeyClassifier())
            for _ in 0..<draws {
                let pick = Int.random(in: 0..<all, using: &generator)
                let name = pick < mine ? key : other
                let bytes = pick < large ? 10_000 : pick < mine ? 100 : 300
                tally.note(
                    KeyFacts(lifetime: .never, bytes: bytes), key: name.span, namespace: tally.count(name.span))
            }
            guard let bytes = NamespaceReport.estimate(tally, keys: all, circumstances)["cart"]?.bytes else { continue }
            if bytes.low <= Double(truth), Double(truth) <= bytes.high { held += 1 }
            if bytes.value > 0 { ends.append(bytes.high / bytes.value) }
        }
        return (Double(held) / Double(count), ends.sorted())
    }

    /// Of a small namespace ten, five, or twenty keys are looked at.
    @Test(arguments: [(0.002, 5000), (0.005, 1000), (0.02, 1000)])
    func bytesOfASmallNamespaceAreInTheirInterval(share: Double, draws: Int) {
        let held = looks(share: share, draws: draws, count: 200).held
        #expect(held >= 0.94, "\(held)")
    }

    /// Five hundred of its keys were looked at, twenty-five large ones among them, more or less.
    @Test func intervalsOfTwoLooksAreAlike() throws {
        let ends = looks(share: 0.1, draws: 5000, count: 40).ends
        let (least, most) = (try #require(ends.first), try #require(ends.last))
        #expect(ends.count == 40 && most < 3 * least && most < 20, "\(least) to \(most)")
    }

    @Test func partOfAWalkKnowsNoEndWhereMoreKeysWereMetThanThereWere() throws {
        var tally = KeyspaceTally(classifier: KeyClassifier())
        for number in 0..<100 { tally.count(Array("cart:\(number)".utf8).span) }
        let usage = try #require(
            NamespaceReport.sweep(tally, full: false, complete: false, expected: 90, circumstances)["cart"])
        #expect(usage.keys.value == 100 && usage.keysLow == 100 && usage.keysHigh == nil)
        #expect(usage.keysDoubt == .stillGrowing)
    }

    // MARK: words

    /// What stands behind ± reaches to both ends, though intervals of few hits lie askew.
    @Test(arguments: [0, 1, 3, 40, 2500, 4999, 5000]) func distanceThatIsShownReachesBothEnds(hits: Int) throws {
        let share = ShareInterval.of(hits: hits, draws: 5000)
        let parts = share.percentage.split(separator: " ")
        // `<0.1`: what is not zero is not written as zero.
        let figure = try #require(Double(parts[0].drop { $0 == "<" }))
        let distance = try #require(Double(parts[2].dropFirst()))
        #expect(figure - distance <= share.low * 100 + 1e-9 && share.high * 100 <= figure + distance + 1e-9)
        #expect(Estimated(exactly: 0.5).percentage == "50.0 %")
    }

    /// All keys of one size: no p99 below their mean, and none beyond the largest.
    @Test(arguments: [616, 1360, 57]) func largestHundredthIsNotBelowTheMeanOfOneSize(bytes: Int) throws {
        let usage = try #require(estimate(Array(repeating: bytes, count: 200)))
        #expect(abs((usage.meanSize ?? 0) - Double(bytes)) < 1e-6 && usage.p99Size == Double(bytes))
    }
}

/// What the server counts and what is there are two things.
@Suite struct LiveKeysTests {
    private func live(_ counted: Int?, volatile: Int?, page: Int?, primary: Bool = true) -> LiveKeys {
        var live = LiveKeys()
        (live.counted, live.volatile, live.onPage, live.removesExpired) = (counted, volatile, page, primary)
        return live
    }

    @Test func keysAreNotDrawnWhereNearlyAllHaveExpired() {
        #expect(!live(200, volatile: 200, page: 0).canBeDrawn)
        #expect(!live(1_000_000, volatile: 1_000_000, page: 3).canBeDrawn)
        #expect(!live(1_000_000, volatile: 1_000_000, page: nil).canBeDrawn, "nobody knows")
        #expect(!live(1_000_000, volatile: 999_000, page: nil).canBeDrawn)
        #expect(live(1_000_000, volatile: 1_000_000, page: 150).canBeDrawn)
        #expect(live(1_000_000, volatile: 900_000, page: nil).canBeDrawn, "those without a TTL are there")
        #expect(live(1_000_000, volatile: 0, page: nil).canBeDrawn)
        #expect(live(0, volatile: nil, page: nil).canBeDrawn && live(nil, volatile: nil, page: 200).canBeDrawn)
    }

    /// A primary removes what the draws meet: what the second half of them met is what there still was.
    @Test func expiredKeysThatTheDrawsMeetAreNotCounted() {
        let many = live(10_000, volatile: 10_000, page: 41)
        let present = many.present(now: 10_000, removed: 10_000, draws: 2500)
        #expect(present.low < 2000 && abs(present.value - 2000) < 1e-6 && present.high == 10_000)
        let none = many.present(now: 2000, removed: 0, draws: 2500)
        #expect(none.low > 1990 && none.value == 2000 && none.high == 2000)
    }

    @Test func replicaTellsByAPageOfSCAN() {
        let present = live(10_000, volatile: 10_000, page: 40, primary: false).present(
            now: 10_000, removed: 0, draws: 2500)
        #expect(present.low < 2000 && abs(present.value - 2000) < 1e-6 && present.high == 10_000)
        let unknown = live(10_000, volatile: 4000, page: nil, primary: false).present(
            now: 10_000, removed: nil, draws: 2500)
        #expect(unknown.low == 6000 && unknown.high == 10_000)
        #expect(live(10_000, volatile: 0, page: nil).present(now: 10_000, removed: nil, draws: 10).isExact)
        #expect(
            live(10_000, volatile: 10_000, page: 40).shown == 2000
                && live(10_000, volatile: 0, page: 40).shown == 10_000)
        #expect(
            live(nil, volatile: nil, page: 40).shown == nil && live(10_000, volatile: nil, page: nil).shown == 10_000)
    }

    /// The interval of a namespace holds what is there, not what the server counts.
    @Test func intervalHoldsWhatHasNotExpired() throws {
        var tally = KeyspaceTally(classifier: KeyClassifier())
        for number in 0..<5000 { tally.count(Array("product:\(number % 2000)".utf8).span) }
        var circumstances = NamespaceReport.Circumstances(takenAt: Sample.takenAt, elapsed: .zero, took: .zero)
        circumstances.present = Estimated(3000, low: 1900, high: 10_000)
        let usage = try #require(NamespaceReport.estimate(tally, keys: 10_000, circumstances)["product"])
        #expect(usage.keys.low <= 2000 && usage.keys.high >= 2000 && usage.keys.value == 3000)
    }

    @Test func fewKeysAreNotLookedAtMoreOftenThanThereAre() throws {
        var tally = KeyspaceTally(classifier: KeyClassifier())
        for _ in 0..<500 {
            let key = Array("session:1".utf8)
            tally.note(KeyFacts(type: .string, bytes: 50), key: key.span, namespace: tally.count(key.span))
        }
        let report = NamespaceReport.estimate(
            tally, keys: 5, NamespaceReport.Circumstances(takenAt: Sample.takenAt, elapsed: .zero, took: .zero))
        #expect(report.examined == 5 && report.draws == 500 && report["session"]?.examined == 5)
    }
}
