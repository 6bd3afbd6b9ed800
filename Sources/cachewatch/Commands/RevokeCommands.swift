internal import ArgumentParser
internal import CacheWatch
internal import CacheModel
internal import CommandLineModel
internal import Reports

/// Puts tokens on the blacklist.
struct RevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Revoke tokens, or all tokens of a user, and say whether it holds.",
        discussion: """
            A token is a JWT or its jti, with what is around it in a header, a cookie or a log; one without a jti is known by \
            the SHA-256 of what is signed. The signature is not checked. A JWT on the command line can be seen by other users \
            of this machine: --file - reads it from standard input. A file has a token a line, is JSON (an array, a record a \
            line), or has columns with a heading such as jti,sub,exp; where a line may mean something else, nothing is \
            written. --user with --since cuts a user off: every token issued until then is revoked, refresh tokens included. \
            A key stops a token only where the servers ask for it. Exit status: 0 all hold, 1 not all, 4 refused for safety.
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

    @Option(
        help: ArgumentHelp(
            "Whose token it is, where the token does not say; with --since, whom to cut off.", valueName: "id"))
    var user: String?

    @Option(
        help: ArgumentHelp(
            "Revoke all tokens of --user that were issued until then: now, Unix seconds, or ISO 8601 with a zone.",
            valueName: "now|time"))
    var since: String?

    @Option(
        help: ArgumentHelp("In the place of what is left until exp; 24h where there is none.", valueName: "duration"))
    var ttl: DurationArgument?

    @Option(help: "text or json; what has come of it.")
    var format = ListFormat.text

    @Flag(help: "Say what would be written, and write nothing.")
    var dryRun = false

    @Flag(help: "Stands for the typed confirmation that --since asks for on a terminal.")
    var yes = false

    func validate() throws {
        if dryRun, yes { throw ValidationError("--dry-run and --yes: one of them, please") }
    }

    func run() async throws {
        if dryRun, format == .json { throw Exit.usage("--format json tells what has come of it: not with --dry-run") }
        if let since { return try await cutOff(since) }
        let (inputs, problems) = try inputs()
        for problem in problems { StandardError.write("cachewatch: \(problem)") }
        guard problems.isEmpty else { throw ExitCode(.usage) }
        guard !inputs.isEmpty else {
            throw Exit.usage("there is no token: give one, a file with --file, or a user with --user and --since now")
        }
        let request = RevocationRequest(
            tokens: inputs, reason: try checked(reason, "--reason", 200), user: try checked(user, "--user", 200),
            lifetime: try lifetime())
        do { try await run(request) } catch let error as CacheError { throw Exit.failure(error) } catch let problem
            as TokenInput.Problem
        { throw Exit.usage("\(problem)") }
    }

    private func run(_ request: RevocationRequest) async throws {
        let settings = try acting.server.settings()
        let operations = try acting.operations(settings)
        if dryRun { return try await plan(request, operations, settings) }
        let ids = request.tokens.map { Printable.escape($0.id, limit: 400) }
        let outcome = try await Departure.shared.act(Undertaking(.revoke, ids.joined(separator: ", "))) { _ in
            let results = try await operations.revoke(request)
            let outcome = Outcome(results, settings.invocation)
            return format == .json ? outcome.told(as: RevocationReport.json(results, settings.invocation)) : outcome
        }
        let status = StandardOutput.tell(outcome, noting: operations.takeAuditLapse())
        // What is written is told, whatever becomes of this question.
        do throws(CacheError) {
            StandardError.write("layout: \(try await operations.blacklistLayout().words)")
        } catch { StandardError.write("layout: not known: \(error)") }
        await operations.close()
        if status != .done { throw ExitCode(status) }
    }

    private func plan(_ request: RevocationRequest, _ operations: CacheOperations, _ settings: Settings) async throws {
        let layout: RevocationLayout
        do throws(CacheError) {
            let finding = try await operations.blacklistLayout()
            layout = finding.layout
            StandardError.write("layout: \(finding.words)")
        } catch {
            layout = .both
            StandardError.write("layout: \(layout.words), since the server could not be looked at: \(error)")
        }
        await operations.close()
        StandardError.write(RevocationWords.barrier)
        let now = WallTime.now
        let lines = try request.tokens.flatMap { input in
            let (token, until) = try request.order(of: input, at: now)
            let rest = Format.count((until - now).wholeSeconds)
            return ["\(Printable.escape(token.id))  would be revoked for \(rest) s\n"]
                + layout.layouts.map { layout in
                    let key = Printable.escape(layout.key(of: token.id, keyPrefix: Array(settings.keyPrefix.utf8)))
                    return "  \(key)  \(token.value(in: layout, until: until).line)\n"
                }
        }
        try StandardOutput.write(lines.joined())
    }

    private func cutOff(_ since: String) async throws {
        guard let user, !user.isEmpty else { throw Exit.usage("--since cuts a user off: say whom with --user") }
        guard tokens.isEmpty, file == nil, ttl == nil else {
            throw Exit.usage("--since revokes all tokens of a user: it takes no tokens and no --ttl")
        }
        let reason = try checked(reason, "--reason", 200)
        let time: CutOffRequest.Since
        do throws(TokenInput.Problem) { time = try CutOffRequest.since(parsing: since) } catch {
            throw Exit.usage("--since: \(error)")
        }
        let request = CutOffRequest(user: user, since: time, reason: reason)
        do throws(TokenInput.Problem) { _ = try request.cutOff(at: .now) } catch { throw Exit.usage("\(error)") }
        let settings = try acting.server.settings()
        let operations = try acting.operations(settings)
        let key = Printable.escape(CutOff.key(of: user, keyPrefix: Array(settings.keyPrefix.utf8)))
        let lines = RevocationWords.plan(request, key: key, target: settings.target, at: .now)
        if dryRun { return try StandardOutput.write(lines.map { $0 + "\n" }.joined()) }
        do {
            // Without a terminal the user who is named in the command is the confirmation: nothing is found out for it.
            var typed = user
            if !yes, Confirmation.hasTerminal, !settings.readOnly {
                for line in lines { StandardError.write(line) }
                typed = try Confirmation.ask("Type the user to go on: ", instead: "--yes")
            }
            let outcome = try await Departure.shared.act(
                Undertaking(.cutOff, "user \(Printable.escape(user, limit: 400))")
            ) { _ in
                let result = try await operations.cutOff(request, typed: typed)
                return format == .json ? Outcome(result).told(as: RevocationReport.json(result)) : Outcome(result)
            }
            let status = StandardOutput.tell(outcome, noting: operations.takeAuditLapse())
            await operations.close()
            if status != .done { throw ExitCode(status) }
        } catch let error as CacheError { throw Exit.failure(error) }
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
        if text.isEmpty { throw Exit.usage("\(option): it is empty; leave it out where there is none") }
        guard text.utf8.count <= limit, text.unicodeScalars.allSatisfy(Printable.isHarmless) else {
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
            do throws(SettingsIssue) { text = try InputFile.text(of: file) } catch {
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
