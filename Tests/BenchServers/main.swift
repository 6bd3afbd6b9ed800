// Times the pool of `CacheCore` against a server that runs already. Run by `scripts/bench servers`.
// Arguments: the server's URL, what is timed (`get`, `pipeline`, `outage`, `hung`, `killed`), callers, connections, seconds,
// event loops. One line: figures with their names.
import CacheCore
import Logging

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
case "outage", "hung", "killed":
    // Calls that fail are what is timed; those that the server answers are no failures.
    let (tally, time) = await run(commands: 1) { number in
        do throws(CacheError) {
            _ = try await pool.send(.get("key:\(number)"))
            return true
        } catch { return false }
    }
    tell(tally, time)
default: fatalError("unknown: \(words[1])")
}
await pool.end()
