internal import ArgumentParser
internal import CacheWatch
internal import Reports

/// Removes the keys of a namespace.
struct FlushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flush", abstract: "Remove the keys of a namespace: counted, confirmed, journalled, paced.",
        discussion: "Exit status: 0 done, 1 not done, 4 refused for safety, 5 stopped half way.")

    @OptionGroup var acting: ActingOptions

    @Argument(help: ArgumentHelp("Such as session.", valueName: "namespace"))
    var namespace: String

    @Flag(help: "Count what would be removed, and remove nothing.")
    var dryRun = false

    @Flag(help: "Stands for the typed confirmation.")
    var yes = false

    @Option(help: ArgumentHelp("Where the removed keys are written; must not exist yet.", valueName: "file"))
    var journal: String?

    @Flag(help: "Write no journal: what is removed is gone.")
    var noJournal = false

    @Flag(help: "For protected namespaces: yes, revoked tokens may be let in again.")
    var readmitRevokedTokens = false

    func validate() throws {
        if journal?.isEmpty == true { throw ValidationError("--journal: a file's name, please") }
        if journal != nil, noJournal { throw ValidationError("--journal and --no-journal: one of them, please") }
        if dryRun, yes { throw ValidationError("--dry-run and --yes: one of them, please") }
    }

    func run() async throws {
        let operations = try acting.operations()
        do { try await run(operations) } catch let error as CacheError { throw Exit.failure(error) }
    }

    private func run(_ operations: CacheOperations) async throws {
        let control = SweepControl()
        // What can be refused without a word to the server is.
        if !dryRun {
            let canAsk = !yes && acting.isTerminal
            try operations.precheck(
                flush: namespace,
                FlushConfirmation(typed: namespace, readmits: readmitRevokedTokens || canAsk))
            if !yes { try Confirmation.demandTerminal(instead: "--yes") }
        }
        let line = OperationProgressLine()
        let plan = try await control.interruptible {
            try await operations.plan(
                flush: namespace, counts: !(yes && noJournal), acts: !dryRun, pace: acting.pace, control: control
            ) { line.show($0, "counted") }
        }
        line.clear()
        if dryRun {
            for line in OperationWords.plan(plan) { FileDescriptor.write(1, line + "\n") }
            return
        }
        for line in OperationWords.plan(plan) { StandardError.write(line) }
        let confirmation = try confirm(plan)
        let choice: JournalChoice = noJournal ? .none : journal.map { .file($0) } ?? .automatic
        let receipt = try await control.interruptible {
            try await operations.flush(plan, confirmation, journal: choice, pace: acting.pace, control: control) {
                line.show($0, "removed")
            }
        }
        line.clear()
        for line in OperationWords.receipt(receipt) { StandardError.write(line) }
        if !receipt.isWhole { throw ExitCode(receipt.isNothing ? Exit.notDoneStatus : Exit.halfWayStatus) }
    }

    private func confirm(_ plan: FlushPlan) throws -> FlushConfirmation {
        if yes { return FlushConfirmation(typed: namespace, readmits: readmitRevokedTokens) }
        let typed = try Confirmation.ask("Type the namespace's name to flush it: ", instead: "--yes")
        var readmits = readmitRevokedTokens
        if plan.protected, !readmits {
            let answer = try Confirmation.ask(
                "It is protected. Type \"\(FlushPlan.readmission)\" to go on: ", instead: "--readmit-revoked-tokens")
            readmits = answer == FlushPlan.readmission
        }
        return FlushConfirmation(typed: typed, readmits: readmits)
    }
}

