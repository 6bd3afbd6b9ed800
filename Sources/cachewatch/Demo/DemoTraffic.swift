internal import CacheWatch

/// What a shop does to its cache, made up: commands by the tenth of a second.
struct DemoTraffic {
    private var generator = SystemRandomNumberGenerator()
    private var step = 0

    /// Fills an empty server: products, sessions, carts, counters and revocations, as the guide names them.
    mutating func seed() -> [Command] {
        var commands: [Command] = []
        for id in 0..<6000 { commands.append(product(id)) }
        for id in 0..<4000 { commands.append(session(id)) }
        for id in 0..<1500 { commands += cart(id) }
        for id in 0..<800 { commands += rateLimit(id) }
        for id in 0..<150 { commands.append(revocation(id)) }
        for id in 0..<600 { commands.append(response(id)) }
        for id in 0..<120 { commands.append(Command("SET", "feature:flag-\(id)", "on")) }
        commands.append(
            Command(
                "EVAL", "for i=1,20000 do redis.call('RPUSH', KEYS[1], i) end redis.call('EXPIRE', KEYS[1], 3600)", "1",
                "product:index"))
        return commands
    }

    /// The commands of the next tenth of a second; their number rises and falls.
    mutating func next() -> [Command] {
        step += 1
        let wave = Wave.at(Double(step) / 10)
        let count = Int(30 + 90 * wave) + Int.random(in: 0...20, using: &generator)
        var commands: [Command] = []
        for _ in 0..<count { commands += visit(wave) }
        if step % 170 == 0 {
            commands.append(Command("SORT", "product:index", "LIMIT", "0", "5", "DESC"))
        }
        if step % 230 == 0 { commands.append(Command("LRANGE", "product:index", "0", "-1")) }
        return commands
    }

    private mutating func visit(_ wave: Double) -> [Command] {
        let id = Int.random(in: 0..<9000, using: &generator)
        switch Int.random(in: 0..<100, using: &generator) {
        case ..<45: return [Command("GET", "product:\(id % 6400)")]
        case ..<60: return [Command("HGETALL", "session:\(name(id % 4300))")]
        case ..<68: return rateLimit(id % 900)
        case ..<74: return [Command("EXISTS", "token:blacklist:\(name(id))")]
        case ..<80: return [Command("HGETALL", "cart:user:\(id % 1600)")]
        case ..<86: return [Command("GET", "api:cache:/v1/products?page=\(id % 700)")]
        case ..<91: return [session(Int(Double(id) * (0.4 + wave)))]
        case ..<95: return [product(Int(Double(id) * (0.6 + wave)))]
        case ..<97: return cart(id % 1600)
        case ..<99: return [response(id % 700)]
        default:
            return id % 8 == 0
                ? [revocation(id)]
                : [Command("SET", "ws:session:\(name(id))", "{\"state\":\"open\"}", "PX", "\(2000 + id)")]
        }
    }

    private mutating func product(_ id: Int) -> Command {
        let size = Int.random(in: 400...2400, using: &generator)
        return Command(
            "SET", "product:\(id)", json("name", id, size), "EX", "\(Int.random(in: 20...3600, using: &generator))")
    }

    private mutating func session(_ id: Int) -> Command {
        let life = Int.random(in: 30...7200, using: &generator)
        return Command(
            "EVAL",
            "redis.call('HSET', KEYS[1], 'user', ARGV[1], 'cart', ARGV[2]) redis.call('EXPIRE', KEYS[1], ARGV[3])", "1",
            "session:\(name(id))", String(id), json("items", id, 300), String(life))
    }

    private mutating func cart(_ id: Int) -> [Command] {
        let key = "cart:user:\(id)"
        return [
            Command("HINCRBY", key, "sku-\(Int.random(in: 0..<200, using: &generator))", "1"),
            Command("EXPIRE", key, "7200"),
        ]
    }

    private func rateLimit(_ id: Int) -> [Command] {
        let key = "rate:limit:ip:10.\(id / 200).\(id % 200).7"
        // The known defect: now and then the EXPIRE after the INCR is lost.
        let isLost = id % 97 == 0
        return [Command("INCR", key)] + (isLost ? [] : [Command("EXPIRE", key, "60", "NX")])
    }

    private func revocation(_ id: Int) -> Command {
        Command(
            "SET", "token:blacklist:\(name(id))", "{\"token_id\":\"\(name(id))\",\"reason\":\"logout\"}", "EX",
            "\(3600 + id)")
    }

    private func response(_ id: Int) -> Command {
        Command("SET", "api:cache:/v1/products?page=\(id)", json("page", id, 1200), "EX", "\(10 + id % 290)")
    }

    private func json(_ key: String, _ id: Int, _ size: Int) -> String {
        "{\"\(key)\":\"\(id)\",\"data\":\"\(String(repeating: "x", count: size))\"}"
    }

    /// Scattered, so that neighbours don't look alike.
    private func name(_ id: Int) -> String {
        String(UInt64(truncatingIfNeeded: id &+ 1) &* 0x9e37_79b9_7f4a_7c15, radix: 36)
    }
}

/// A day in two minutes: two sines that never quite repeat.
enum Wave {
    /// 0 to 1, for a time in seconds.
    static func at(_ seconds: Double) -> Double { (triangle(seconds / 47) * 2 + triangle(seconds / 13)) / 3 }

    private static func triangle(_ phase: Double) -> Double {
        let part = phase - phase.rounded(.down)
        return part < 0.5 ? part * 2 : 2 - part * 2
    }
}
