import RedisValues
import Support
import Testing

@testable import CacheCore

/// The scripts and their twin come to the same, whatever comes when.
@Suite struct LimiterTwinsTests {
    /// Steps and limits are multiples of 50 s: a server's clock goes on meanwhile, by less than that.
    private static let grid = Duration.seconds(50)
    private static let window = WindowLimit(4, per: .seconds(3600), kind: "ip")
    private static let rate = RateLimit(3, per: .seconds(3150), kind: "ip")

    private enum Step: CaseIterable { case window, rate, usage, reset, block, unblock, isBlocked }

    private static func take(_ step: Step, _ id: String, _ limiter: any Limiter) async throws -> (String, Duration?) {
        switch step {
        case .window: return words(try await limiter.allow(id, within: window))
        case .rate: return words(try await limiter.allow(id, within: rate))
        case .usage: return ("\(String(describing: try await limiter.usage(id, of: window)))", nil)
        case .reset:
            try await limiter.reset(id, window)
            return ("reset", nil)
        case .block:
            try await limiter.block(id, for: .seconds(500))
            return ("block", nil)
        case .unblock: return ("\(try await limiter.unblock(id))", nil)
        case .isBlocked: return ("\(try await limiter.isBlocked(id))", nil)
        }
    }

    private static func words(_ verdict: LimitVerdict) -> (String, Duration?) {
        let (count, remaining) = (String(describing: verdict.count), String(describing: verdict.remaining))
        return ("\(verdict.isAllowed) \(verdict.ground) \(count) \(remaining)", verdict.rest)
    }

    @Test(arguments: [RedisServer.Software.redis62, .installed, .valkey9], StoreLayout.allCases)
    func randomSchedulesComeToTheSame(_ software: RedisServer.Software, _ layout: StoreLayout) async throws {
        let ground: StoreGround =
            switch software {
            case .redis62: .redis62
            case .installed: .installed
            case .valkey9: .valkey9
            }
        let scene = try StoreScene(ground)
        let memory = StoreMemory(clock: scene.clock)
        let options = LimiterOptions(layout: layout)
        let (onServer, here) = (CountingTally(), CountingTally())
        let server = RedisLimiter(try #require(scene.calls), options, tally: onServer, clock: scene.clock)
        let twin = MemoryLimiter(memory, options, tally: here)
        var generator = SeededGenerator(seed: layout == .guide ? 1 : 2)
        var refused = 0
        for number in 0..<400 {
            let id = "10.0.0.\(Int.random(in: 1...2, using: &generator))"
            switch Int.random(in: 0..<100, using: &generator) {
            case 0..<30: try scene.pass(Self.grid * Int.random(in: 1...24, using: &generator))
            case 30..<36:
                // What somebody else has left there: garbage, or a counter without an end.
                let window = try options.plan(Self.window, id, at: scene.clock.now)
                let rate = try options.plan(Self.rate, id)
                let key = ([window.key, rate.key] + (window.otherKey.map { [$0] } ?? [])).randomElement(
                    using: &generator)
                let value = ["many", "2"].randomElement(using: &generator) ?? ""
                let life: Duration? = Bool.random(using: &generator) ? .seconds(1000) : nil
                let name = String(decoding: try #require(key), as: UTF8.self)
                try await scene.put(value, at: name, for: life)
                memory.step { $0.set(.string(Array(value.utf8)), of: Array(name.utf8), until: life.map($1.adding)) }
            case let draw:
                let step =
                    draw < 84 ? (draw % 2 == 0 ? .window : .rate) : Step.allCases.randomElement(using: &generator)
                let taken = try #require(step)
                let (said, rest) = try await Self.take(taken, id, server)
                let (due, dueRest) = try await Self.take(taken, id, twin)
                #expect(said == due, "step \(number): \(taken) in \(layout) on \(software.rawValue)")
                #expect((rest == nil) == (dueRest == nil))
                if let rest, let dueRest {
                    #expect(
                        rest <= dueRest && rest > dueRest - Self.grid, "step \(number): \(taken) \(rest) \(dueRest)")
                }
                if said.hasPrefix("false counted") { refused += 1 }
            }
        }
        #expect(refused > 20, "\(refused)")
        #expect(onServer.counted(in: "rate:limit") == here.counted(in: "rate:limit"))
        #expect(onServer.sideMisses(in: "rate:limit") == here.sideMisses(in: "rate:limit"))
        await scene.close()
    }
}
