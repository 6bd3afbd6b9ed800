internal import ArgumentParser
internal import CacheModel
internal import CacheWatch
internal import CommandLineModel

/// Removes the keys of a namespace, of a prefix, or that match a pattern.
struct FlushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flush",
        abstract: "Remove the keys of a namespace, a prefix or a pattern: counted, confirmed, journalled, paced.",
        discussion: """
            What may take keys of a protected namespace asks for the second word, whatever it is called. Exit status: 0 \
            done, 1 not done, 4 refused for safety, 5 stopped half way.
            """)

    @OptionGroup var acting: ActingOptions
    @OptionGroup var pacing: PaceOptions
    @OptionGroup var concerned: ScopeOptions

    @Flag(help: "Count what would be removed, and remove nothing.")
    var dryRun = false

    @Flag(help: "Stands for the typed confirmation.")
    var yes = false

    @Option(
        help: ArgumentHelp("Where the removed keys are written; must not exist yet.", valueName: "file"),
        transform: Environment.path)
    var journal: String?

    @Flag(help: "Write no journal: what is removed is gone.")
    var noJournal = false

    @Flag(help: "For protected namespaces: yes, revoked tokens may be let in again.")
    var readmitRevokedTokens = false

    @Flag(help: "Keys that are too large for a journal go, too, and no undo brings them back.")
    var removeForGood = false

    func validate() throws {
        try JournalName.check(journal)
        if noJournal, removeForGood {
            throw ValidationError("--no-journal removes all of them for good: --remove-for-good says nothing then")
        }
        if journal != nil, noJournal { throw ValidationError("--journal and --no-journal: one of them, please") }
        if dryRun, yes { throw ValidationError("--dry-run and --yes: one of them, please") }
    }

    func run() async throws {
        let settings = try acting.server.settings()
        do { try await run(settings) } catch let error as CacheError { throw Exit.failure(error) }
    }

    private func run(_ settings: Settings) async throws {
        let scope = try concerned.scope()
        let operations = try acting.operations(settings)
        let control = SweepControl()
        let departure = Departure.shared
        // What can be refused without a word to the server is.
        if let journal { try OperationFiles.requireNew(OperationFiles.absolute(journal)) }
        if !dryRun {
            let canAsk = !yes && Confirmation.hasTerminal
            try operations.precheck(
                flush: scope,
                FlushConfirmation(typed: scope.name, readmits: readmitRevokedTokens || canAsk))
            if !yes { try Confirmation.demandTerminal(instead: "--yes") }
        }
        let line = OperationProgressLine()
        let plan = try await departure.during(.look, stop: control.cancel) { _ in
            try await operations.plan(
                flush: scope, counts: !(yes && noJournal), acts: !dryRun, pace: pacing.pace, control: control
            ) { line.show($0, "counted") }
        }
        line.clear()
        if dryRun { return try StandardOutput.write(OperationWords.plan(plan).map { $0 + "\n" }.joined()) }
        for line in OperationWords.plan(plan) { StandardError.write(line) }
        let confirmation = try confirm(plan)
        let path =
            noJournal
            ? nil
            : try journal.map(OperationFiles.absolute)
                ?? Operator.files().journal(for: "flush", scope: scope.name, at: .now)
        let undertaking = Undertaking(
            .flush, scope.words, journal: path.map { .file($0, undo: settings.invocation.undo($0)) } ?? .none)
        let outcome = try await departure.act(undertaking, stop: control.cancel) { underWay in
            let receipt = try await operations.flush(
                plan, confirmation, journal: path.map { .file($0) } ?? .none, pace: pacing.pace, control: control
            ) {
                underWay.note(done: $0.done)
                line.show($0, "removed")
            }
            return Outcome(receipt)
        }
        line.clear()
        try Exit.end(outcome, noting: operations.takeAuditLapse())
    }

    private func confirm(_ plan: FlushPlan) throws -> FlushConfirmation {
        let takesLarge = removeForGood && !plan.large.isEmpty
        if yes {
            return FlushConfirmation(
                typed: plan.scope.name, readmits: readmitRevokedTokens, forGood: takesLarge ? plan.large.due : nil)
        }
        let typed = try Confirmation.ask("Type \(plan.scope.typedWords) to flush it: ", instead: "--yes")
        var readmits = readmitRevokedTokens
        if plan.protected, !readmits {
            let answer = try Confirmation.ask(
                "It is protected. Type \"\(FlushPlan.readmission)\" to go on: ", instead: "--readmit-revoked-tokens")
            readmits = answer == FlushPlan.readmission
        }
        var forGood: String?
        if takesLarge {
            forGood = try Confirmation.ask(
                "Type \"\(plan.large.due)\" to remove \(plan.large.count == 1 ? "it" : "them") for good: ",
                instead: "--yes")
        }
        return FlushConfirmation(typed: typed, readmits: readmits, forGood: forGood)
    }
}