/// Brings back what a journal holds.
struct UndoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Restore what a journal holds: keys with what is left of their time to live.",
        discussion: """
            Works into the same server or another one of the same or a later version; another one has to be named \
            with --url or --config. Keys that are there again are left alone, and so are times to live that were set \
            anew. Exit status: 0 done, 1 not done, 4 refused for safety, 5 not everything.
            """)

    @OptionGroup var acting: ActingOptions

    @Argument(help: ArgumentHelp("What flush, repair or delete has written.", valueName: "journal"))
    var journal: String

    @Flag(help: "Overwrite keys that are there again, and times to live that were set anew.")
    var replace = false

    @Flag(help: "Say what would be restored, and restore nothing.")
    var dryRun = false

    @Flag(help: "Pass over damaged blocks instead of refusing the journal.")
    var salvage = false

    func run() async throws {
        let operations = try acting.operations()
        let control = SweepControl()
        let choices = UndoChoices(
            replaces: replace, isDryRun: dryRun, salvages: salvage, isTargetNamed: acting.server.namesServer)
        do {
            let line = OperationProgressLine()
            let receipt = try await control.interruptible {
                try await operations.undo(journal, choices, pace: acting.pace, control: control) {
                    line.show($0, "restored")
                }
            }
            line.clear()
            for line in OperationWords.receipt(receipt, isDryRun: dryRun) {
                if dryRun { FileDescriptor.write(1, line + "\n") } else { StandardError.write(line) }
            }
            if !receipt.isWhole || !receipt.journalIsWhole {
                let isNothing = !receipt.outcome.isDone && receipt.restored == 0
                throw ExitCode(isNothing ? Exit.notDoneStatus : Exit.halfWayStatus)
            }
        } catch let error as CacheError { throw Exit.failure(error) }
    }
}

/// Gives keys without a time to live one.
struct RepairCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair", abstract: "Give keys that break their namespace's TTL contract a TTL (EXPIRE NX|LT).",
        discussion: "Exit status: 0 done, 1 not done, 4 refused for safety, 5 stopped half way.")

    @OptionGroup var acting: ActingOptions

    @Argument(help: ArgumentHelp("Such as rate:limit.", valueName: "namespace"))
    var namespace: String

    @Option(help: ArgumentHelp("At most, in the place of the contract's.", valueName: "duration"))
    var ttl: DurationArgument?

    @Flag(help: "Count what would be mended, and change nothing.")
    var dryRun = false

    @Flag(help: "Stands for the typed confirmation.")
    var yes = false

    @Option(help: ArgumentHelp("Where the old TTLs are written; must not exist yet.", valueName: "file"))
    var journal: String?

    @Flag(help: "For protected namespaces: yes, revoked tokens may be let in again.")
    var readmitRevokedTokens = false

    func run() async throws {
        if journal?.isEmpty == true { throw ValidationError("--journal: a file's name, please") }
        if let ttl, ttl.duration < .seconds(1) { throw ValidationError("--ttl: at least a second") }
        let operations = try acting.operations()
        do { try await run(operations) } catch let error as CacheError { throw Exit.failure(error) }
    }

    private func run(_ operations: CacheOperations) async throws {
        let control = SweepControl()
        if !dryRun {
            try operations.precheck(
                repair: namespace, FlushConfirmation(typed: namespace, readmits: readmitRevokedTokens))
            if !yes { try Confirmation.demandTerminal(instead: "--yes") }
        }
        let line = OperationProgressLine()
        let plan = try await control.interruptible {
            try await operations.plan(
                repair: namespace, ttl: ttl?.duration, acts: !dryRun, pace: acting.pace, control: control
            ) { line.show($0, "counted") }
        }
        line.clear()
        if dryRun {
            for line in OperationWords.plan(plan) { FileDescriptor.write(1, line + "\n") }
            return
        }
        for line in OperationWords.plan(plan) { StandardError.write(line) }
        guard plan.breaches > 0 else { return StandardError.write("nothing to mend") }
        let typed = yes ? namespace : try Confirmation.ask("Type the namespace's name to mend it: ", instead: "--yes")
        let receipt = try await control.interruptible {
            try await operations.repair(
                plan, FlushConfirmation(typed: typed, readmits: readmitRevokedTokens),
                journal: journal.map { .file($0) } ?? .automatic, pace: acting.pace, control: control
            ) { line.show($0, "mended") }
        }
        line.clear()
        for line in OperationWords.receipt(receipt) { StandardError.write(line) }
        if !receipt.outcome.isDone {
            throw ExitCode(receipt.given + receipt.shortened == 0 ? Exit.notDoneStatus : Exit.halfWayStatus)
        }
    }
}
