import Support
import Testing

/// What an operator sees while the network does what networks do: the reason, keys that answer, and recovery.
@Suite struct FaultScreenTests {
    @Test func dashboardWhileTheNetworkFails() async {
        await sideBySide(FaultProxy.Fault.allCases.filter { !$0.isHarmless }) { try dashboard($0) }
    }

    @Test func dashboardWhileTheServerFails() async {
        await sideBySide(ServerFault.allCases) { try dashboard($0) }
    }

    private func dashboard(_ fault: FaultProxy.Fault) throws {
        let server = try RedisServer()
        try server.cli(
            "EVAL", "for i=1,3000 do redis.call('SET', 'session:'..i, 'x', 'EX', 5000) end", "0")
        let proxy = try FaultProxy(to: server.socket)
        let configuration = try server.folder.write(
            "[cachewatch]\ninterval = \"300ms\"\ntimeout = \"700ms\"\n", to: "cachewatch.toml")
        let session = try TmuxSession(
            "\(Program.cachewatch) --config \(configuration) --url \(proxy.url); echo ended with $?")
        session.waitForVerdict()
        proxy.begin(fault)
        let words =
            switch fault {
            case .half, .silence: "does not answer"
            case .garbage: "protocol error"
            default: "closed the connection"
            }
        session.waitFor(words)
        // Keys answer all the while, whatever is being waited for.
        try goThrough(session)
        proxy.heal()
        session.waitForVerdict()
        eventually("the alert is over:\n\(session.screen)") { !session.screen.contains("CRITICAL") }
        try session.press("q")
        session.waitFor("ended with 0")
    }

    /// By what each screen has alone: the names of all of them are always there.
    private func goThrough(_ session: TmuxSession) throws {
        for (key, box) in [("2", nil), ("4", "By command"), ("5", "Connections"), ("1", "Traffic")] {
            try session.press(key)
            eventually("screen \(key) is shown:\n\(session.screen)") {
                let screen = session.screen
                return box.map { screen.contains($0) } ?? !screen.contains("Traffic")
            }
        }
    }

    private func dashboard(_ fault: ServerFault) throws {
        let server = try ServerFault.server(keys: 2000)
        let configuration = try server.folder.write(
            "[cachewatch]\ninterval = \"300ms\"\ntimeout = \"700ms\"\n", to: "cachewatch.toml")
        let session = try TmuxSession(
            "\(Program.cachewatch) --config \(configuration) --url \(server.url); echo ended with $?")
        session.waitForVerdict()
        let squatter = try fault.begin(on: server)
        defer { squatter?.end() }
        let words =
            switch fault {
            case .killed: "connection refused"
            case .stopped: "does not answer"
            case .restarted: "restarted"
            case .replica: "replica"
            case .loading: "LOADING"
            case .maxclients: "max number of clients"
            case .password: "NOAUTH"
            case .full: "Redis memory usage"
            }
        session.waitFor(words)
        try goThrough(session)
        squatter?.end()
        // The dashboard may have taken the only place.
        if fault != .maxclients { try fault.end(on: server) }
        session.waitForVerdict()
        try session.press("q")
        session.waitFor("ended with 0")
    }
}
