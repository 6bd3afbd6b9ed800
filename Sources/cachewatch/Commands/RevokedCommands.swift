internal import ArgumentParser
internal import CacheModel
internal import CacheWatch
internal import CommandLineModel
internal import Reports

/// Lists what is revoked.
struct RevokedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoked",
        abstract: "List users who were cut off and tokens of the blacklist, those that expire first in front.")

    @OptionGroup var acting: ActingOptions
    @OptionGroup var pacing: PaceOptions

    @Option(help: "text or json.")
    var format = ListFormat.text

    @Option(help: ArgumentHelp("At most so many, of those that are looked for.", valueName: "n"))
    var limit = 10_000

    @Option(
        help: ArgumentHelp(
            "Only those whose id, user or reason contains it, in small or capital letters.", valueName: "text"))
    var search: String?

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit: at least 1") }
    }

    func run() async throws {
        let operations = try acting.operations()
        let control = SweepControl()
        do {
            let line = OperationProgressLine()
            let list = try await Departure.shared.during(
                .look, words: ["cachewatch: interrupted, and the server does not answer: nothing can be listed"],
                stop: control.cancel
            ) { _ in
                try await operations.revoked(
                    RevokedList.Search(search ?? ""), limit: limit, pace: pacing.pace, control: control
                ) {
                    line.show($0, "found")
                }
            }
            line.clear()
            try StandardOutput.write(format == .json ? RevokedReport.json(list) : RevokedReport.text(list))
            // Those of JSON stand in it.
            if format == .text { for note in RevocationWords.notes(list) { StandardError.write(note) } }
            if let obstacle = list.obstacle { throw Exit.failure(.refused(obstacle)) }
            if !list.isWhole {
                StandardError.write("there may be more: --limit \(limit) ended the list, or it was interrupted")
            }
        } catch let error as CacheError { throw Exit.failure(error) }
    }
}

/// Takes a token off the blacklist, or lets a user in again.
struct UnrevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unrevoke",
        abstract: "Take a token off the blacklist, or let a user in again: what is valid is let in until it expires.")

    @OptionGroup var acting: ActingOptions

    @Argument(help: ArgumentHelp("The token's id, or the JWT.", valueName: "token|id"))
    var token: String?

    @Option(help: ArgumentHelp("A user who was cut off.", valueName: "id"))
    var user: String?

    @Option(help: "text or json; what has come of it.")
    var format = ListFormat.text

    @Flag(help: "Stands for the typed confirmation.")
    var yes = false

    func run() async throws {
        // Whoever acts may be on another thread than the command.
        let format = format
        switch (token, user) {
        case (let token?, nil):
            let input: TokenInput
            do { input = try TokenInput(naming: token) } catch { throw Exit.usage("\(error)") }
            let id = input.id
            try await run(
                Undertaking(.unrevoke, Printable.escape(id, limit: 400)), id,
                "The token is let in again. Type its id to go on: "
            ) { operations, typed, invocation in
                let done = try await operations.unrevoke(id, typed: typed, claims: input)
                let outcome = Outcome(unrevoked: id, done, invocation)
                return format == .json
                    ? outcome.told(as: RevocationReport.json(unrevoked: id, done, invocation)) : outcome
            }
        case (nil, let user?):
            do { _ = try TokenInput.checked(user: user) } catch { throw Exit.usage("\(error)") }
            try await run(
                Undertaking(.unrevoke, "user \(Printable.escape(user, limit: 400))"), user,
                "The user's tokens are let in again. Type the user to go on: "
            ) { operations, typed, _ in
                let key = try await operations.unrevoke(user: user, typed: typed)
                let outcome = Outcome(unrevokedUser: user, key: key)
                return format == .json
                    ? outcome.told(as: RevocationReport.json(unrevokedUser: user, key: key)) : outcome
            }
        default: throw Exit.usage("give a token, or a user with --user")
        }
    }

    private func run(
        _ undertaking: Undertaking, _ name: String, _ question: String,
        _ body: @escaping @Sendable (CacheOperations, _ typed: String, Invocation) async throws -> Outcome
    ) async throws {
        let settings = try acting.server.settings()
        let operations = try acting.operations(settings)
        do {
            // What can be refused without a word to the server is, before anybody is asked to type.
            try operations.precheck(unrevoke: name)
            let typed = yes ? name : try Confirmation.ask(question, instead: "--yes")
            let outcome = try await Departure.shared.act(undertaking) { _ in
                try await body(operations, typed, settings.invocation)
            }
            try StandardOutput.end(outcome, noting: operations.takeAuditLapse(), asText: format == .text)
        } catch let error as CacheError { throw Exit.failure(error) }
    }
}

enum ListFormat: String, ExpressibleByArgument, CaseIterable { case text, json }
