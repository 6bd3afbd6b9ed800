import RedisValues
import Support
import Testing

/// Anything may happen at any time, for long: nobody is lost or served twice, nothing leaks, never too many.
@Suite struct PoolStateRandomTests {
    private static let steps = 200_000

    @Test(arguments: [(1, Int.max, false), (1, Int.max, true), (3, 1, true), (4, 2, true), (3, 2, false)])
    func nobodyIsLostAndNothingLeaks(limit: Int, uses: Int, rests: Bool) {
        var world = PoolWorld(limit: limit, uses: uses, rests: rests, seed: 42)
        var generator = SeededGenerator(seed: UInt64(limit))
        var ids = 0
        for step in 0..<Self.steps where world.violations.isEmpty {
            world.pass(.milliseconds(Int.random(in: 0...20, using: &generator)))
            let anybody = world.standing.keys.sorted { $0.number < $1.number }.randomElement(using: &generator)
            switch Int.random(in: 0..<100, using: &generator) {
            case 0..<30 where world.standing.count < 12:
                ids += 1
                world.want(PoolState.WaiterID(ids))
            case 30..<38: if let anybody { world.giveUp(anybody) }
            case 38..<60: if let anybody, world.isUsing(anybody) { world.release(anybody) }
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
            #expect(world.violations.isEmpty, "step \(step)")
        }
        #expect(world.served > Self.steps / 50)
        world.close()
        #expect(world.violations.isEmpty)
    }
}
