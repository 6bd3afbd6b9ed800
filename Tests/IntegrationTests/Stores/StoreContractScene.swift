import NIOConcurrencyHelpers
import Support
import Testing

@testable import CacheCore

/// A clock that goes when it is told to; who sleeps on it waits for a moment only, which is written down.
final class ManualClock: StoreClock {
    private struct State {
        var now: WallTime
        var slept: [Duration] = []
    }

    private let state = NIOLockedValueBox(State(now: SystemClock().now))

    var now: WallTime { state.withLockedValue(\.now) }
    var slept: [Duration] { state.withLockedValue(\.slept) }

    func forgetSleepers() { state.withLockedValue { $0.slept = [] } }

    func pass(_ duration: Duration) { state.withLockedValue { $0.now = $0.now.adding(duration) } }

    func sleep(for duration: Duration) async throws {
        state.withLockedValue { $0.slept.append(duration) }
        try await Task.sleep(for: .milliseconds(1))
    }
}

/// What the cases of one ground share: a place for keys, a clock for both sides, and a look at what was written.
final class StoreScene: Sendable {
    let ground: StoreGround
    let clock = ManualClock()
    let tally = CountingTally()
    /// Keys in this process; nil on a server.
    let memory: StoreMemory?
    /// nil in memory.
    let calls: (any CacheCalls)?
    /// Of the cluster the primaries; none in memory.
    let servers: [RedisServer]
    private let farm: ClusterFarm?
    private let end: @Sendable () async -> Void

    init(_ ground: StoreGround) throws {
        self.ground = ground
        switch ground {
        case .memory: (servers, farm) = ([], nil)
        case .redis62: (servers, farm) = ([try RedisServer(software: .redis62)], nil)
        case .installed, .pool: (servers, farm) = ([try RedisServer()], nil)
        case .valkey9: (servers, farm) = ([try RedisServer(software: .valkey9)], nil)
        case .cluster, .clusterPool:
            let farm = try ClusterFarm()
            (servers, self.farm) = (farm.servers, farm)
        }
        memory = servers.isEmpty ? StoreMemory(clock: clock) : nil
        if let server = servers.first {
            let kind: CacheConfiguration.Kind =
                ground.isCluster ? .cluster(nodes: farm?.addresses ?? []) : .standalone
            var configuration = CacheConfiguration(endpoint: try Endpoint(url: server.url), kind: kind)
            // A machine that is busy is not a cache that is away.
            configuration.timeout = .seconds(60)
            if ground.isPool {
                var settings = PoolSettings(size: 3)
                settings.deadline = .seconds(60)
                let pool = try CachePool(configuration, name: "shop", settings: settings, logger: LogLines().logger)
                (calls, end) = (pool, { await pool.end() })
            } else {
                let client = CacheClient(configuration)
                (calls, end) = (client, { await client.close() })
            }
        } else {
            (calls, end) = (nil, {})
        }
    }

    func close() async { await end() }

    /// No key, nothing counted.
    func clear() async throws {
        for server in servers { try server.cli("FLUSHALL") }
        memory?.step { keyspace, now in for key in keyspace.keys(at: now) { keyspace.remove(key, at: now) } }
        tally.clear()
        clock.forgetSleepers()
    }

    /// Time goes by, for the stores and for the keys.
    ///
    /// A server's time cannot be moved: its keys lose as much of theirs instead, and strings that are an instant in
    /// microseconds, as the limiter's rates are, move back.
    func pass(_ duration: Duration) throws {
        clock.pass(duration)
        let script = """
            local ms = tonumber(ARGV[1])
            for _, key in ipairs(redis.call('KEYS', '*')) do
                local rest = redis.call('PTTL', key)
                if redis.call('TYPE', key).ok == 'string' then
                    local value = redis.call('GET', key)
                    if string.match(value, '^%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d$') then
                        redis.call('SET', key, string.format('%.0f', tonumber(value) - ms * 1000), 'KEEPTTL')
                    end
                end
                if rest >= 0 and rest <= ms then
                    redis.call('DEL', key)
                elseif rest >= 0 then
                    redis.call('PEXPIRE', key, rest - ms)
                end
            end
            """
        for server in servers { try server.cli("EVAL", script, "0", String(duration.wholeMilliseconds)) }
    }

    // MARK: what stands there

