internal import ArgumentParser
internal import CacheWatch
internal import CacheModel
internal import Reports

/// Lists the clients, in groups.
struct ClientsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clients", abstract: "Who the clients are: groups of connections, with what their figures say.",
        discussion: """
            One look is one CLIENT LIST a node, about a microsecond a connection, and needs +client|list \
            (cachewatch acl --for diagnose). What needs two looks, such as commands a second, is told with --watch-for.
            """)

    @OptionGroup var server: ServerOptions

    @Option(
        help: ArgumentHelp(
            "What the connections of a group have in common: \(ClientGrouping.words).", valueName: "what"))
    var by = ClientGrouping.name

    @Flag(help: "Each connection, too.")
    var all = false

    @Option(help: ArgumentHelp("Look again until so long has passed, such as 10s.", valueName: "duration"))
    var watchFor: DurationArgument?

    @Option(help: "text or json.")
    var format = ListFormat.text

    private static let pause = Duration.seconds(5)

    func run() async throws {
        let surveyor = ClientSurveyor(settings: try server.settings())
        var memory = ClientMemory()
        do {
            try await surveyor.survey()
            let deadline = ContinuousClock.now + (watchFor?.duration ?? .zero)
            while true {
                let start = ContinuousClock.now
                memory.note(await surveyor.look())
                guard start < deadline else { break }
                try await Task.sleep(until: min(deadline, start + Self.pause), clock: .continuous)
            }
        } catch let error as CacheError { throw Exit.failure(error) }
        await surveyor.close()
        guard let look = memory.latest else { return }
        if !look.isKnown, format == .text, let refusal = look.firstRefusal { throw Exit.failure(.refused(refusal)) }
        try StandardOutput.write(
            format == .json
                ? ClientsReport.json(memory, by: by, all: all) : ClientsReport.text(memory, by: by, all: all))
        guard let refusal = look.firstRefusal else { return }
        throw look.isKnown
            ? Exit.notDone(
                "\(look.refused.count) of \(Format.count(look.refused.count + look.entries.count, "node")) did not tell"
            )
            : Exit.failure(.refused(refusal))
    }
}

extension ClientGrouping {
    fileprivate static var words: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
