import Foundation
import Glibc
import Support
import Testing

@Suite(.serialized) struct DemoTests {
    private func isGone(_ folder: TemporaryFolder) throws -> Bool {
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let servers = try Program.run(["pgrep", "-f", "redis-server.*\(folder.path)"]).output
        return left.isEmpty && servers.isEmpty
    }

    @Test func onceShowsASeededServerAndLeavesNothing() throws {
        let folder = try TemporaryFolder()
        let result = try Program.cachewatch("demo", "--once", "--format", "json", environment: ["TMPDIR": folder.path])
        #expect(result.status < 2, "\(result.errors)")
        let whole = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        let node = try #require((whole["nodes"] as? [[String: Any]])?.first)
        #expect((node["keys"] as? Int ?? 0) > 10_000)
        #expect(try isGone(folder))
    }

    @Test func nothingIsLeftAfterAnyDeath() async {
        await sideBySide([SIGKILL, SIGTRAP, SIGTERM, SIGHUP]) { try die(of: $0) }
    }

    private func die(of signal: Int32) throws {
        let folder = try TemporaryFolder()
        let session = try TmuxSession("TMPDIR=\(folder.path) \(Program.cachewatch) demo; echo ended with $?")
        session.waitForVerdict()
        #expect(try !isGone(folder), "signal \(signal)")
        let pids = try Program.run(["pgrep", "-f", "^\(Program.cachewatch) demo"]).output.split(separator: "\n")
            .compactMap { Int32($0) }
        // Only those whose environment names our folder: other tests may run demos too.
        let ours = pids.filter { pid in
            let environment =
                (try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(pid)/environ"))).map {
                    String(decoding: $0, as: UTF8.self)
                } ?? ""
            return environment.contains("TMPDIR=\(folder.path)")
        }
        // What it has started itself has its name, too, and may have a smaller number: numbers begin anew at some time.
        let own = try #require(ours.first { !ours.contains(parent(of: $0)) })
        kill(own, signal)
        // Where nobody gives the terminal its modes back, the shell writes from where the cursor was, over two lines.
        eventually("it has ended by signal \(signal)") {
            session.screen.filter { !$0.isWhitespace }.contains("endedwith")
        }
        try eventually("server and folder are gone after signal \(signal)") { try isGone(folder) }
    }

    /// - Returns: -1 for a process that is gone.
    private func parent(of pid: Int32) -> Int32 {
        let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("PPid:") }
        return line.flatMap { Int32($0.dropFirst(5).trimmingCharacters(in: .whitespaces)) } ?? -1
    }

    /// Whatever it has made by then, it leaves nothing; nor does it make anything afterwards.
    @Test(arguments: [SIGKILL, SIGTERM, SIGINT]) func nothingIsLeftAfterAnEarlyDeath(signal: Int32) throws {
        let folder = try TemporaryFolder()
        for delay in stride(from: Int32(0), to: 60, by: 3) {
            let terminal = try TerminalChild([Program.cachewatch, "demo"], environment: ["TMPDIR": folder.path])
            poll(nil, 0, delay)
            terminal.signal(signal)
            let end = try #require(terminal.end(), "\(delay) ms")
            #expect([0, 128 + signal].contains(end.status), "\(delay) ms")
        }
        try eventually("servers and folders are gone") { try isGone(folder) }
    }

    @Test func aFolderThatCannotBeMadeIsSaid() throws {
        let result = try Program.cachewatch("demo", "--once", environment: ["TMPDIR": "/nowhere"])
        #expect(result.status == 64 && result.errors.contains("/nowhere"), "\(result.errors)")
    }

    /// What a scenario promises, and the exit status; unreachable servers are back by the end, and are told before.
    private static let scenarios: [String: (status: Int32, alerts: [String])] = [
        "calm": (0, []), "rush": (1, ["clients-high"]), "memory": (2, ["memory-high", "evicting"]),
        "stampede": (1, ["hit-ratio-low"]), "slow": (1, ["slow-queries"]), "churn": (1, ["connection-churn"]),
        "blacklist-eviction": (2, ["revocations-evictable", "revocation-lost"]), "leak": (1, ["ttl-contract-broken"]),
        "outage": (2, ["restarted"]),
    ]

    /// Side by side, as processes that mostly wait; each ends as soon as its alerts are there.
    @Test(arguments: [
        ["calm", "outage", "rush", "leak"], ["memory", "stampede", "slow", "churn", "blacklist-eviction"],
    ])
    func everyScenarioRaisesItsAlerts(names: [String]) throws {
        let folder = try TemporaryFolder()
        let script = """
            for name in "$@"; do
                time=180s; if [ $name = calm ]; then time=20s; fi
                (
                    mkdir "$TMPDIR/$name"
                    "$0" demo --scenario $name --once --watch-for $time --format json >"$TMPDIR/$name.json" \\
                        2>"$TMPDIR/$name.errors"
                    echo $? >"$TMPDIR/$name.status"
                ) &
            done
            wait
            """
        _ = try Program.run(
            ["sh", "-c", script, Program.cachewatch] + names, environment: ["TMPDIR": folder.path])
        for name in names {
            func file(_ ending: String) throws -> String {
                try String(contentsOfFile: "\(folder.path)/\(name).\(ending)", encoding: .utf8)
            }
            let promise = try #require(Self.scenarios[name])
            let errors = try file("errors")
            let status = try file("status")
            #expect(status == "\(promise.status)\n", "\(name): \(errors)")
            let whole = try JSONSerialization.jsonObject(with: Data(try file("json").utf8)) as? [String: Any]
            let alerts = try #require(whole?["alerts"] as? [[String: Any]]).compactMap { $0["id"] as? String }
            #expect(name == "calm" ? alerts.isEmpty : Set(alerts).isSuperset(of: promise.alerts), "\(name): \(alerts)")
            if name == "calm" {
                let items = (whole?["namespaces"] as? [String: Any])?["items"] as? [[String: Any]]
                let product = items?.first { $0["name"] as? String == "product" }
                #expect(product?["hit_ratio"] is Double, "who misses is counted by the stores")
            }
            if name == "outage" { #expect(errors.contains("unreachable critical"), "\(errors)") }
        }
    }

    /// Who is behind the alert of a scenario is known once there was something to compare with.
    @Test func whoIsBehindItIsNamed() async {
        await sideBySide([
            ("memory", ["product +"]), ("stampede", ["product is it", "product is part of it"]),
            ("churn", ["storefront-* is it", "storefront-* is part of it"]),
            ("leak", ["rate:limit is it: +"]), ("slow", ["KEYS cart is", "SORT product is"]),
        ]) { scenario, words in
            let session = try TmuxSession("\(Program.cachewatch) demo --scenario \(scenario)")
            session.waitForVerdict()
            try session.press("8")
            eventually("\(scenario) names who it is:\n\(session.screen)") {
                let screen = session.screen
                return words.contains { screen.contains($0) }
            }
            try session.press("q")
            eventually("it ends") { session.hasEnded }
        }
    }

    @Test func anUnknownScenarioNamesTheKnownOnes() throws {
        let result = try Program.cachewatch("demo", "--scenario", "nosuch")
        #expect(result.status == 64 && result.output.isEmpty)
        for name in Self.scenarios.keys { #expect(result.errors.contains(name), "\(name): \(result.errors)") }
    }
}
