internal import CacheWatch

/// Keeps the demo's server busy: one connection for the traffic, and a number of idle ones that comes and goes.
struct DemoDriver {
    let settings: Settings

    /// What the shop does is not what its watcher does.
    private var dialler: Dialler { Dialler(settings: settings, clientName: "demo-shop") }

    /// Waits for the server, fills it, and returns; the traffic is ``run()``'s.
    ///
    /// - Throws: what the last attempt met, when the server does not answer within ten seconds.
    func seed() async throws {
        let line = Line(
            endpoint: settings.endpoint, dialler: dialler, purpose: .serve, allowsWrites: true)
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            do throws(CacheError) {
                try await line.connect()
                break
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        var traffic = DemoTraffic()
        let commands = traffic.seed()
        for start in stride(from: 0, to: commands.count, by: 1000) {
            _ = try await line.pipeline(
                Array(commands[start..<min(start + 1000, commands.count)]), deadline: .seconds(10))
        }
        await line.close()
    }

    /// Until its task is cancelled; a server that went away is tried again.
    func run() async {
        let dialler = dialler
        let worker = Line(endpoint: settings.endpoint, dialler: dialler, purpose: .serve, allowsWrites: true)
        let idlers = (0..<60).map { _ in Line(endpoint: settings.endpoint, dialler: dialler) }
        var traffic = DemoTraffic()
        var seconds = 0.0
        while !Task.isCancelled {
            _ = try? await worker.pipeline(traffic.next(), deadline: .seconds(2))
            let wanted = Int(12 + 45 * Wave.at(seconds))
            for (index, idler) in idlers.enumerated() {
                if index < wanted { try? await idler.connect() } else { await idler.close() }
            }
            seconds += 0.1
            try? await Task.sleep(for: .milliseconds(100))
        }
    }
}
