import Support
import Testing

@testable import CacheModel

@Suite struct IntervalTests {
    @Test func fiveThousandDrawsAreWithinOnePointFour() {
        let half = ShareInterval.of(hits: 2500, draws: 5000)
        #expect(half.margin < 0.014)
        #expect(half.low < 0.5 && half.high > 0.5)
    }

    @Test func endsStayWithinZeroAndOne() {
        #expect(ShareInterval.of(hits: 0, draws: 5000).low == 0)
        #expect(ShareInterval.of(hits: 5000, draws: 5000).high == 1)
        #expect(ShareInterval.of(hits: 0, draws: 5000).high < 0.001)
        #expect(ShareInterval.of(hits: 0, draws: 0) == Estimated(0, low: 0, high: 1))
    }

    @Test func allDrawnWithoutRepetitionIsExact() {
        #expect(ShareInterval.of(hits: 3, draws: 10, population: 10).isExact)
        #expect(
            ShareInterval.of(hits: 500, draws: 1000, population: 1100).margin
                < ShareInterval.of(hits: 500, draws: 1000).margin / 2)
    }

    /// The interval holds the truth 94 times of a hundred and more, at every share, the smallest included.
    @Test(arguments: [0.00002, 0.0001, 0.0005, 0.002, 0.01, 0.05, 0.2, 0.5, 0.93, 0.9995]) func sharesAreCovered(
        share: Double
    ) {
        var generator = SeededGenerator(seed: UInt64(share * 1e7))
        let draws = 2000
        let rounds = 1500
        var held = 0
        for _ in 0..<rounds {
            let hits = Binomial.draw(draws, share, using: &generator)
            let interval = ShareInterval.of(hits: hits, draws: draws)
            if interval.low <= share && share <= interval.high { held += 1 }
        }
        #expect(Double(held) / Double(rounds) >= 0.94, "\(share): \(held) of \(rounds)")
    }

    @Test func logarithms() {
        for x in [1e-12, 0.3, 1, 2.718281828459045, 10, 12345.678, 1e15] {
            let log = Logarithms.log(x)
            #expect(abs(Logarithms.exp(log) / x - 1) < 1e-11, "\(x)")
        }
        #expect(abs(Logarithms.log(2) - 0.693_147_180_559_945_3) < 1e-14)
        #expect(abs(Logarithms.power(2, 10) - 1024) < 1e-8)
    }

    @Test func histogramBinsHoldTheirSizes() {
        for size in [8, 9, 15, 16, 17, 100, 1023, 1024, 1_000_000, 5_000_000_000] {
            let bin = SizeHistogram.bin(of: size)
            #expect(SizeHistogram.floor(of: bin) <= Double(size))
            #expect(Double(size) < SizeHistogram.floor(of: bin + 1))
        }
        #expect(SizeHistogram.bin(of: 0) == 0)
        #expect(SizeHistogram.bin(of: .max) == SizeHistogram.count - 1)
    }

    @Test func histogramQuantileIsWithinItsBin() {
        var histogram = SizeHistogram()
        for size in 1...10_000 { histogram.add(size) }
        #expect(abs((histogram.quantile(0.99) ?? 0) - 9900) < 640)
        #expect(abs((histogram.quantile(0.5) ?? 0) - 5000) < 320)
        #expect(SizeHistogram().quantile(0.5) == nil)
        #expect(histogram.octaves.reduce(0) { $0 + $1.count } == 10_000)
    }

    @Test func missingBytesWidenAndTheTotalNarrows() {
        var report = Sample.estimate
        let found = report.all.reduce(0) { $0 + ($1.bytes?.value ?? 0) }
        var usages = report.items
        SizeBudget(total: found * 2).apply(to: &usages)
        for (before, after) in zip(report.items, usages) {
            #expect((after.bytes?.high ?? 0) >= (before.bytes?.value ?? 0) + found * 0.9)
            #expect(after.bytes?.low == before.bytes?.low)
        }
        report.items[0].bytes?.high = found * 100
        usages = report.items
        SizeBudget(total: found).apply(to: &usages)
        #expect((usages[0].bytes?.high ?? .infinity) < found * 1.1)
        #expect((usages[0].bytes?.high ?? 0) >= (usages[0].bytes?.value ?? .infinity))
    }
}

enum Binomial {
    /// Successes of so many tries, by the waiting times between them where successes are rare.
    static func draw(_ tries: Int, _ share: Double, using generator: inout SeededGenerator) -> Int {
        guard share <= 0.5 else { return tries - draw(tries, 1 - share, using: &generator) }
        var successes = 0
        var position = 0.0
        let rate = Logarithms.log(1 - share)
        while true {
            position += (Logarithms.log(Double.random(in: 1e-300..<1, using: &generator)) / rate).rounded(.down) + 1
            guard position <= Double(tries) else { return successes }
            successes += 1
        }
    }
}
