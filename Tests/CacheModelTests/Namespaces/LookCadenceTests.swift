import Testing

@testable import CacheModel

@Suite struct LookCadenceTests {
    /// Seconds at which a look begins, each of which takes a second.
    private func looks(
        _ cadence: inout LookCadence, from start: Int = 0, to end: Int, every: Duration? = .seconds(60),
        isWished: Bool = false, isDenied: Bool = false, keys: (Int) -> Int? = { _ in 1000 }
    ) -> [Int] {
        var begun: [Int] = []
        for second in start..<end {
            if begun.last.map({ $0 + 1 == second }) == true {
                if !isDenied { cadence.note(lookAt: .seconds(second)) }
                cadence.end(estimateAt: .seconds(second), every: every, isDenied: isDenied)
            }
            guard
                cadence.isDue(
                    at: .seconds(second), every: every, isWished: isWished, isBusy: false, keys: keys(second))
            else { continue }
            cadence.begin()
            begun.append(second)
        }
        return begun
    }

    @Test func aLookComesAtOnceAndEveryMinute() {
        var cadence = LookCadence()
        #expect(looks(&cadence, to: 200) == [0, 61, 122, 183])
        var off = LookCadence()
        #expect(looks(&off, to: 200, every: nil, isWished: true).isEmpty)
        var busy = LookCadence()
        let isDue = busy.isDue(at: .zero, every: .seconds(60), isWished: true, isBusy: true, keys: nil)
        #expect(!isDue)
    }

    /// However many alerts wish for one.
    @Test func wishedLooksHaveAPauseBetweenThem() {
        var cadence = LookCadence()
        _ = looks(&cadence, to: 20)
        #expect(looks(&cadence, from: 20, to: 100, isWished: true) == [20, 50, 80])
    }

    @Test func whatIsDeniedIsNotTriedUntilSomebodySaysSo() {
        var cadence = LookCadence()
        #expect(looks(&cadence, to: 200, isDenied: true) == [0])
        cadence.retry()
        #expect(looks(&cadence, from: 200, to: 220) == [200])
    }

    @Test func whatWasCountedLastsUnlessTheKeysAreOthers() {
        var cadence = LookCadence()
        _ = looks(&cadence, to: 10)
        cadence.begin()
        cadence.note(lookAt: .seconds(10))
        cadence.end(sweepAt: .seconds(10), every: .seconds(60))
        var same = cadence
        #expect(looks(&same, from: 10, to: 320) == [310])
        #expect(looks(&cadence, from: 10, to: 320, keys: { $0 < 100 ? 1000 : 1200 }).first == 100)
    }
}
