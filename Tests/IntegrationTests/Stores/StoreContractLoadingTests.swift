import NIOConcurrencyHelpers
import Support
import Testing

@testable import CacheCore

/// Section 5 of the specification: staleness, single flight, leases.
@Suite struct StoreContractLoadingTests {
    private static let chair = Article(id: 7, name: "chair")
    private static let table = Article(id: 7, name: "table")

    @Test(arguments: StoreGround.allCases)
    func loading(_ ground: StoreGround) async throws {
        try await StoreContract.check(Self.staleness + Self.flights + Self.leases, on: ground)
    }

    private static let staleness: [StoreCase] = [
        StoreCase("a stale value is served at once, and one caller loads it anew") { (scene) async throws in
            let (values, database) = (scene.values(), Database(isOpen: false))
            _ = try await values.value("7", in: .product, within: nil) { chair }
            try scene.pass(.seconds(56 * 60))
            for _ in 0..<5 {
                #expect(
                    try await values.value("7", in: .product, within: nil) { try await database.load(table) } == chair)
            }
            await StoreContract.until("it is loaded") { database.loads == 1 }
            database.open()
            await StoreContract.until("the new value is there") {
                (try? await scene.text("product:7"))??.contains("table") ?? false
            }
            #expect(try await values.value("7", in: .product, within: nil) { chair } == table)
            #expect(scene.tally.counted(in: "product") == [.misses: 1, .loads: 2, .stale: 5, .hits: 1])
            #expect(database.loads == 1)
        },
        StoreCase("fresh and stale together end with the contract") { (scene) async throws in
            let values = scene.values()
            _ = try await values.value("7", in: .product, within: nil) { chair }
            try scene.pass(.seconds(3601))
            #expect(try scene.keys().isEmpty)
            #expect(try await values.value("7", in: .product, within: nil) { table } == table)
        },
        StoreCase("a value whose key never ends is served no longer than the contract says") { (scene) async throws in
            let end = scene.clock.now.milliseconds + 1000
            try await scene.put(#"{"fresh_until":\#(end),"value":{"id":7,"name":"chair"}}"#, at: "product:7")
            scene.clock.pass(.seconds(301))
            #expect(try await scene.values().value("7", in: .product, within: nil) { table } == table)
            #expect(try await scene.lasts(.seconds(3600), "product:7"))
        },
        StoreCase("a load behind a stale value that fails leaves the value there") { (scene) async throws in
            let (values, database) = (scene.values(), Database())
            _ = try await values.value("7", in: .product, within: nil) { chair }
            try scene.pass(.seconds(56 * 60))
            // Who comes while the load of before has not ended yet begins none.
            await StoreContract.until("it is tried again") {
                let found = try? await values.value("7", in: .product, within: nil) { () async throws -> Article in
                    _ = try await database.load(0)
                    throw LoadFailure()
                }
                #expect(found == chair)
                return database.loads >= 2
            }
        },
    ]

