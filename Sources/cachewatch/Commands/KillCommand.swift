internal import ArgumentParser
internal import CacheModel
internal import CacheWatch
internal import CommandLineModel
internal import NIOConcurrencyHelpers
internal import Reports

/// Closes connections of clients.
struct KillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill",
        abstract: "Close a client's connection, or those of a group, each by its id.",
        discussion: """
            Replicas, primaries, sentinels, who moves slots, and cachewatch itself stay, whoever names them. `cachewatch \
            clients` lists ids and groups. Pools of clients come back: the receipt says how many.
            """)

    @OptionGroup var acting: ActingOptions

    @Argument(help: ArgumentHelp("A connection's id, as CLIENT LIST has it.", valueName: "id"))
    var id: Int?

    @Option(help: ArgumentHelp("Only on this node; ids are each node's own.", valueName: "address"))
    var node: String?

    @Option(help: ArgumentHelp("A group, such as leaky-*.", valueName: "label"))
    var group: String?

    @Option(
        help: ArgumentHelp(
            "What the group has in common, the name where nothing is said: name, address, library, user, database, "
                + "command."))
    var by: ClientGrouping?

    @Flag(help: "Say what would be closed, and close nothing.")
    var dryRun = false

    @Flag(help: "Stands for the typed confirmation.")
    var yes = false

    @Option(help: "text or json; what has come of it.")
    var format = ListFormat.text

    /// How long a client is given to come back.
    private static let wait = Duration.seconds(5)

    func validate() throws {
        switch (id, group) {
        case (nil, nil): throw ValidationError("give an id, or a group with --group")
        case (.some, .some): throw ValidationError("an id and --group: one of them, please")
        case (nil, .some): if node != nil { throw ValidationError("--node stands with an id") }
        case (.some(let id), nil):
            if id < 1 { throw ValidationError("ids begin with 1") }
            if by != nil { throw ValidationError("--by stands with --group") }
        }
        if group?.isEmpty == true { throw ValidationError("--group: a label, please") }
        if node?.isEmpty == true { throw ValidationError("--node: a node's address, please") }
        if dryRun, yes { throw ValidationError("--dry-run and --yes: one of them, please") }
    }

    private var selection: KillPlan.Selection {
        if let group { .group(group, by ?? .name) } else { .id(id ?? 0, node: node) }
    }

    func run() async throws {
        let operations = try acting.operations()
        let (selection, format) = (selection, format)
        do {
            let plan = try await Departure.shared.during(
                .look, words: ["cachewatch: interrupted, and the server does not answer: nothing was closed"], stop: {}
            ) { _ in try await operations.plan(kill: selection) }
            if dryRun {
                try StandardOutput.write(
                    format == .json ? KillReport.json(plan) : plan.words.joined(separator: "\n") + "\n")
                return
            }
            for line in plan.words { StandardError.write(line) }
            guard !plan.members.isEmpty else { throw Exit.notDone("nothing was closed") }
            let name = Printable.escape(selection.name, limit: 400)
            let typed =
                yes
                ? selection.name
                : try Confirmation.ask("They are closed. Type \(name) to go on: ", instead: "--yes")
            let done = NIOLockedValueBox(KillReceipt(planned: plan.members.count))
            var outcome = try await Departure.shared.act(Undertaking(.kill, name)) { _ in
                let receipt = try await operations.kill(plan, typed: typed)
                done.withLockedValue { $0 = receipt }
                return Outcome(receipt)
            }
            var receipt = done.withLockedValue { $0 }
            if receipt.killed > 0, case .group = selection {
                // What was done is settled: whoever does not wait for it is told that.
                receipt.back = await Departure.shared.during(.look, words: outcome.lines, status: outcome.status) { _ in
                    try? await Task.sleep(for: Self.wait)
                    return await operations.returned(plan, within: Self.wait)
                }
                receipt.backWithin = Self.wait
                outcome = Outcome(receipt)
            }
            if format == .json { outcome = outcome.told(as: KillReport.json(receipt, of: plan)) }
            try StandardOutput.end(outcome, noting: operations.takeAuditLapse(), asText: format == .text)
        } catch let error as CacheError { throw Exit.failure(error) }
    }
}
