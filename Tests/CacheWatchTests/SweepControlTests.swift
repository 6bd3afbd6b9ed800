import Testing

@testable import CacheWatch

@Suite struct SweepControlTests {
    /// Each would rest for an hour.
    @Test func cancellingWakesAllWhoRest() async {
        let control = SweepControl()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<3 { group.addTask { await control.rest(for: .seconds(3600)) } }
            group.addTask { control.cancel() }
            await group.waitForAll()
        }
        #expect(control.isCancelled)
    }
}
