import RedisValues
import Support
import Testing

@Suite struct PoolStateTests {
    private let a: PoolState.WaiterID = 1
    private let b: PoolState.WaiterID = 2
    private let c: PoolState.WaiterID = 3
    private let refused = Refusal(.refused)

    /// Six things that happen, in every order in which they can, after each of which all must be as it has to be.
    @Test(arguments: [(1, Int.max, false), (1, Int.max, true), (1, 1, true), (2, 1, true), (2, 1, false)])
    func anyOrderOfSixEvents(limit: Int, uses: Int, rests: Bool) {
        var orders = 0
        func go(_ world: PoolWorld, _ done: [PoolWorld.Event]) {
            if done.count == 6 || !world.violations.isEmpty {
                orders += 1
                var last = world
                last.close()
                #expect(last.violations.isEmpty, "\(done)")
                return
            }
            for event in PoolWorld.Event.allCases where world.isPossible(event) {
                var next = world
                next.happen(event)
                go(next, done + [event])
            }
        }
        go(PoolWorld(limit: limit, uses: uses, rests: rests), [])
        #expect(orders >= 10_000, "\(orders)")
    }

    @Test func twoWhoAskAtOnceShareOneDial() {
        var pool = PoolState()
        #expect(pool.want(a, now: .zero) == [.dial(1)])
        #expect(pool.want(b, now: .zero) == [])
        #expect(pool.dialled(1, .success(10), now: .zero) == [.hand(10, [a, b])])
        #expect(pool.want(c, now: .zero) == [.hand(10, [c])])
    }

    @Test func whatIsClosedWhileItDialsStaysClosed() {
        var pool = PoolState()
        _ = pool.want(a, now: .zero)
        #expect(pool.close() == [.abandon(1), .fail([a], PoolState.closed)])
        #expect(pool.dialled(1, .success(10), now: .zero) == [.close(10)])
        #expect(pool.want(b, now: .zero) == [.fail([b], PoolState.closed)])
        #expect(pool.drop() == [] && pool.close() == [] && pool.isClosed)
    }

    @Test func theLastOneToLeaveAbandonsTheDial() {
        var pool = PoolState()
        _ = pool.want(a, now: .zero)
        _ = pool.want(b, now: .zero)
        #expect(pool.giveUp(a) == [])
        #expect(pool.giveUp(a) == [])
        #expect(pool.giveUp(b) == [.abandon(1)])
        // Whoever comes next has a dial of his own; the outcome of the other one is not his.
        #expect(pool.want(c, now: .zero) == [.dial(2)])
        #expect(pool.dialled(1, .failure(refused), now: .zero) == [])
        #expect(pool.dialled(2, .success(20), now: .zero) == [.hand(20, [c])])
        #expect(pool.giveUp(c) == [], "too late: it is his, and he releases it")
    }

    @Test func failureOfOneConnectionConcernsNoNewerOne() {
        var pool = PoolState()
        _ = pool.want(a, now: .zero)
        _ = pool.dialled(1, .success(10), now: .zero)
        #expect(pool.ended(10, now: .zero) == [])
        _ = pool.want(b, now: .zero)
        _ = pool.dialled(2, .success(20), now: .zero)
        #expect(pool.ended(10, now: .zero) == [] && pool.release(a) == [])
        #expect(pool.connections == [20])
    }

    @Test func droppedLineServesWhoWaitsByANewDial() {
        var pool = PoolState()
        _ = pool.want(a, now: .zero)
        #expect(pool.drop() == [.abandon(1), .dial(2)])
        #expect(pool.dialled(1, .success(10), now: .zero) == [.close(10)])
        #expect(pool.dialled(2, .success(20), now: .zero) == [.hand(20, [a])])
        #expect(pool.drop() == [.close(20)])
        #expect(pool.release(a) == [])
        #expect(pool.want(b, now: .zero) == [.dial(3)])
    }

    /// Callers that pace themselves are told each time.
    @Test func withoutARestTheNextOneDialsAtOnce() {
        var pool = PoolState()
        _ = pool.want(a, now: .zero)
        #expect(pool.dialled(1, .failure(refused), now: .zero) == [.fail([a], refused)])
        #expect(pool.want(b, now: .zero) == [.dial(2)])
    }

