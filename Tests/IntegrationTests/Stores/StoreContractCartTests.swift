import NIOConcurrencyHelpers
import Support
import Testing

@testable import CacheCore

private struct Cart: Codable, Equatable {
    var lines: [String: Int]

    init(_ lines: [String: Int]) { self.lines = lines }

    /// As a shop would have it: quantities add up.
    static func sum(_ guest: Cart, _ user: Cart?) -> Cart {
        Cart(guest.lines.merging(user?.lines ?? [:], uniquingKeysWith: +))
    }
}

extension StoreScene {
    fileprivate func carts(life: Duration = .seconds(7200), by calls: (any CacheCalls)? = nil) throws
        -> any CartStore<Cart>
    {
        if let memory { return try MemoryCarts(memory, life: life, tally: tally) }
        return try RedisCarts(try #require(calls ?? self.calls), life: life, clock: clock, tally: tally)
    }
}

/// A cache that fails once, at its n-th call: before it was sent, or with its answer lost.
private final class BreakingCache: CacheCalls {
    private let calls: any CacheCalls
    private let left: NIOLockedValueBox<Int>
    private let isSent: Bool

    init(_ calls: any CacheCalls, at count: Int, isSent: Bool) {
        (self.calls, self.isSent) = (calls, isSent)
        left = NIOLockedValueBox(count)
    }

    /// Whether it has failed.
    var isBroken: Bool { left.withLockedValue { $0 < 0 } }

    private func breaks() -> Bool {
        left.withLockedValue { left in
            defer { left -= left >= 0 ? 1 : 0 }
            return left == 0
        }
    }

    func send(_ call: CacheCall) async throws(CacheError) -> RESPValue {
        let breaks = breaks()
        if breaks, !isSent { throw .refused(Refusal(.refused)) }
        let reply = try await calls.send(call)
        if breaks { throw .unknown(Refusal(.closed)) }
        return reply
    }

    func pipeline(_ calls: [CacheCall]) async throws(CacheError) -> [RESPValue] {
        let breaks = breaks()
        if breaks, !isSent { throw .refused(Refusal(.refused)) }
        let replies = try await self.calls.pipeline(calls)
        if breaks { throw .unknown(Refusal(.closed)) }
        return replies
    }
}

/// Sections 4 and 7 of the specification, carts; and section 10.
@Suite struct StoreContractCartTests {
    private static let (apples, pears) = (Cart(["apple": 2]), Cart(["apple": 1, "pear": 3]))

    @Test(arguments: StoreGround.allCases)
    func carts(_ ground: StoreGround) async throws {
        try await StoreContract.check(Self.lives + Self.merges + Self.breaks, on: ground)
    }

    private static let lives: [StoreCase] = [
        StoreCase("users and guests have carts of their own, for two hours from the last use") { scene in
            let carts = try scene.carts()
            let user = try #require(try await carts.create(apples, of: .user("17")).saved)
            let guest = try #require(try await carts.create(pears, of: .guest("17")).saved)
            #expect(try scene.keys() == ["cart:user:17", "cart:guest:17"])
            #expect(try await scene.lasts(.seconds(7200), "cart:guest:17"))
            try scene.pass(.seconds(7000))
            #expect(try await carts.read(.user("17")) == user)
            try scene.pass(.seconds(300))
            #expect(try await carts.read(.user("17")) == user)
            #expect(try await carts.read(.guest("17")) == nil)
            #expect(guest.value == pears)
        },
        StoreCase("a cart is saved over the version that was read, and one that was paid for does not come back") {
            scene in
            let carts = try scene.carts()
            let first = try #require(try await carts.create(apples, of: .user("17")).saved)
            let second = try #require(try await carts.save(pears, over: first.version, of: .user("17")).saved)
            #expect(try await carts.save(apples, over: first.version, of: .user("17")) == .conflict(second))
            #expect(try await carts.delete(.user("17")))
            #expect(try await carts.save(apples, over: second.version, of: .user("17")) == .gone)
            scene.clock.pass(.milliseconds(1))
            let third = try #require(try await carts.create(apples, of: .user("17")).saved)
            #expect(try await carts.save(pears, over: second.version, of: .user("17")) == .conflict(third))
        },
        StoreCase("ids that make no sense are refused, and nothing is sent", except: [.memory]) { scene in
            let absent = AbsentCache()
            let carts = try RedisCarts<Cart>(absent)
            for id in ["", "a\tb", String(repeating: "é", count: 129)] {
                await expectInput { _ = try await carts.read(.user(id)) }
                await expectInput { _ = try await carts.create(apples, of: .guest(id)) }
                await expectInput { _ = try await carts.merge(guest: id, into: "17") { Cart.sum($0, $1) } }
                await expectInput { _ = try await carts.merge(guest: "g", into: id) { Cart.sum($0, $1) } }
            }
            await expectInput { _ = try RedisCarts<Cart>(absent, life: .zero) }
            #expect(absent.asked == 0)
        },
    ]

