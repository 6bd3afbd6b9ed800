internal import ArgumentParser
internal import CacheWatch

/// The dashboard on a server, or one snapshot of it.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "The live dashboard, or with --once one snapshot.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var watch: WatchOptions

    func run() async throws {
        var settings = try server.settings()
        watch.apply(to: &settings)
        try await Session(
            settings: settings, order: try watch.order(), recordPath: watch.record,
            twin: try watch.twinWish(server.config)
        ).run()
    }
}
