internal import ArgumentParser
internal import CacheWatch

/// A private server with live traffic, and the dashboard on it.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "The dashboard on a private redis-server with made-up traffic.")

    @OptionGroup var watch: WatchOptions

    @Flag(help: "Allow nothing that changes the server.")
    var readOnly = false

    func run() async throws {
        let server = try DemoServer.start()
        // Whoever leaves the dashboard does not come back here.
        Departure.shared.atEnd { server.stop() }
        defer { server.stop() }
        var settings = Settings()
        settings.endpoint = Endpoint(address: .unix(path: server.socket))
        settings.readOnly = readOnly
        watch.apply(to: &settings)
        let driver = DemoDriver(settings: settings)
        do { try await driver.seed() } catch { throw Exit.usage("the demo's redis-server does not answer: \(error)") }
        let traffic = Task { await driver.run() }
        defer { traffic.cancel() }
        try await Session(settings: settings, order: watch.order).run()
    }
}
