import Testing

@testable import CommandLineModel

/// Time in which this process runs.
@Suite struct RunningTimeTests {
    /// - Returns: when it was over, asked at these times.
    private func end(_ times: [Int]) -> Int? {
        var time = RunningTime(.milliseconds(60), from: .seconds(100))
        return times.first { time.isOver(at: .seconds(100) + .milliseconds($0)) }
    }

    @Test func itIsOverInTimeWhereTheMachineRuns() {
        #expect(end(Array(stride(from: 5, through: 200, by: 5))) == 60)
        // A little late each time.
        #expect(end(Array(stride(from: 9, through: 200, by: 9))) == 63)
        #expect(RunningTime(.milliseconds(3), from: .zero).wait == .milliseconds(3))
        #expect(RunningTime(.seconds(3), from: .zero).wait == .milliseconds(5))
    }

    @Test func whatOthersTakeDoesNotCount() {
        // 400 ms in which nothing ran are one slice, and a little.
        #expect(end([5, 405] + Array(stride(from: 410, through: 600, by: 5))) == 450)
    }

    @Test func itEndsWhateverOthersTake() {
        #expect(end(Array(stride(from: 100, through: 10_000, by: 100))) == 600)
        #expect(end([10_000]) == 10_000)
        // What jumps back is another clock.
        #expect(end([5, -1000, 5] + Array(stride(from: 10, through: 200, by: 5))) != nil)
    }
}
