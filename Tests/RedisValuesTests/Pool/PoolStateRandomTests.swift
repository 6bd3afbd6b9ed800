import RedisValues
import Support
import Testing

/// Anything may happen at any time, for long: nobody is lost or served twice, nothing leaks, never too many.
@Suite struct PoolStateRandomTests {
    /// Of each case: a million in all.
    private static let steps = 100_000

    @Test(arguments: [(1, Int.max, false), (1, Int.max, true), (3, 1, true), (4, 2, true), (3, 2, false)])
    func nobodyIsLostAndNothingLeaks(limit: Int, uses: Int, rests: Bool) {
        var world = PoolWorld(limit: limit, uses: uses, rests: rests, seed: 42)
        var generator = SeededGenerator(seed: UInt64(limit))
        var (ids, last) = (0, 0)
        for step in 0..<Self.steps where world.violations.isEmpty {
            world.pass(.milliseconds(Int.random(in: 0...20, using: &generator)))
            switch Int.random(in: 0..<100, using: &generator) {
            case 0..<30 where world.standing.count < 12:
                ids += 1
                world.want(PoolState.WaiterID(ids))
            case 30..<38: if let one = Self.anybody(in: world, &generator) { world.giveUp(one) }
            case 38..<60:
                if let one = Self.anybody(in: world, &generator), world.isUsing(one) { world.release(one) }
            case 60..<75: if let dial = world.dials.randomElement(using: &generator) { world.dialled(dial, isOK: true) }
            case 75..<82:
                if let dial = world.dials.randomElement(using: &generator) { world.dialled(dial, isOK: false) }
            case 82..<86:
                let open = world.open.sorted { $0.number < $1.number }
                if let one = open.randomElement(using: &generator) { world.end(one) }
            case 86..<97: world.wake(early: Bool.random(using: &generator))
            case 97: world.drop()
            default: break
            }
            world.forgetWhoHasGone()
            last = step
        }
        // One expectation for all steps: each costs as much as a step.
        #expect(world.violations.isEmpty, "step \(last)")
        #expect(world.served > Self.steps / 50)
        world.close()
        #expect(world.violations.isEmpty)
    }

    private static func anybody(
        in world: PoolWorld, _ generator: inout SeededGenerator
    ) -> PoolState.WaiterID? {
        world.standing.keys.map(\.number).sorted().randomElement(using: &generator).map { PoolState.WaiterID($0) }
    }

    /// The same for a server's pool: shared and alone, with a bound on who waits, behind its breaker.
    @Test(arguments: [1, 2, 3, 5, 20])
    func nobodyIsLostInAServersPool(size: Int) {
        var limits = PoolLimits.server(size: size, minimum: size / 3)
        // The numbers are small, so that all bounds are met often.
        (limits.uses, limits.crowd, limits.waiting) = (4, 2, 6)
        limits.idle?.ping = .milliseconds(200)
        limits.idle?.close = .seconds(1)
        var world = ServerPoolWorld(limits, seed: UInt64(size))
        var last = 0
        for step in 0..<Self.steps where world.violations.isEmpty {
            world.pass(.milliseconds(world.below(8)))
            // Busy and quiet times, good and bad ones.
            let (isBusy, isBad) = (step / 500 % 3 != 2, step / 1500 % 4 == 3)
            switch world.below(100) {
            case 0..<45 where isBusy && world.users.count < 5 * size + 8: world.want(.shared)
            case 45..<52 where isBusy: world.want(.exclusive)
            case 52..<56: world.giveUp(isOverdue: world.below(2) == 0)
            case 56..<84: world.release(isBad && world.below(3) > 0 ? .timedOut : .answered)
            case 84..<96: world.dialled(isOK: !isBad || world.below(4) == 0)
            case 96: world.end()
            case 97: world.release(.lost)
            case 98 where isBad: world.release(.cannot(Refusal(.loading)))
            default: break
            }
            if step % 32 == 0 { world.checkAll() }
            last = step
        }
        #expect(world.violations.isEmpty, "step \(last)")
        #expect(world.served > Self.steps / 20 && world.exhausted > 100 && world.outages > 10)
        #expect(world.pinged > 10 && world.idled > 0, "\(world.pinged) pings, \(world.idled) closed")
        // Once all goes well, whoever waits is served.
        for _ in 0..<10_000 where !world.waiting.isEmpty || !world.users.isEmpty {
            world.pass(.milliseconds(50))
            world.dialled(isOK: true)
            world.release(.answered)
        }
        #expect(world.waiting.isEmpty && world.users.isEmpty && world.state.outage == nil, "somebody waits for ever")
        world.checkAll()
        world.close()
        #expect(world.violations.isEmpty, "\(world.violations)")
    }
}
