internal import CacheCore
internal import CacheWatch
internal import DemoShop
internal import Logging

/// The shop that keeps the demo's server busy: some servers, more by day than by night, each with a pool of its own.
struct DemoDriver: Sendable {
    let settings: Settings
    let plan: DemoPlan

    private static let zipf = Zipf(Product.count)
    private static let pages = Zipf(ProductPage.count)
    private static let silent = Logger(label: "demo") { _ in SwiftLogNoOpLogHandler() }

    /// Waits for the server, and puts into it what is asked for first; ``run(isFilled:)`` brings the rest with the traffic.
    ///
    /// - Parameter wholly: whether nothing is left to ``run(isFilled:)``.
    /// - Throws: what the last attempt met, when the server does not answer within ten seconds.
    func fill(wholly: Bool) async throws {
        let pool = try pool("warm-up", size: 4, deadline: .seconds(5))
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            do throws(CacheError) {
                _ = try await pool.send(.get("product:index"))
                break
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        try await setSlowest(DemoPlan.slowestOfFilling, by: pool)
        try await put(stock.first, by: pool)
        if wholly { try await put(stock.rest, by: pool) }
        // What was done until here is no day of a shop.
        try await order([["CONFIG", "RESETSTAT"], ["SLOWLOG", "RESET"]], by: pool)
        if wholly { try await setSlowest(plan.slowest, by: pool) }
        await pool.end()
    }

    private func order(_ commands: [[String]], by pool: CachePool) async throws(CacheError) {
        for words in commands { _ = try await pool.send(CacheCall([], Command(words.map { Array($0.utf8) }))) }
    }

    private func setSlowest(_ microseconds: Int, by pool: CachePool) async throws(CacheError) {
        try await order([["CONFIG", "SET", "slowlog-log-slower-than", String(microseconds)]], by: pool)
    }

    private func fillRest() async {
        do {
            let pool = try pool("warm-up", size: 4, deadline: .seconds(5))
            do { try await put(stock.rest, by: pool) } catch {}
            try await setSlowest(plan.slowest, by: pool)
            await pool.end()
        } catch {}
    }

    private func put(_ stock: [DemoStock], by pool: CachePool) async throws {
        let shop = try ShopServer(pool, plan, tally: NoTally())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<Self.fillers {
                group.addTask {
                    for index in stride(from: worker, to: stock.count, by: Self.fillers) {
                        try Task.checkCancellation()
                        try await shop.fill(stock[index])
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static let fillers = 32

    private struct Stock {
        var first: [DemoStock]
        var rest: [DemoStock]
    }

    /// Revocations come first: they are what a server that evicts takes first.
    private var stock: Stock {
        let products = (0..<plan.products).map { number in
            // As in a cache that has run for a while.
            DemoStock.product(number, life: plan.productLife.map { _ in 9 } ?? 120 + number &* 7919 % 3400)
        }
        let sessions = (0..<2400).map { DemoStock.session(Customer($0)) }
        let carts = (0..<1200).map { DemoStock.cart(Customer($0)) }
        let revocations = (0..<300).map { DemoStock.revocation(Customer(10_000 + $0)) }
        return Stock(
            first: revocations + [.index] + products.prefix(1200) + sessions.prefix(800) + carts.prefix(400),
            rest: sessions.dropFirst(800) + carts.dropFirst(400) + (0..<120).map { .page($0) }
                + (0..<600).map { .limit(Customer($0).address) } + products.dropFirst(1200))
    }

    /// Until its task is cancelled.
    ///
    /// - Parameter isFilled: whether all is there that a cache has at the beginning.
    func run(isFilled: Bool) async {
        await withDiscardingTaskGroup { group in
            if !isFilled { group.addTask { await fillRest() } }
            for service in ShopService.allCases { group.addTask { await run(service) } }
            if plan.crawled > 0 { group.addTask { await crawl() } }
            if plan.leaked > 0 { group.addTask { await leak() } }
            if plan.slowEvery != nil { group.addTask { await runSlowly() } }
        }
    }

    /// All servers of a kind: some end at night.
    private func run(_ service: ShopService) async {
        let began = ContinuousClock.now
        var running: [Task<Void, Never>] = []
        while !Task.isCancelled {
            let seconds = (ContinuousClock.now - began) / .seconds(1)
            let wanted = max(1, plan.count(of: service, at: seconds))
            while running.count < wanted {
                let number = running.count + 1
                running.append(Task { await serve(service, number, since: began) })
            }
            while running.count > wanted { running.removeLast().cancel() }
            try? await Task.sleep(for: .milliseconds(500))
        }
        running.forEach { $0.cancel() }
    }

    private func serve(_ service: ShopService, _ number: Int, since began: ContinuousClock.Instant) async {
        let visits = ShopVisits(service, zipf: Self.zipf, pages: Self.pages, seed: .random(in: 0 ... .max))
        await withShop("\(service.rawValue)-\(number)", as: service.rawValue) { shop in
            var visits = visits
            var debt = Double.random(in: 0...1)
            while !Task.isCancelled {
                let seconds = (ContinuousClock.now - began) / .seconds(1)
                debt += plan.visits(to: service, at: seconds) * Self.tick
                await withDiscardingTaskGroup { group in
                    while debt >= 1 {
                        let visit = visits.next(at: SystemClock().now.seconds, isSale: plan.isSale)
                        group.addTask { await shop.serve(visit) }
                        debt -= 1
                    }
                }
                try? await Task.sleep(for: .seconds(Self.tick))
            }
        }
    }

    /// Seconds between two rounds of a server's visits.
    private static let tick = 0.1

    /// Takes in what nobody has asked for yet, over and over.
    private func crawl() async {
        await withShop("sitemap-1", as: "sitemap") { shop in
            var next = plan.products
            while !Task.isCancelled {
                await withDiscardingTaskGroup { group in
                    for _ in 0..<plan.crawled / 10 {
                        let number = next % Product.count
                        group.addTask { await shop.serve(.product(number)) }
                        next += 1
                    }
                }
                try? await Task.sleep(for: .seconds(Self.tick))
            }
        }
    }

    private func leak() async {
        await withShop("legacy-gateway-1", as: "legacy-gateway") { shop in
            var number = 0
            while !Task.isCancelled {
                await shop.leak("198.51.\(number / 250 % 250).\(number % 250)")
                number += 1
                try? await Task.sleep(for: .seconds(1 / plan.leaked))
            }
        }
    }

    private func runSlowly() async {
        await withShop("stock-report-1", as: "stock-report") { shop in
            var turn = 0
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(plan.slowEvery ?? 10))
                await shop.runSlowly(turn, withKeys: plan.runsKeys)
                turn += 1
            }
        }
    }

    /// A server with its pool and its counters, for as long as the body runs.
    private func withShop(
        _ name: String, as service: String, _ body: @escaping @Sendable (ShopServer) async -> Void
    ) async {
        do {
            let pool = service == plan.poolless?.rawValue ? nil : try pool(name, size: 8)
            let calls: any CacheCalls = pool ?? EachCallDials(settings: settings, name: name)
            // A day has two minutes: what is told each ten seconds is told each two.
            let counters = try CacheCounters(service: service, in: calls) {
                .milliseconds(.random(in: -8200 ... -7800))
            }
            let shop = try ShopServer(calls, plan, tally: counters)
            let counting = Task { await counters.run() }
            await body(shop)
            counting.cancel()
            await counting.value
            await pool?.end()
        } catch {}
    }

    private func pool(_ name: String, size: Int, deadline: Duration? = nil) throws(CacheError) -> CachePool {
        var configuration = settings.configuration
        configuration.allowsWrites = true
        var size = PoolSettings(size: size)
        size.deadline = deadline ?? size.deadline
        return try CachePool(configuration, name: name, settings: size, logger: Self.silent)
    }
}