/// Brings back what a journal holds.
struct UndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Restore what a journal holds: keys with what is left of their time to live.",
        discussion: """
            Works into the same server, which a journal of the journals' folder names where nobody else does, or another \
            one of the same or a later version; another one has to be named \
            with --url or --config, and by --into-another-server where it answers under the journal's own name, such as a \
            tunnel's localhost. Keys that are there again are left alone, and so are times to live that were set anew. Exit status: 0 done, 1 not done, 4 refused for safety, 5 not everything.
            """)

    @OptionGroup var acting: ActingOptions
    @OptionGroup var pacing: PaceOptions

    @Argument(
        help: ArgumentHelp("What flush, repair or delete has written.", valueName: "journal"),
        transform: Environment.path)
    var journal: String

    @Flag(help: "Overwrite keys that are there again, and times to live that were set anew.")
    var replace = false

    @Flag(help: "Say what would be restored, and restore nothing.")
    var dryRun = false

    @Flag(help: "Pass over damaged blocks instead of refusing the journal.")
    var salvage = false

    @Flag(help: "Yes, into the server that answers now, though it is another one than the journal's.")
    var intoAnotherServer = false

    @Flag(help: "With --replace, for keys of protected namespaces: yes, revoked tokens may be let in again.")
    var readmitRevokedTokens = false

    func run() async throws {
        var named = acting
        if !acting.server.namesServer, let server = Operator.filesOrNone.server(ofJournal: journal) {
            // Whoever has written a file that lies elsewhere may have named any server: no password goes there unasked.
            // Whether a cluster or sentinels are asked by TLS stands in no journal, and nor does a password go in the clear.
            let isPlain = ["redis://", "rediss://", "unix://"].contains { server.url.hasPrefix($0) }
            let isUsual = TargetName.areSame(server.url, Settings().target)
            guard isUsual || server.isOurs && isPlain else {
                let line = Invocation(options: ["--url", server.url]).undo(journal)
                throw Exit.usage("nobody has said which server is meant; as the journal says: \(line)")
            }
            named.server.url = server.url
        }
        let operations = try named.operations()
        let control = SweepControl()
        let choices = UndoChoices(
            replaces: replace, isDryRun: dryRun, salvages: salvage,
            isTargetNamed: acting.server.targetSource.isNamed, readmits: readmitRevokedTokens,
            isAnotherMeant: intoAnotherServer)
        let undertaking = Undertaking(dryRun ? .look : .undo, Printable.escape(journal))
        do {
            let line = OperationProgressLine()
            let outcome = try await Departure.shared.act(undertaking, stop: control.cancel) { underWay in
                let receipt = try await operations.undo(journal, choices, pace: pacing.pace, control: control) {
                    underWay.note(done: $0.done)
                    line.show($0, "restored")
                }
                if salvage, receipt.outcome.isDone, receipt.damagedBlocks == 0 {
                    StandardError.write("no block of the journal is damaged: --salvage was not needed")
                }
                return Outcome(receipt, isDryRun: dryRun)
            }
            line.clear()
            if dryRun {
                let status = StandardOutput.tell(outcome, noting: operations.takeAuditLapse())
                if status != .done { throw ExitCode(status) }
            } else {
                try Exit.end(outcome, noting: operations.takeAuditLapse())
            }
        } catch let error as CacheError { throw Exit.failure(error) }
    }
}