    @Test func restLastsLongerWithEachFailure() {
        var pool = PoolState(rest: Backoff(initial: .seconds(1), maximum: .seconds(4)))
        var now = Duration.zero
        for (number, step) in [1, 2, 4, 4].enumerated() {
            let dial = PoolState.DialID(number + 1)
            #expect(pool.want(a, now: now) == [.dial(dial)])
            let effects = pool.dialled(dial, .failure(refused), now: now)
            guard effects.count == 2, effects[0] == .fail([a], refused), case .wake(let end) = effects[1] else {
                Issue.record("\(effects)")
                return
            }
            #expect(end - now >= .seconds(step) / 2 && end - now <= .seconds(step))
            // Who comes meanwhile waits; a timer that comes too early is set anew.
            #expect(pool.want(b, now: end - .milliseconds(1)) == [])
            #expect(pool.woken(now: end - .milliseconds(1)) == [.wake(at: end)])
            #expect(pool.giveUp(b) == [])
            #expect(pool.woken(now: end - .milliseconds(1)) == [.wake(at: end)])
            #expect(pool.woken(now: end) == [])
            now = end
        }
        _ = pool.want(a, now: now)
        _ = pool.dialled(5, .success(10), now: now)
        // Once one has succeeded, the first rest is short again; dropping ends it.
        _ = pool.ended(10, now: now)
        #expect(pool.want(b, now: now) == [.dial(6)])
        let effects = pool.dialled(6, .failure(refused), now: now)
        guard case .wake(let end)? = effects.last else {
            Issue.record("\(effects)")
            return
        }
        #expect(end - now <= .seconds(1))
        #expect(pool.want(c, now: now) == [])
        #expect(pool.drop() == [.dial(7)])
    }

    /// A pool: first come, first served, up to the limit, and a dial that fails hurts nobody who can still be served.
    @Test func poolServesInTheOrderInWhichTheyCome() {
        var pool = PoolState(limit: 2, uses: 1, rest: Backoff())
        let waiters = [a, b, c, 4, 5]
        for waiter in waiters { _ = pool.want(waiter, now: .zero) }
        #expect(
            pool.dialled(1, .success(10), now: .zero) == [
                .hand(10, [waiters[0]]), .dial(2),
            ])
        let effects = pool.dialled(2, .failure(refused), now: .zero)
        guard effects.count == 1, case .wake(let end) = effects[0] else {
            Issue.record("\(effects)")
            return
        }
        #expect(pool.release(waiters[0]) == [.hand(10, [waiters[1]])])
        #expect(pool.woken(now: end) == [.dial(3)])
        #expect(
            pool.dialled(3, .success(20), now: end) == [.hand(20, [waiters[2]])])
        #expect(pool.ended(10, now: end) == [.dial(4)])
        #expect(pool.release(waiters[2]) == [.hand(20, [waiters[3]])])
        #expect(pool.waiters == 1 && pool.isDialling)
    }

    @Test func theLeastBusyConnectionIsNext() {
        var pool = PoolState(limit: 2, uses: 2)
        let waiters = [a, b, c, 4]
        for waiter in waiters { _ = pool.want(waiter, now: .zero) }
        #expect(
            pool.dialled(1, .success(10), now: .zero) == [
                .hand(10, Array(waiters[..<2])), .dial(2),
            ])
        #expect(
            pool.dialled(2, .success(20), now: .zero) == [.hand(20, Array(waiters[2...]))])
        #expect(pool.release(waiters[2]) == [])
        #expect(pool.release(waiters[0]) == [] && pool.release(waiters[1]) == [])
        #expect(pool.want(5, now: .zero) == [.hand(10, [5])])
    }
}

extension PoolState {
    fileprivate mutating func dialled(
        _ dial: DialID, _ outcome: Result<ConnectionID, Refusal>, now: Instant
    ) -> [Effect] {
        dialled(dial, outcome, now: now, jitter: 0.5)
    }
}

extension PoolState.WaiterID: ExpressibleByIntegerLiteral {
    package init(integerLiteral number: Int) { self.init(number) }
}

extension PoolState.DialID: ExpressibleByIntegerLiteral {
    package init(integerLiteral number: Int) { self.init(number) }
}

extension PoolState.ConnectionID: ExpressibleByIntegerLiteral {
    package init(integerLiteral number: Int) { self.init(number) }
}