    private static let merges: [StoreCase] = [
        StoreCase("a guest's cart comes into the user's, and ends") { scene in
            let carts = try scene.carts()
            _ = try await carts.create(apples, of: .user("17"))
            _ = try await carts.create(pears, of: .guest("g"))
            let merged = try await carts.merge(guest: "g", into: "17") { Cart.sum($0, $1) }
            #expect(merged?.saved?.value == Cart(["apple": 3, "pear": 3]))
            #expect(try scene.keys() == ["cart:user:17"])
            #expect(try await carts.read(.user("17")) == merged?.saved)
            #expect(try await carts.merge(guest: "g", into: "17") { Cart.sum($0, $1) } == nil)
        },
        StoreCase("a guest's cart becomes that of a user who has none") { scene in
            let carts = try scene.carts()
            _ = try await carts.create(pears, of: .guest("g"))
            #expect(try await carts.merge(guest: "g", into: "17") { Cart.sum($0, $1) }?.saved?.value == pears)
            #expect(try await scene.lasts(.seconds(7200), "cart:user:17"))
        },
        StoreCase("where the guest has none, nothing changes") { scene in
            let carts = try scene.carts()
            let there = try #require(try await carts.create(apples, of: .user("17")).saved)
            #expect(try await carts.merge(guest: "g", into: "17") { Cart.sum($0, $1) } == nil)
            #expect(try await carts.read(.user("17")) == there)
        },
        StoreCase("a cart that is on its way is gone for the guest, and for other users") { scene in
            let carts = try scene.carts()
            let guest = try #require(try await carts.create(pears, of: .guest("g")).saved)
            // The user's cannot be understood, so that the guest's has to wait.
            try await scene.putHash(["version": "1", "data": "?"], at: "cart:user:17", for: .seconds(100))
            #expect(try await carts.merge(guest: "g", into: "17") { Cart.sum($0, $1) } == .conflict(nil))
            #expect(try await carts.read(.guest("g")) == nil)
            #expect(try await carts.save(apples, over: guest.version, of: .guest("g")) == .gone)
            #expect(try await carts.create(apples, of: .guest("g")) == .conflict(nil))
            #expect(try await carts.merge(guest: "g", into: "18") { Cart.sum($0, $1) } == nil)
            #expect(try await carts.delete(.user("17")))
            #expect(try await carts.merge(guest: "g", into: "17") { Cart.sum($0, $1) }?.saved?.value == pears)
        },
        StoreCase("what the user puts in meanwhile is there afterwards") { scene in
            let carts = try scene.carts()
            _ = try await carts.create(Cart([:]), of: .user("17"))
            _ = try await carts.create(pears, of: .guest("g"))
            await withTaskGroup { group in
                group.addTask { _ = try? await carts.merge(guest: "g", into: "17") { Cart.sum($0, $1) } }
                for number in 0..<4 {
                    group.addTask {
                        while let there = try? await carts.read(.user("17")) {
                            var cart = there.value
                            cart.lines["own-\(number)"] = 1
                            let outcome = try? await carts.save(cart, over: there.version, of: .user("17"))
                            if outcome?.saved != nil { return }
                        }
                    }
                }
            }
            var due = pears
            for number in 0..<4 { due.lines["own-\(number)"] = 1 }
            #expect(try await carts.read(.user("17"))?.value == due)
        },
        StoreCase("of two log-ins at once, each line comes over once") { scene in
            let carts = try scene.carts()
            _ = try await carts.create(pears, of: .guest("g"))
            await withTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask { _ = try? await carts.merge(guest: "g", into: "17") { Cart.sum($0, $1) } }
                }
            }
            _ = try await carts.merge(guest: "g", into: "17") { Cart.sum($0, $1) }
            #expect(try await carts.read(.user("17"))?.value == pears)
            #expect(try await carts.read(.guest("g")) == nil)
        },
    ]

    private static let breaks: [StoreCase] = [
        StoreCase(
            "wherever the connection breaks, the same call goes on, and each line comes over once", except: [.memory]
        ) {
            scene in
            let client = try #require(scene.calls)
            for isSent in [false, true] {
                for hasCart in [true, false] {
                    var broken = true
                    var count = 0
                    while broken {
                        try await scene.clear()
                        let carts = try scene.carts()
                        if hasCart { _ = try await carts.create(apples, of: .user("17")) }
                        _ = try await carts.create(pears, of: .guest("g"))
                        let cache = BreakingCache(client, at: count, isSent: isSent)
                        let breaking = try scene.carts(by: cache)
                        _ = try? await breaking.merge(guest: "g", into: "17") { Cart.sum($0, $1) }
                        _ = try await carts.merge(guest: "g", into: "17") { Cart.sum($0, $1) }
                        let due = hasCart ? Cart(["apple": 3, "pear": 3]) : pears
                        #expect(try await carts.read(.user("17"))?.value == due, "call \(count), sent \(isSent)")
                        #expect(try scene.keys() == ["cart:user:17"])
                        (broken, count) = (cache.isBroken, count + 1)
                    }
                    #expect(count > 4)
                }
            }
        }
    ]
}
