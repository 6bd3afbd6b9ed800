import RedisValues
import Testing

/// A server's pool in the order in which things happen.
@Suite struct NodePoolStateTests {
    private func pool(size: Int, uses: Int = 64, crowd: Int = 32) -> NodePoolState {
        var limits = PoolLimits.server(size: size)
        (limits.uses, limits.crowd, limits.idle) = (uses, crowd, nil)
        return NodePoolState(limits)
    }

    /// So many who share, from a number on; who is not served at once.
    private func share(_ pool: inout NodePoolState, _ ids: Range<Int>) -> [PoolState.Effect] {
        ids.flatMap { id -> [PoolState.Effect] in
            let waiter = PoolState.WaiterID(id)
            return pool.take(waiter) == nil ? pool.want(waiter, now: .zero) : []
        }
    }

    @Test func anotherOpensWhereAllAreCrowdedAndNoneTakesTooMany() {
        var pool = pool(size: 2)
        #expect(share(&pool, 0..<1) == [.dial(1)])
        #expect(pool.dialled(1, .success(1), now: .zero, jitter: 0) == [.hand(1, [0])])
        #expect(share(&pool, 1..<32) == [])
        #expect(share(&pool, 32..<33) == [.hand(1, [32]), .dial(2)])
        #expect(share(&pool, 33..<64).count == 31, "handed one by one while another is dialled")
        #expect(share(&pool, 64..<66) == [], "they wait")
        #expect(pool.dialled(2, .success(2), now: .zero, jitter: 0) == [.hand(2, [64, 65])])
        #expect(share(&pool, 66..<80) == [])
        #expect(pool.busy == 2 && pool.uses == 80)
    }

    @Test func moreThanSixteenTimesItsSizeAreTurnedAway() {
        var pool = pool(size: 2, uses: 1, crowd: 1)
        #expect(share(&pool, 0..<32) == [.dial(1)])
        #expect(share(&pool, 32..<33) == [.exhaust(32)])
        #expect(pool.giveUp(5, isOverdue: false, now: .zero, jitter: 0) == [])
        #expect(share(&pool, 33..<34) == [])
        #expect(pool.dialled(1, .success(1), now: .zero, jitter: 0) == [.hand(1, [0]), .dial(2)])
    }

    @Test func whoWantsOneAloneWaitsUntilItIsQuiet() {
        var pool = pool(size: 2)
        _ = share(&pool, 0..<2)
        _ = pool.dialled(1, .success(1), now: .zero, jitter: 0)
        #expect(pool.want(10, .exclusive, now: .zero) == [.dial(2)])
        #expect(pool.dialled(2, .success(2), now: .zero, jitter: 0) == [.hand(2, [10])])
        #expect(share(&pool, 2..<4) == [], "they go on on the other one")
        #expect(pool.want(11, .exclusive, now: .zero) == [], "one is left to those who share")
        #expect(pool.release(10, .answered, now: .zero, jitter: 0) == [.hand(2, [11])])
        #expect(pool.release(11, .answered, now: .zero, jitter: 0) == [])
        let taken = pool.take(12)
        #expect(taken == 2)
    }

    @Test func theOnlyConnectionDrainsForWhoWantsItAlone() {
        var pool = pool(size: 1)
        _ = share(&pool, 0..<2)
        _ = pool.dialled(1, .success(1), now: .zero, jitter: 0)
        #expect(pool.want(10, .exclusive, now: .zero) == [])
        #expect(share(&pool, 2..<3) == [], "it takes no more users")
        #expect(pool.release(0, .answered, now: .zero, jitter: 0) == [])
        #expect(pool.release(1, .answered, now: .zero, jitter: 0) == [.hand(1, [10])])
        #expect(pool.release(10, .answered, now: .zero, jitter: 0) == [.hand(1, [2])])
    }

