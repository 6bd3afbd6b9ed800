import CacheModel
import Support
import Testing

private func series(_ values: [Double?], every step: Int = 1, capacity: Int = 100) -> Series {
    var series = Series(capacity: capacity)
    for (index, value) in values.enumerated() { series.append(value, at: .seconds(index * step)) }
    return series
}

@Suite struct SeriesTests {
    @Test func bucketsHoldMeans() {
        let buckets = series([1, 3, 5, 7]).buckets(count: 2, span: .seconds(4), until: .seconds(3))
        #expect(buckets == [2, 6])
    }

    @Test func nothingKnownIsAHole() {
        #expect(Series(capacity: 4).buckets(count: 3, span: .seconds(3), until: .seconds(9)) == [nil, nil, nil])
        #expect(series([nil, nil]).last == nil)
    }

    @Test func pollsRarerThanBucketsLeaveNoHoles() {
        let buckets = series([2, 4, 6], every: 5).buckets(
            count: 12, span: .seconds(12), until: .seconds(11), hold: .seconds(5))
        #expect(buckets == [2, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6])
    }

    @Test func aLostConnectionIsAHole() {
        var series = Series(capacity: 100)
        series.append(5, at: .seconds(0))
        series.append(nil, at: .seconds(1))
        series.append(7, at: .seconds(4))
        let buckets = series.buckets(count: 5, span: .seconds(5), until: .seconds(4))
        #expect(buckets[0] == 5 && buckets[2] == nil && buckets[3] == nil && buckets[4] == 7)
        let silent = Support.silent.buckets(count: 6, span: .seconds(60), until: .seconds(59), hold: .seconds(2))
        #expect(silent[0] == 1 && silent[2] == nil && silent[5] == nil)
    }

    private enum Support {
        static var silent: Series {
            var series = Series(capacity: 9)
            series.append(1, at: .seconds(1))
            return series
        }
    }

    @Test func chartsScrollAndDoNotShimmer() {
        let values = (0..<60).map { Double?(Double($0 * $0 % 17)) }
        let early = series(values).buckets(count: 10, span: .seconds(30), until: .seconds(50))
        let within = series(values).buckets(count: 10, span: .seconds(30), until: .milliseconds(50_900))
        let later = series(values).buckets(count: 10, span: .seconds(30), until: .seconds(53))
        #expect(early == within)
        #expect(Array(early.dropFirst()) == Array(later.dropLast()))
    }

    @Test func theOldestIsDroppedFirst() {
        let full = series((0..<10).map(Double.init), capacity: 4)
        #expect(full.range(span: .seconds(100), until: .seconds(10)) == 6...9 && full.last == 9)
        #expect(full.buckets(count: 10, span: .seconds(10), until: .seconds(9)).prefix(6).allSatisfy { $0 == nil })
    }

    @Test func whatWasPolledRarelyIsNoGapBecauseSomebodyPollsOftenNow() {
        var series = Series(capacity: 3600)
        for poll in 0..<120 { series.append(1, at: .seconds(poll * 30), hold: .seconds(60)) }
        series.append(1, at: .seconds(3571), hold: .seconds(3))
        let buckets = series.buckets(count: 100, span: .seconds(300), until: .seconds(3571))
        #expect(!buckets.contains(nil))
        #expect(
            series.buckets(count: 10, span: .seconds(100), until: .seconds(3670)).suffix(9)
                == Array(repeating: nil, count: 9)[...])
    }

    @Test(arguments: [200, 500, 1000, 30_000]) func hourIsAnHourHoweverOftenIsPolled(milliseconds: Int) {
        var series = Series(capacity: History.capacity)
        for poll in 0...(3_600_000 / milliseconds) {
            series.append(Double(poll % 2), at: .milliseconds(poll * milliseconds), hold: .seconds(60))
        }
        let known = series.buckets(count: 60, span: .seconds(3600), until: .seconds(3600))
        #expect(known.allSatisfy { $0.map { $0 <= 1 } ?? false }, "\(known)")
        #expect(
            series.buckets(count: 300, span: .seconds(60), until: .seconds(3600)).last == .some(.some(0)),
            "the last minute is as fine as it came")
    }

    @Test func rangesCoverTheSpanOnly() {
        let values = series([50, 1, nil, 3])
        #expect(values.range(span: .seconds(2), until: .seconds(3)) == 1...3)
        #expect(values.range(span: .milliseconds(1), until: .seconds(90)) == nil)
    }

    @Test func infinityIsAGapAndOddAsksGetNothing() {
        #expect(series([.infinity, .nan]).buckets(count: 2, span: .seconds(2), until: .seconds(1)) == [nil, nil])
        #expect(series([1]).buckets(count: 0, span: .seconds(2), until: .zero).isEmpty)
        #expect(series([1]).buckets(count: 2, span: .zero, until: .zero).isEmpty)
        #expect(series([1]).buckets(count: 3, span: .seconds(1), until: .seconds(1_000_000)).count == 3)
    }
}

@Suite struct HistoryTests {
    @Test func everyFigureOfANodeIsRecorded() {
        var history = History()
        history.record(Sample.node(), at: .seconds(1))
        for figure in History.Figure.allCases { #expect(history[figure].last != nil, "\(figure)") }
        #expect(history[.clients].last == 412 && history[.roundTrip].last == 0.000412)
    }

    @Test func anUnreachableNodeIsAGapInEveryFigure() {
        var history = History()
        history.record(Sample.node(), at: .seconds(1))
        history.record(Sample.unreachable.nodes[0], at: .seconds(2))
        for figure in History.Figure.allCases { #expect(history[figure].last == nil, "\(figure)") }
    }

    @Test func whatIsSaidAgainWhileANodeIsLateIsNoSample() {
        var history = History()
        var node = Sample.node()
        node.answeredAt = .seconds(1)
        history.record(node, at: .seconds(1))
        for second in 2..<60 {
            node.late = .seconds(second - 1)
            history.record(node, at: .seconds(second))
        }
        let buckets = history[.clients].buckets(count: 6, span: .seconds(60), until: .seconds(59))
        #expect(buckets[0] == 412 && buckets[2] == nil && buckets[5] == nil)
    }

    @Test func anHourIsKept() {
        var history = History()
        for second in 0..<4_000 { history.record(Sample.node(), at: .seconds(second)) }
        let buckets = history[.clients].buckets(count: 60, span: .seconds(3600), until: .seconds(3999))
        #expect(buckets.dropFirst(7).allSatisfy { $0 == 412 } && buckets.count == 60)
    }
}
