// Times the pool of `CacheCore` against a server that runs already. Run by `scripts/bench servers`.
// Arguments: the server's URL, what is timed (`get`, `pipeline`, `check`, `load`, `outage`, `hung`, `killed`), callers,
// connections, seconds, event loops. One line: figures with their names.
import CacheCore
import Logging
import NIOConcurrencyHelpers

let words = Array(CommandLine.arguments.dropFirst())
guard words.count == 6, let callers = Int(words[2]), let size = Int(words[3]), let seconds = Double(words[4]),
    let threads = Int(words[5])
else { fatalError("usage: servers URL WHAT CALLERS SIZE SECONDS THREADS") }

var settings = PoolSettings(size: size)
settings.threads = threads
let pool = try CachePool(
    CacheConfiguration(endpoint: try Endpoint(url: words[0])), name: "bench", settings: settings,
    logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
let clock = ContinuousClock()

/// What one caller has seen.
struct Tally: Sendable {
    var calls = 0
    var failures = 0
    /// Microseconds.
    var times: [Double] = []
}

/// Microseconds.
func figure(_ times: [Double], _ share: Double) -> Double {
    let sorted = times.sorted()
    return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
}

/// All callers at once, each one call after the other.
func run(commands: Int, _ call: @escaping @Sendable (Int) async -> Bool) async -> (Tally, Double) {
    let start = clock.now
    let end = start + .seconds(seconds)
    let all = await withTaskGroup(of: Tally.self) { group in
        for caller in 0..<callers {
            group.addTask {
                var tally = Tally()
                var number = caller
                var now = clock.now
                while now < end {
                    number = number &* 25_214_903_917 &+ 11
                    if await !call(abs(number % 100_000)) { tally.failures += 1 }
                    let then = clock.now
                    tally.calls += commands
                    tally.times.append((then - now) / .microseconds(1))
                    now = then
                }
                return tally
            }
        }
        var sum = Tally()
        for await tally in group {
            sum.calls += tally.calls
            sum.failures += tally.failures
            sum.times += tally.times
        }
        return sum
    }
    return (all, (clock.now - start) / .seconds(1))
}

/// How often something was done.
final class Counting: Sendable {
    private let count = NIOLockedValueBox(0)
    var value: Int { count.withLockedValue { $0 } }
    func add() { count.withLockedValue { $0 += 1 } }
}

/// In which hundredths of a second something happened.
final class Moments: Sendable {
    private let began = clock.now
    private let unix = Double(SystemClock().now.milliseconds) / 1000
    private let seen: NIOLockedValueBox<[Bool]>

    init(seconds: Double) { seen = NIOLockedValueBox(Array(repeating: false, count: Int(seconds * 100) + 200)) }

    func note() {
        let index = Int((clock.now - began) / .milliseconds(10))
        seen.withLockedValue { if index < $0.count { $0[index] = true } }
    }

    /// Between two of them, in seconds, and when it ended in Unix seconds.
    var longestGap: (length: Double, end: Double) {
        var (last, longest, end) = (0, 0, 0)
        for (index, isSeen) in seen.withLockedValue({ $0 }).enumerated() where isSeen {
            if index - last > longest { (longest, end) = (index - last, index) }
            last = index
        }
        return (Double(longest) / 100, unix + Double(end) / 100)
    }
}

func tell(_ tally: Tally, _ time: Double) {
    let times = [0.5, 0.99, 0.999].map { figure(tally.times, $0) }
    let statistics = pool.statistics
    print(
        """
        {"rate": \(Double(tally.calls) / time), "p50": \(times[0]), "p99": \(times[1]), "p999": \(times[2]), \
        "longest": \(tally.times.max() ?? 0), "failures": \(tally.failures), "connections": \(statistics.connections)}
        """)
}

switch words[1] {
case "get":
    let (tally, time) = await run(commands: 1) { number in
        do throws(CacheError) {
            if case .string = try await pool.send(.get("key:\(number)")) { return true }
        } catch {}
        return false
    }
    tell(tally, time)
case "pipeline":
    let (tally, time) = await run(commands: 16) { number in
        do throws(CacheError) {
            let calls = (0..<16).map { CacheCall.get("key:\((number + $0) % 100_000)") }
            return try await pool.pipeline(calls).allSatisfy { if case .string = $0 { true } else { false } }
        } catch { return false }
    }
    tell(tally, time)
case "check":
    let revocations = try RedisRevocations(pool)
    let tokens = (0..<1000).map { number in
        let digits = String(number)
        let id = "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
        return BearerToken(id: id, user: "user-\(number)", type: nil)
    }
    let (tally, time) = await run(commands: 1) { number in
        (try? await revocations.check(tokens[number % tokens.count], inOutage: .closed)) == .allowed
    }
    tell(tally, time)
case "load":
    // All of them want one value that is not there, at once.
    let cache = RedisValueCache(pool)
    let loads = Counting()
    let failures = await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<callers {
            group.addTask {
                let found = try? await cache.value("bench-\(words[2])", in: .product) {
                    loads.add()
                    try await Task.sleep(for: .milliseconds(20))
                    return "value"
                }
                return found == "value"
            }
        }
        var failures = 0
        for await isRight in group where !isRight { failures += 1 }
        return failures
    }
    print("{\"loads\": \(loads.value), \"failures\": \(failures)}")
case "killed":
    // What a shop does: it has its value whether the cache is there or not.
    let cache = RedisValueCache(pool)
    let hits = Moments(seconds: seconds)
    let (tally, time) = await run(commands: 1) { number in
        let loads = Counting()
        let found = try? await cache.value("bench-\(number % 200)", in: .product) {
            loads.add()
            return number % 200
        }
        if found != nil, loads.value == 0, pool.statistics.outages.isEmpty { hits.note() }
        return found == number % 200
    }
    let gap = hits.longestGap
    print(
        """
        {"calls": \(tally.calls), "failures": \(tally.failures), "rate": \(Double(tally.calls) / time), \
        "longest": \(tally.times.max() ?? 0), "gap": \(gap.length), "resumed": \(gap.end)}
        """)
case "outage", "hung":
    // Calls that fail are what is timed; those that the server answers are no failures.
    let (tally, time) = await run(commands: 1) { number in
        do throws(CacheError) {
            _ = try await pool.send(.get("key:\(number)"))
            return true
        } catch {
            // Calls in an outage do not suspend: who asks on and on would keep the threads from those that wait.
            if words[1] == "hung" { await Task.yield() }
            return false
        }
    }
    tell(tally, time)
default: fatalError("unknown: \(words[1])")
}
await pool.end()