    @Test func outageFailsThoseWhoWaitAndOneProbeBringsItBack() {
        var pool = pool(size: 3)
        _ = share(&pool, 0..<2)
        let refused = Refusal(.refused)
        #expect(
            pool.dialled(1, .failure(refused), now: .seconds(1), jitter: 1) == [
                .fail([0, 1], refused), .wake(at: .seconds(1) + .milliseconds(50)),
            ])
        #expect(pool.outage?.since == .seconds(1))
        #expect(pool.want(3, now: .seconds(1)) == [.fail([3], refused)])
        let refusedAtOnce = pool.take(4)
        #expect(refusedAtOnce == nil)
        #expect(pool.woken(now: .milliseconds(1049)) == [])
        #expect(pool.woken(now: .milliseconds(1050)) == [.dial(2)])
        #expect(pool.woken(now: .milliseconds(1051)) == [], "one at a time")
        #expect(
            pool.dialled(2, .failure(refused), now: .milliseconds(1060), jitter: 1) == [.wake(at: .milliseconds(1160))])
        #expect(pool.woken(now: .milliseconds(1160)) == [.dial(3)])
        #expect(pool.dialled(3, .success(3), now: .seconds(2), jitter: 0) == [])
        let taken = pool.take(5)
        #expect(pool.outage == nil && taken == 3)
    }

    @Test func dialThatFailsBesideAConnectionIsNoOutage() {
        var pool = pool(size: 2, uses: 1, crowd: 1)
        _ = share(&pool, 0..<1)
        _ = pool.dialled(1, .success(1), now: .zero, jitter: 0)
        #expect(share(&pool, 1..<2) == [.dial(2)])
        let effects = pool.dialled(2, .failure(Refusal(.maxClients)), now: .zero, jitter: 1)
        #expect(effects == [.wake(at: .milliseconds(50))])
        #expect(pool.outage == nil)
        #expect(pool.release(0, .answered, now: .zero, jitter: 0) == [.hand(1, [1])])
    }

    @Test func hungServerClosesAllConnections() {
        var pool = pool(size: 1)
        _ = share(&pool, 0..<8)
        _ = pool.dialled(1, .success(1), now: .zero, jitter: 0)
        for id in 0..<4 {
            #expect(pool.release(PoolState.WaiterID(id), .timedOut, now: .zero, jitter: 1) == [])
        }
        #expect(pool.release(4, .timedOut, now: .zero, jitter: 1) == [.close(1), .wake(at: .milliseconds(50))])
        // What was sent before says nothing of what comes now.
        #expect(pool.release(5, .cannot(Refusal(.loading)), now: .zero, jitter: 1) == [])
        #expect(pool.outage?.reason.kind == .hung)
    }

    @Test func idleConnectionsAreLookedAtAndClosedDownToTheMinimum() {
        var pool = NodePoolState(.server(size: 2, minimum: 1))
        _ = pool.want(0, .exclusive, now: .zero)
        #expect(pool.dialled(1, .success(1), now: .zero, jitter: 0) == [.hand(1, [0]), .wake(at: .seconds(30))])
        // The bound of those who share leaves the other one to them.
        #expect(pool.want(1, now: .zero) == [.dial(2)])
        #expect(pool.dialled(2, .success(2), now: .zero, jitter: 0) == [.hand(2, [1])])
        _ = pool.release(0, .answered, now: .seconds(10), jitter: 0)
        _ = pool.release(1, .answered, now: .zero, jitter: 0)
        #expect(pool.woken(now: .seconds(30)) == [.ping(2), .wake(at: .seconds(40))])
        #expect(pool.woken(now: .seconds(40)) == [.ping(1), .wake(at: .seconds(60))])
        #expect(pool.woken(now: .seconds(60)) == [.ping(2), .wake(at: .seconds(70))])
        #expect(pool.woken(now: .seconds(310)).prefix(1) == [.close(1)])
        #expect(pool.woken(now: .seconds(400)).prefix(1) == [.ping(2)], "the last one stays")
        #expect(pool.connections == [2])
    }

    /// 40 servers that come back open 4 each at once, and 20 a second from then on.
    @Test func dialsComeAtAPace() {
        var pool = pool(size: 50, uses: 1, crowd: 1)
        var now = Duration.zero
        var dials: [Duration] = []
        var effects = share(&pool, 0..<50)
        while !effects.isEmpty {
            let effect = effects.removeFirst()
            switch effect {
            case .dial(let id):
                dials.append(now)
                effects += pool.dialled(id, .success(PoolState.ConnectionID(id.number)), now: now, jitter: 0)
            case .wake(let instant):
                now = instant
                effects += pool.woken(now: now)
            default: break
            }
        }
        #expect(dials.count == 50)
        #expect(dials.prefix(4).allSatisfy { $0 == .zero } && dials[4] == .milliseconds(50))
        #expect(dials.last == .milliseconds(46 * 50))
    }
}
