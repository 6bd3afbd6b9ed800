internal import ArgumentParser
internal import CacheWatch
internal import CacheModel
internal import Reports

/// Lists keys.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "List the keys of a namespace, prefix or pattern, with type, TTL and size.",
        discussion:
            "Without any of them, all keys. It walks with SCAN, never KEYS; names are escaped as everywhere in this program."
    )

    @OptionGroup var server: ServerOptions

    @OptionGroup var concerned: ScopeOptions

    @Option(help: ArgumentHelp("At most so many.", valueName: "n"))
    var limit = 100

    @Option(help: "text or json.")
    var format = ListFormat.text

    @Option(help: ArgumentHelp("How hard it may lean on the server.", valueName: "gentle|fast"))
    var pace = SweepPace.gentle

    func validate() throws {
        if limit < 1 || limit > 1_000_000 { throw ValidationError("--limit: from 1 to 1000000") }
    }

    func run() async throws {
        // Without any of them, all keys.
        let scope = try concerned.chosen() ?? .pattern("*")
        let browser = KeyBrowser(settings: try server.settings(), pace: pace)
        var rows: [KeyRow] = []
        var cursor: [UInt8]?
        var gone: [String] = []
        var endless: Refusal?
        repeat {
            let page = await browser.page(of: scope, from: cursor, wanted: min(1000, limit - rows.count))
            if let refusal = page.refusal {
                if case .namespace = scope, refusal.detail.hasPrefix("there is no namespace") {
                    throw Exit.usage(refusal.detail)
                }
                guard refusal.kind == .endlessScan else { throw Exit.failure(.refused(refusal)) }
                endless = refusal
            }
            rows += page.rows
            gone += page.gone
            cursor = page.cursor
        } while cursor != nil && rows.count < limit
        let isCut = cursor != nil || rows.count > limit
        let isWhole = !isCut && gone.isEmpty && endless == nil
        let shown = Array(rows.prefix(limit))
        try StandardOutput.write(
            format == .json ? KeysReport.json(shown, scope: scope, isWhole: isWhole) : KeysReport.text(shown))
        if isCut { StandardError.write("there are more: --limit \(limit) ended the list") }
        if !gone.isEmpty {
            StandardError.write("\(gone.joined(separator: ", ")) has left the deployment: keys may be missing")
        }
        await browser.close()
        if let endless { throw Exit.failure(.refused(endless)) }
    }
}

/// Shows one key.
struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show one key: type, TTL, encoding, memory, and a page of what it holds.")

    @OptionGroup var server: ServerOptions

    @Argument(help: "The key's name.")
    var key: String

    @Flag(help: #"The name is escaped as this program prints it, such as session:\x00a."#)
    var escaped = false

    @Option(help: "text or json.")
    var format = ListFormat.text

    func run() async throws {
        guard let name = escaped ? Printable.unescape(key) : Array(key.utf8) else {
            throw Exit.usage("the key's name has an escape that this program never writes")
        }
        let browser = KeyBrowser(settings: try server.settings())
        do {
            let inspection = try await browser.inspect(name)
            try StandardOutput.write(
                format == .json
                    ? InspectionReport.json(inspection, clock: LocalTime.clock)
                    : InspectionReport.text(inspection, clock: LocalTime.clock))
            await browser.close()
            if !inspection.exists {
                throw Exit.notDone("there is no key \(Printable.escape(name, limit: 200))")
            }
        } catch let error as CacheError { throw Exit.failure(error) }
    }
}