    /// - Parameter words: a command whose first argument is its key.
    @discardableResult
    private func ask(_ words: [[UInt8]]) async throws -> RESPValue {
        try await #require(calls).send(CacheCall(words[1], Command(words)))
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// As somebody else would write it.
    func put(_ value: [UInt8], at key: String, for life: Duration? = nil) async throws {
        if let memory {
            memory.step { $0.set(.string(value), of: self.bytes(key), until: life.map($1.adding)) }
        } else {
            let end = life.map { [bytes("PX"), bytes(String($0.wholeMilliseconds))] } ?? []
            try await ask([bytes("SET"), bytes(key), value] + end)
        }
    }

    func put(_ value: String, at key: String, for life: Duration? = nil) async throws {
        try await put(bytes(value), at: key, for: life)
    }

    func putHash(_ fields: [String: String], at key: String, for life: Duration? = nil) async throws {
        if let memory {
            let hash = Dictionary(uniqueKeysWithValues: fields.map { (bytes($0.key), bytes($0.value)) })
            memory.step { $0.set(.hash(hash), of: self.bytes(key), until: life.map($1.adding)) }
        } else {
            let pairs = fields.flatMap { [bytes($0.key), bytes($0.value)] }
            try await ask([bytes("HSET"), bytes(key)] + pairs)
            if let life { try await ask([bytes("PEXPIRE"), bytes(key), bytes(String(life.wholeMilliseconds))]) }
        }
    }

    func putSet(_ members: [String], at key: String, for life: Duration? = nil) async throws {
        if let memory {
            memory.step { $0.set(.set(Set(members.map(self.bytes))), of: self.bytes(key), until: life.map($1.adding)) }
        } else {
            try await ask([bytes("SADD"), bytes(key)] + members.map(bytes))
            if let life { try await ask([bytes("PEXPIRE"), bytes(key), bytes(String(life.wholeMilliseconds))]) }
        }
    }

    /// What a key holds; nil where it is not there.
    func value(_ key: String) async throws -> MemoryValue? {
        if let memory { return memory.step { $0.value(of: self.bytes(key), at: $1) } }
        switch try await ask([bytes("TYPE"), bytes(key)]).text {
        case "string": return .string(try await ask([bytes("GET"), bytes(key)]).bytes)
        case "hash":
            let parts = try await ask([bytes("HGETALL"), bytes(key)]).array.map { try $0.bytes }
            let pairs = stride(from: 0, to: parts.count, by: 2).map { (parts[$0], parts[$0 + 1]) }
            return .hash(Dictionary(uniqueKeysWithValues: pairs))
        case "set": return .set(Set(try await ask([bytes("SMEMBERS"), bytes(key)]).array.map { try $0.bytes }))
        default: return nil
        }
    }

    /// A string, as text; nil for anything else.
    func text(_ key: String) async throws -> String? {
        guard case .string(let bytes) = try await value(key) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// How long a key has: nil where it is not there, `.some(nil)` where it stays.
    func rest(_ key: String) async throws -> Duration?? {
        if let memory { return memory.step { $0.rest(of: self.bytes(key), at: $1) } }
        switch try await ask([bytes("PTTL"), bytes(key)]).integer {
        case -2: return nil
        case -1: return .some(nil)
        case let milliseconds: return .milliseconds(milliseconds)
        }
    }

    /// Whether a key has about so long: to the second, since a server's clock goes on.
    func lasts(_ duration: Duration, _ key: String) async throws -> Bool {
        guard let rest = try await rest(key), let rest else { return false }
        return rest <= duration && rest > duration - .seconds(10)
    }

    func keys() throws -> Set<String> {
        if let memory { return Set(memory.step { $0.keys(at: $1) }.map { String(decoding: $0, as: UTF8.self) }) }
        return Set(try servers.flatMap { try $0.cli("KEYS", "*").split(separator: "\n").map(String.init) })
    }
}

/// What stores have counted.
final class CountingTally: StoreTally {
    private let figures = NIOLockedValueBox<[String: [StoreFigure: Int]]>([:])

    func count(_ figure: StoreFigure, in namespace: String, by amount: Int) {
        figures.withLockedValue { $0[namespace, default: [:]][figure, default: 0] += amount }
    }

    func clear() { figures.withLockedValue { $0 = [:] } }

    /// What callers asked for: without what loading has taken, and without what was looked for besides.
    func counted(in namespace: String) -> [StoreFigure: Int] {
        var all = figures.withLockedValue { $0[namespace] ?? [:] }
        (all[.loadMilliseconds], all[.sideMisses]) = (nil, nil)
        return all
    }

    func sideMisses(in namespace: String) -> Int { figures.withLockedValue { $0[namespace]?[.sideMisses] ?? 0 } }
}

/// A cache that is away: whoever asks is refused, which is counted.
final class AbsentCache: CacheCalls {
    private let state: NIOLockedValueBox<(error: CacheError, asked: Int)>

    init(_ error: CacheError = .refused(Refusal(.refused))) { state = NIOLockedValueBox((error, 0)) }

    var asked: Int { state.withLockedValue(\.asked) }

    func send(_ call: CacheCall) async throws(CacheError) -> RESPValue { throw refusal() }
    func pipeline(_ calls: [CacheCall]) async throws(CacheError) -> [RESPValue] { throw refusal() }

    private func refusal() -> CacheError {
        state.withLockedValue {
            $0.asked += 1
            return $0.error
        }
    }
}