/// Gives keys without a time to live one.
struct RepairCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair", abstract: "Give keys that break their namespace's TTL contract a TTL (EXPIRE NX|LT).",
        discussion: """
            A prefix and a pattern have no contract: --ttl says what their keys are to have at most. Exit status: 0 done, \
            1 not done, 4 refused for safety, 5 stopped half way.
            """)

    @OptionGroup var acting: ActingOptions
    @OptionGroup var pacing: PaceOptions
    @OptionGroup var concerned: ScopeOptions

    @Option(help: ArgumentHelp("At most, in the place of the contract's.", valueName: "duration"))
    var ttl: DurationArgument?

    @Flag(help: "Count what would be mended, and change nothing.")
    var dryRun = false

    @Flag(help: "Stands for the typed confirmation.")
    var yes = false

    @Option(
        help: ArgumentHelp("Where the old TTLs are written; must not exist yet.", valueName: "file"),
        transform: Environment.path)
    var journal: String?

    @Flag(help: "For protected namespaces: yes, revoked tokens may be let in again.")
    var readmitRevokedTokens = false

    func validate() throws {
        try JournalName.check(journal)
        if let ttl, ttl.duration < .seconds(1) { throw ValidationError("--ttl: at least a second") }
        if dryRun, yes { throw ValidationError("--dry-run and --yes: one of them, please") }
    }

    func run() async throws {
        let settings = try acting.server.settings()
        do { try await run(settings) } catch let error as CacheError { throw Exit.failure(error) }
    }

    private func run(_ settings: Settings) async throws {
        let scope = try concerned.scope()
        if scope.glob != nil, ttl == nil {
            throw Exit.usage("\(scope.words) has no contract: --ttl says what its keys are to have at most")
        }
        let operations = try acting.operations(settings)
        let control = SweepControl()
        let departure = Departure.shared
        if let journal { try OperationFiles.requireNew(OperationFiles.absolute(journal)) }
        if !dryRun {
            try operations.precheck(
                repair: scope, FlushConfirmation(typed: scope.name, readmits: readmitRevokedTokens))
            if !yes { try Confirmation.demandTerminal(instead: "--yes") }
        }
        let line = OperationProgressLine()
        let plan = try await departure.during(.look, stop: control.cancel) { _ in
            try await operations.plan(
                repair: scope, ttl: ttl?.duration, acts: !dryRun, pace: pacing.pace, control: control
            ) { line.show($0, "counted") }
        }
        line.clear()
        if dryRun { return try StandardOutput.write(OperationWords.plan(plan).map { $0 + "\n" }.joined()) }
        for line in OperationWords.plan(plan) { StandardError.write(line) }
        guard plan.breaches > 0 else { return StandardError.write("nothing to mend") }
        let typed =
            yes ? scope.name : try Confirmation.ask("Type \(scope.typedWords) to mend it: ", instead: "--yes")
        let path =
            try journal.map(OperationFiles.absolute)
            ?? Operator.files().journal(for: "repair", scope: scope.name, at: .now)
        let undertaking = Undertaking(
            .repair, scope.words, journal: .file(path, undo: settings.invocation.undo(path)))
        let outcome = try await departure.act(undertaking, stop: control.cancel) { underWay in
            let receipt = try await operations.repair(
                plan, FlushConfirmation(typed: typed, readmits: readmitRevokedTokens),
                journal: .file(path), pace: pacing.pace, control: control
            ) {
                underWay.note(done: $0.done)
                line.show($0, "mended")
            }
            return Outcome(receipt)
        }
        line.clear()
        try Exit.end(outcome, noting: operations.takeAuditLapse())
    }
}
