internal import ArgumentParser
internal import CacheWatch
internal import CacheModel
internal import DemoShop

/// A private server with live traffic, and the dashboard on it.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "The dashboard on a private redis-server with made-up traffic.",
        discussion: """
            A shop of up to twenty servers uses the stores of CacheCore, a day in two minutes. Without a scenario three \
            alerts are meant: counters without a TTL, revocations that may be evicted, no password. Scenarios, and \
            what each raises within a minute:

            \(DemoScenario.allCases.map(Self.line).joined(separator: "\n"))

            With a scenario the keys are looked at each ten seconds, and --once ends as soon as all of that was raised and \
            it is known who is behind it, at the latest after --watch-for. stampede counts lookups over 15 s (hit_ratio_window), not over 5 min.
            """)

    @Option(
        help: ArgumentHelp(
            "What happens: \(DemoScenario.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "name"))
    var scenario: DemoScenario?

    @OptionGroup var watch: WatchOptions

    @Flag(help: "Allow nothing that changes the server.")
    var readOnly = false

    private static func line(_ scenario: DemoScenario) -> String {
        let name = scenario.rawValue + String(repeating: " ", count: 20 - scenario.rawValue.count)
        let alerts = scenario.alerts.map(\.rawValue).sorted().joined(separator: ", ")
        return "  \(name)\(scenario.summary)" + (alerts.isEmpty ? "" : ": \(alerts)")
    }

    func run() async throws {
        let plan = DemoPlan(scenario)
        let password = plan.hasPassword ? ShopRandom.hexadecimal(.random(in: 0 ... .max), 16) : nil
        let server = try DemoServer.start(plan.server + (password.map { ["requirepass \($0)"] } ?? []))
        // Whoever leaves the dashboard does not come back here.
        Departure.shared.atEnd { server.stop() }
        defer { server.stop() }
        var settings = Settings()
        settings.endpoint = Endpoint(address: .unix(path: server.socket), password: password.map { Secret($0) })
        settings.readOnly = readOnly
        watch.apply(to: &settings)
        if scenario != nil { settings.estimateEvery = .seconds(10) }
        if let window = plan.hitRatioWindow { settings.thresholds.hitRatioWindow = window }
        // They go with the server.
        let files = OperationFiles(directory: server.folder + "/state")
        let driver = DemoDriver(settings: settings, plan: plan)
        do {
            try await driver.fill(wholly: watch.once)
            try await revoke(plan.watched, settings, files)
        } catch { throw Exit.usage("the demo's redis-server does not answer: \(error)") }
        let traffic = Task { await driver.run(isFilled: watch.once) }
        let fate = Task { try await strike(server, plan) }
        defer {
            traffic.cancel()
            fate.cancel()
        }
        var order = try watch.order()
        if let scenario {
            order?.awaited = scenario.alerts
            // Who is behind an alert is found among keys and clients.
            if order?.look == SnapshotOrder.Look.none { order?.look = .estimate }
            order?.looksAtClients = true
        }
        try await Session(
            settings: settings, order: order, files: files, recordPath: watch.record, twin: try watch.twinWish(nil)
        ).run()
    }

    private func strike(_ server: DemoServer, _ plan: DemoPlan) async throws {
        guard let outage = plan.outage else { return }
        try await Task.sleep(for: .seconds(outage.from))
        server.kill()
        try await Task.sleep(for: .seconds(outage.to - outage.from))
        server.startAgain()
    }

    /// Revocations as an operator makes them, which are watched from then on.
    private func revoke(_ count: Int, _ settings: Settings, _ files: OperationFiles) async throws {
        guard count > 0 else { return }
        var settings = settings
        settings.readOnly = false
        let operations = CacheOperations(settings: settings, files: files, actor: Operator.actor)
        let tokens = try (0..<count).map { index in
            let customer = Customer(20_000 + index)
            return try TokenInput(parsing: PlatformToken.text(of: customer, .access, at: WallTime.now.seconds))
        }
        _ = try await operations.revoke(RevocationRequest(tokens: tokens, reason: "stolen"))
        await operations.close()
    }
}

extension DemoScenario: ExpressibleByArgument {}