    private static let flights: [StoreCase] = [
        StoreCase("10,000 callers of one missing key are one load") { (scene) async throws in
            let (cache, database) = (scene.cache(), Database())
            let callers = [.memory, .installed].contains(scene.ground) ? 10_000 : 2000
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<callers {
                    group.addTask {
                        let found = try await cache.value("7", in: .product) { try await database.load(chair) }
                        #expect(found == chair)
                    }
                }
                try await group.waitForAll()
            }
            // A pool has room for so many who look at once; who found none waits for the load as well, and loads where that
            // has ended before.
            let dropped = scene.tally.counted(in: "product")[.drops] ?? 0
            #expect(scene.ground.isPool || dropped == 0)
            let loads = database.loads
            #expect((1...1 + dropped).contains(loads), "\(dropped) dropped")
            #expect(try await cache.value("7", in: .product) { try await database.load(chair) } == chair)
            #expect(database.loads == loads, "it was kept")
        },
        StoreCase("an error of a load goes to all who wait, and is not kept") { (scene) async throws in
            let (values, database) = (scene.values(), Database(isOpen: false))
            let failures = NIOLockedValueBox(0)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        await #expect(throws: LoadFailure(number: 1)) {
                            _ = try await values.value("7", in: .product, within: nil) { () async throws -> Article in
                                throw LoadFailure(number: try await database.load(1))
                            }
                        }
                        failures.withLockedValue { $0 += 1 }
                    }
                }
                await StoreContract.until("all wait") { scene.tally.counted(in: "product")[.misses] == 10 }
                database.open()
            }
            #expect(failures.withLockedValue { $0 } == 10)
            #expect(try scene.keys().isEmpty)
            #expect(try await values.value("7", in: .product, within: nil) { chair } == chair)
        },
        StoreCase("who has no more time leaves, and the load goes on for the others") { (scene) async throws in
            let (values, database) = (scene.values(), Database(isOpen: false))
            async let patient = values.value("7", in: .product, within: nil) { try await database.load(chair) }
            await StoreContract.until("it is loaded") { database.loads == 1 }
            await #expect(throws: CacheError.timedOut(.milliseconds(80))) {
                _ = try await values.value("7", in: .product, within: .milliseconds(80)) { table }
            }
            #expect(database.cancelled == 0)
            database.open()
            #expect(try await patient == chair)
        },
        StoreCase("the last to leave cancels the load, and nothing is kept") { (scene) async throws in
            let (values, database) = (scene.values(), Database(isOpen: false))
            let callers = (0..<3).map { _ in
                Task { try await values.value("7", in: .product, within: nil) { try await database.load(chair) } }
            }
            await StoreContract.until("all wait") {
                scene.tally.counted(in: "product")[.misses] == 3 && database.loads == 1
            }
            for caller in callers { caller.cancel() }
            for caller in callers {
                await #expect(throws: CacheError.cancelled) { _ = try await caller.value }
            }
            await StoreContract.until("it is cancelled") { database.cancelled >= 1 }
            #expect(try scene.keys().isEmpty)
            #expect(try await values.value("7", in: .product, within: nil) { table } == table)
        },
        StoreCase("what is removed does not come back with a load of before") { (scene) async throws in
            let (values, database) = (scene.values(), Database(isOpen: false))
            async let old = values.value("7", in: .product, within: nil) { try await database.load(chair) }
            await StoreContract.until("it is loaded") { database.loads == 1 }
            try await values.remove("7", in: .product)
            #expect(try await values.value("7", in: .product, within: nil) { table } == table)
            database.open()
            #expect(try await old == chair)
            #expect(try await values.value("7", in: .product, within: nil) { chair } == table)
        },
    ]

    private static let leases: [StoreCase] = [
        StoreCase("by choice one of several servers loads, and the others find what it has kept") {
            (scene) async throws in
            let database = Database(isOpen: false)
            var space = CacheSpace.product
            space.lease = .seconds(10)
            let leased = space
            try await withThrowingTaskGroup(of: Article.self) { group in
                // Each with flights of its own, as a server has them.
                for _ in 0..<4 {
                    let values = scene.values()
                    group.addTask {
                        try await values.value("7", in: leased, within: nil) { try await database.load(chair) }
                    }
                }
                await StoreContract.until("others poll") { scene.clock.slept.count >= 6 && database.loads == 1 }
                #expect(try scene.keys() == ["product:7:lease"])
                #expect(try await scene.lasts(.seconds(10), "product:7:lease"))
                database.open()
                for try await found in group { #expect(found == chair) }
            }
            #expect(database.loads == 1)
            #expect(scene.clock.slept.allSatisfy { $0 == .milliseconds(50) })
            await StoreContract.until("the lease is given back") { (try? scene.keys()) == ["product:7"] }
        },
        StoreCase("a leader that is gone frees one of those who wait, not all") { (scene) async throws in
            let database = Database()
            var space = CacheSpace.product
            space.lease = .seconds(3600)
            let leased = space
            try await scene.put("of one who is gone", at: "product:7:lease", for: .seconds(5))
            try await withThrowingTaskGroup(of: Article.self) { group in
                for _ in 0..<4 {
                    let values = scene.values()
                    group.addTask {
                        try await values.value("7", in: leased, within: nil) { try await database.load(chair) }
                    }
                }
                await StoreContract.until("all wait") { scene.tally.counted(in: "product")[.misses] == 4 }
                #expect(database.loads == 0)
                try scene.pass(.seconds(6))
                for try await found in group { #expect(found == chair) }
            }
            #expect(database.loads == 1)
        },
        StoreCase("a lease that has gone to another server is not given back by us") { (scene) async throws in
            let (values, database) = (scene.values(), Database(isOpen: false))
            var space = CacheSpace.product
            space.lease = .seconds(10)
            let leased = space
            async let value = values.value("7", in: leased, within: nil) { try await database.load(chair) }
            await StoreContract.until("it is loaded") { database.loads == 1 }
            try await scene.put("of another", at: "product:7:lease")
            database.open()
            #expect(try await value == chair)
            #expect(try await scene.text("product:7:lease") == "of another")
        },
        StoreCase("a load that fails gives its lease back") { (scene) async throws in
            var space = CacheSpace.product
            space.lease = .seconds(10)
            let (leased, values) = (space, scene.values())
            await #expect(throws: LoadFailure()) {
                _ = try await values.value("7", in: leased, within: nil) { () async throws -> Article in
                    throw LoadFailure()
                }
            }
            #expect(try scene.keys().isEmpty)
        },
        StoreCase("what stands where a lease would and never ends holds nobody up for ever") { (scene) async throws in
            try await scene.putHash(["a": "b"], at: "product:7:lease")
            var space = CacheSpace.product
            space.lease = .seconds(1)
            let leased = space
            #expect(try await scene.values().value("7", in: leased, within: nil) { chair } == chair)
            #expect(try scene.keys() == ["product:7", "product:7:lease"])
        },
    ]
}

@Suite struct StoreMemoryTests {
    @Test func whatIsKeptStaysWithinBoundsAndEverythingIsServed() async throws {
        let memory = StoreMemory(StoreMemory.Bounds(entries: 10, bytes: 1 << 20))
        let (cache, database) = (MemoryValueCache(memory), Database())
        for _ in 0..<2 {
            for id in 0..<100 {
                let article = Article(id: id, name: "chair")
                let found = try await cache.value("\(id)", in: .product) { try await database.load(article) }
                #expect(found == article)
            }
        }
        #expect(memory.step { keyspace, _ in keyspace.count } == 10)
        #expect(memory.evictions == 190 && database.loads == 200)
        let large = Article(id: 7, name: String(repeating: "x", count: 900_000))
        for id in 0..<3 { _ = try await cache.value("large\(id)", in: .product) { large } }
        #expect(memory.step { keyspace, _ in keyspace.count } == 1)
    }
}
