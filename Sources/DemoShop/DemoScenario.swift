package import CacheModel

/// What a demo shows.
package enum DemoScenario: String, CaseIterable, Sendable {
    case calm, rush, memory, stampede, slow, blacklistEviction = "blacklist-eviction", churn, leak, outage

    /// What happens, in a few words.
    package var summary: String {
        switch self {
        case .calm: "a day in two minutes, no alert"
        case .rush: "traffic × 8 at a small maxclients"
        case .memory: "products outgrow maxmemory"
        case .stampede: "products expire at once, each caller loads them for itself"
        case .slow: "KEYS and a large SORT"
        case .blacklistEviction: "allkeys-lru takes revocations"
        case .churn: "storefront opens a connection a call"
        case .leak: "INCR without EXPIRE"
        case .outage: "the server is killed for 20 s"
        }
    }

    /// What is raised within a minute, whatever else is.
    package var alerts: Set<Alert.ID> {
        switch self {
        case .calm: []
        case .rush: [.clientsHigh]
        case .memory: [.memoryHigh, .evicting]
        case .stampede: [.hitRatioLow]
        case .slow: [.slowQueries]
        case .blacklistEviction: [.revocationsEvictable, .revocationLost]
        case .churn: [.connectionChurn]
        case .leak: [.ttlContractBroken]
        case .outage: [.unreachable, .restarted]
        }
    }
}

/// How a demo goes; without a scenario it breaks three rules: counters without a TTL, revocations that may be evicted,
/// no password.
package struct DemoPlan: Equatable, Sendable {
    /// Lines of the server's settings.
    package var server: [String]
    package var hasPassword = true
    /// How many products are there at the beginning; the rest come when they are asked for.
    package var products = 6000
    /// Products that a crawler asks for, one after the other, a second.
    package var crawled = 0
    /// Servers of the shop: so many times what a day has.
    package var servers = 1.0
    /// Seconds for which products live; nil for what their contract says.
    package var productLife: Int?
    /// Whether one caller loads a product for all who wait for it.
    package var sharesLoads = true
    /// Whether everybody looks at products.
    package var isSale = false
    /// Who opens a connection for each call; it is asked three times as much as usual, and the others a third.
    package var poolless: ShopService?
    /// Asks a second that are counted in keys without an expiry.
    package var leaked = 0.0
    /// Seconds between two commands that walk over all keys; nil for none.
    package var slowEvery: Double?
    /// Microseconds from which on a command is in the slow log, once the server is filled.
    package var slowest = Self.slow
    /// The same until then: what fills it is slow where the machine is, and nobody's slow query.
    package static let slowestOfFilling = 1_000_000
    private static let slow = 10_000
    /// Whether KEYS is among them.
    package var runsKeys = false
    /// Revocations that the dashboard watches.
    package var watched = 0
    /// Seconds at which the server is killed and started again.
    package var outage: (from: Double, to: Double)? { isKilled ? (6, 26) : nil }
    package var isKilled = false
    /// The alerts' window of lookups in seconds, where it is not five minutes.
    package var hitRatioWindow: Double?

    package init(_ scenario: DemoScenario?) {
        func server(_ memory: String, _ policy: String, clients: Int = 400) -> [String] {
            [
                "maxmemory \(memory)", "maxmemory-policy \(policy)", "maxclients \(clients)",
                "slowlog-log-slower-than \(Self.slow)", "slowlog-max-len 64",
            ]
        }
        self.server = server("128mb", "noeviction")
        switch scenario {
        case nil:
            (self.server, slowest) = (server("64mb", "volatile-lru", clients: 200), 3000)
            (hasPassword, leaked, slowEvery) = (false, 2, 10)
        case .calm: break
        case .rush: (self.server, servers) = (server("128mb", "noeviction", clients: 96), 8)
        case .memory: (self.server, crawled) = (server("22mb", "volatile-lru"), 300)
        case .stampede: (productLife, sharesLoads, isSale, hitRatioWindow) = (4, false, true, 15)
        case .slow: (slowest, slowEvery, runsKeys) = (500, 2, true)
        case .blacklistEviction:
            (self.server, crawled, watched) = (server("18mb", "allkeys-lru"), 400, 24)
        case .churn: poolless = .storefront
        case .leak: leaked = 25
        case .outage: isKilled = true
        }
    }

    /// How many servers of a kind there are, so many seconds after the demo has begun.
    package func count(of service: ShopService, at seconds: Double) -> Int {
        let (base, more) = service.servers
        // A rush is at its height after ten seconds, and lasts.
        guard servers > 1 else { return Int((base + more * ShopDay.wave(at: seconds)).rounded()) }
        return Int((base * (1 + (servers * 1.25 - 1) * min(1, seconds / 10))).rounded())
    }

    /// Visits a second to each server of a kind.
    package func visits(to service: ShopService, at seconds: Double) -> Double {
        let usual = servers > 1 ? 15 : (isSale ? 40 : 15) + 15 * ShopDay.wave(at: seconds)
        return poolless.map { $0 == service ? 3 * usual : usual / 3 } ?? usual
    }
}
