internal import ArgumentParser
internal import CacheWatch
internal import CacheModel
internal import CommandLineModel
internal import Reports

/// Puts tokens on the blacklist.
struct RevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Revoke tokens, and say whether it holds.",
        discussion: """
            A token is a JWT or its jti, with what is around it in a header, a cookie or a log. The signature is not \
            checked. A JWT on the command line can be seen by other users of this machine: --file - reads it from \
            standard input. A file has a token a line, is JSON (an array, a record a line), or has columns with a heading \
            such as jti,sub,exp; where a line may mean something else, nothing is written. Exit status: 0 all hold, 1 not all, \
            4 refused for safety.
            """)

    @OptionGroup var acting: ActingOptions

    @Argument(help: ArgumentHelp("JWTs or ids.", valueName: "token|id"))
    var tokens: [String] = []

    @Option(
        help: ArgumentHelp("A token a line, JSON or CSV; - reads standard input.", valueName: "file|-"),
        transform: Environment.path)
    var file: String?

    @Option(help: ArgumentHelp("Kept with the revocation.", valueName: "text"))
    var reason: String?

    @Option(help: ArgumentHelp("Whose token it is, where the token does not say.", valueName: "id"))
    var user: String?

    @Option(
        help: ArgumentHelp("In the place of what is left until exp; 24h where there is none.", valueName: "duration"))
    var ttl: DurationArgument?

    @Flag(help: "Say what would be written, and write nothing.")
    var dryRun = false

    func run() async throws {
        let (inputs, problems) = try inputs()
        for problem in problems { StandardError.write("cachewatch: \(problem)") }
        guard problems.isEmpty else { throw ExitCode(.usage) }
        guard !inputs.isEmpty else { throw Exit.usage("there is no token: give one, or a file with --file") }
        let request = RevocationRequest(
            tokens: inputs, reason: try checked(reason, "--reason", 200), user: try checked(user, "--user", 200),
            lifetime: try lifetime())
        do { try await run(request) } catch let error as CacheError { throw Exit.failure(error) } catch let problem
            as TokenInput.Problem
        { throw Exit.usage("\(problem)") }
    }

    private func run(_ request: RevocationRequest) async throws {
        let operations = try acting.operations()
        if dryRun {
            let lines = try request.tokens.map { input in
                let (token, until) = try request.order(of: input, at: .now)
                let rest = Format.count(Int((until - .now) / .seconds(1)))
                return "\(Printable.escape(token.id))  would be revoked for \(rest) s  \(token.json.line)\n"
            }
            return try StandardOutput.write(lines.joined())
        }
        let ids = request.tokens.map { Printable.escape($0.id, limit: 80) }
        let outcome = try await Departure.shared.act(Undertaking(.revoke, ids.joined(separator: ", "))) { _ in
            Outcome(try await operations.revoke(request))
        }
        try StandardOutput.tell(outcome)
        // What is written is told, whatever becomes of this question.
        StandardError.write("layout: \(try await operations.blacklistLayout().words)")
        await operations.close()
        if outcome.status != .done { throw ExitCode(outcome.status) }
    }

    private func lifetime() throws -> Duration? {
        guard let ttl else { return nil }
        guard ttl.duration >= .seconds(1), ttl.duration <= RevocationRequest.longest else {
            throw Exit.usage("--ttl: \(ttl.text) is not from 1s to ten years")
        }
        return ttl.duration
    }

    private func checked(_ text: String?, _ option: String, _ limit: Int) throws -> String? {
        guard let text else { return nil }
        guard text.utf8.count <= limit, text.unicodeScalars.allSatisfy(Printable.isPrintable) else {
            throw Exit.usage("\(option): at most \(limit) bytes, without control characters")
        }
        return text
    }

    /// Never repeats a token in what it complains about.
    private func inputs() throws -> ([TokenInput], [String]) {
        var inputs: [TokenInput] = []
        var problems: [String] = []
        for (index, token) in tokens.enumerated() {
            do throws(TokenInput.Problem) {
                let input = try TokenInput(parsing: token)
                // What is typed for want of --file would be an id that nobody has.
                guard input.isJWT || !InputFile.isThere(token) else {
                    problems.append("token \(index + 1): there is a file of this name: give it as --file")
                    continue
                }
                inputs.append(input)
            } catch { problems.append("token \(index + 1): \(error)") }
        }
        if let file {
            let text: String
            do throws(SettingsIssue) { text = try InputFile.text(of: file, limit: 1 << 20) } catch {
                throw Exit.usage("\(error)")
            }
            let list = TokenList(parsing: text)
            inputs += list.tokens
            let place = file == "-" ? "line " : Printable.escape(file) + ":"
            problems += list.troubles.map { "\(place)\($0.line): \($0.problem)" }
        }
        return (inputs, problems)
    }
}

/// Lists what is revoked.
struct RevokedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoked", abstract: "List the tokens of the blacklist, those that expire first in front.")

    @OptionGroup var acting: ActingOptions

    @Option(help: "text or json.")
    var format = ListFormat.text

    @Option(help: ArgumentHelp("At most so many.", valueName: "n"))
    var limit = 10_000

    @Option(help: ArgumentHelp("Only those whose id, user or reason contains it.", valueName: "text"))
    var search: String?

    func run() async throws {
        guard limit > 0 else { throw ValidationError("--limit: at least 1") }
        let operations = try acting.operations()
        let control = SweepControl()
        do {
            let line = OperationProgressLine()
            var (tokens, isWhole) = try await Departure.shared.during(
                .look, words: ["cachewatch: interrupted, and the server does not answer: nothing can be listed"],
                stop: control.cancel
            ) { _ in
                try await operations.revoked(limit: limit, pace: acting.pace, control: control) {
                    line.show($0, "found")
                }
            }
            line.clear()
            if let search {
                tokens = tokens.filter { item in
                    [item.token.id, item.token.user, item.token.reason].contains { $0?.contains(search) == true }
                }
            }
            try StandardOutput.write(
                format == .json ? RevokedReport.json(tokens, isWhole: isWhole) : RevokedReport.text(tokens))
            if !isWhole {
                StandardError.write("there are more: --limit \(limit) ended the list, or it was interrupted")
            }
        } catch let error as CacheError { throw Exit.failure(error) }
    }
}

/// Takes a token off the blacklist.
struct UnrevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unrevoke", abstract: "Take a token off the blacklist: it is let in again until it expires.")

    @OptionGroup var acting: ActingOptions

    @Argument(help: ArgumentHelp("The token's id (jti), or the JWT.", valueName: "token|id"))
    var token: String

    @Flag(help: "Stands for the typed confirmation.")
    var yes = false

    func run() async throws {
        let operations = try acting.operations()
        let id: String
        do { id = try TokenInput(naming: token).id } catch { throw Exit.usage("\(error)") }
        do {
            if acting.server.readOnly { _ = try await operations.unrevoke(id, typed: "") }
            let typed =
                yes ? id : try Confirmation.ask("The token is let in again. Type its id to go on: ", instead: "--yes")
            let outcome = try await Departure.shared.act(
                Undertaking(.unrevoke, Printable.escape(id, limit: 80))
            ) { _ in
                Outcome(unrevoked: id, keys: try await operations.unrevoke(id, typed: typed))
            }
            guard outcome.hasChanged else { throw Exit.notDone("\(Printable.escape(id, limit: 80)) is not revoked") }
            try StandardOutput.tell(outcome)
        } catch let error as CacheError { throw Exit.failure(error) }
    }
}

enum ListFormat: String, ExpressibleByArgument, CaseIterable { case text, json }
