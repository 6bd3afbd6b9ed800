import RedisValues
import Testing

@Suite struct ErrorReplyTests {
    private func reply(_ words: String) -> ErrorReply { ErrorReply(Array(words.utf8)) }

    @Test(arguments: [
        ("ERR unknown command `SLOWLOG`, with args beginning with: `GET`, `128`, ", ErrorReply.Meaning.noSuchCommand),
        ("unknown command SLOWLOG", .noSuchCommand),
        ("ERR unknown subcommand 'USAGE'. Try MEMORY HELP.", .noSuchCommand),
        ("ERR unsupported command 'RANDOMKEY'", .noSuchCommand), ("ERR unknown or unsupported command", .noSuchCommand),
        ("ERR wrong number of arguments for 'client|no-touch' command", .noSuchCommand),
        ("ERR syntax error", .noSuchCommand),
        ("ERR invalid command", .noSuchCommand),
        ("ERR command is not allowed", .switchedOff), ("ERR command disabled", .switchedOff),
        ("ERR Command disallowed", .switchedOff), ("ERR This command is not supported", .switchedOff),
        ("ERR Command is not available: 'SLOWLOG'. See https://docs.upstash.com/x for details", .switchedOff),
        ("ERR command 'config' not support for normal user", .switchedOff), ("DENIED by policy", .switchedOff),
        ("-ERR forbidden", .switchedOff), ("ERR handle request, command 'KEYS' is not allowed", .switchedOff),
        ("ERR An LFU maxmemory policy is selected, idle time not tracked.", .switchedOff),
        ("NOPERM", .noPermission), ("NOPERM this user has no permissions to run the 'info' command", .noPermission),
        ("NOPERM this user has no permissions to access one of the keys used as arguments", .noKeyPermission),
        ("NOPERM No permissions to access a key", .noKeyPermission),
        ("LOADING Redis is loading the dataset in memory", .passing), ("MOVED 1 10.0.0.7:6379", .passing),
        ("ERR max daily request limit exceeded. Limit: 10000, Usage: 10001.", .passing), ("no upstream host", .passing),
        ("ERR rate limit: not allowed for 3 s", .passing), ("ERR too many requests", .passing),
        ("WRONGTYPE Operation against a key holding the wrong kind of value", .ofKey), ("ERR no such key", .ofKey),
        ("ERR backend unavailable", .passing), ("ERR Service is unavailable", .passing),
        ("ERR request rejected, shard is moving", .passing), ("ERR Connection refused", .passing),
        ("ERR Connection timed out", .passing), ("ERR Connection reset by peer", .passing),
        ("ERR no server connection avaliable", .passing), ("upstream failure", .passing),
        ("ERR illegal address", .switchedOff), ("ERR command rejected", .switchedOff),
        ("ERR CONFIG is not allowed on this connection type", .switchedOff),
        ("ERR unsupported command for this upstream", .noSuchCommand),
        ("ERR This command is not currently supported", .switchedOff),
        ("ERR unknown command 'QUOTA.GET', with args beginning with: 'x'", .noSuchCommand),
        ("@user_script: 2: The user executing the script can't run this command or subcommand", .noPermission),
        (
            "ERR The user executing the script can't access at least one of the keys mentioned in the command arguments",
            .noKeyPermission
        ),
        ("ERR ACL failure in script: User x has no permissions to run the 'scan' command", .noPermission),
        ("ERR ACL failure in script: No permissions to access a key", .noKeyPermission),
        ("ERR -1", .unclear), ("", .unclear), ("\u{1b}[2J", .unclear),
    ])
    func errorsMeanWhatTheirWordsSay(words: String, meaning: ErrorReply.Meaning) {
        #expect(reply(words).meaning == meaning, "\(words)")
    }

    @Test func wordsOfHostileServersAreEscapedAndShort() {
        #expect(reply("ERR \u{1b}[31m").words == "ERR \\x1b[31m")
        #expect(reply("ERR " + String(repeating: "x", count: 5000)).words.count <= 200)
    }

    @Test func deniedCommandsSayWhy() {
        #expect(DeniedCommand(command: "A", needs: "+a").reason == "needs +a")
        #expect(DeniedCommand(command: "A", needs: nil, words: "ERR no").reason == "refused: ERR no")
        #expect(DeniedCommand(command: "A", needs: nil).reason == "the server has no such command")
        #expect(Refusal(DeniedCommand(command: "A", needs: "+a")) == Refusal(.noPermission, detail: "A needs +a"))
        #expect(Refusal(DeniedCommand(command: "A", needs: nil, words: "ERR no")).kind == .commandRefused)
        #expect(Refusal(DeniedCommand(command: "A", needs: nil)).kind == .unknownCommand)
    }

    @Test func sentencesReadAsTheyShould() {
        func sentence(_ needs: String?, _ words: String?) -> String {
            Unanswered(DeniedCommand(command: "SLOWLOG GET", needs: needs, words: words)).sentence
        }
        #expect(sentence("+slowlog|get", nil) == "SLOWLOG GET needs +slowlog|get")
        #expect(sentence(nil, nil) == "SLOWLOG GET: the server has no such command")
        #expect(sentence(nil, "ERR no") == "SLOWLOG GET refused: ERR no")
        #expect(
            reply("ERR unknown command `AUTH`, with args beginning with: `secret`, ").words
                == "ERR unknown command `AUTH`")
    }

    @Test(arguments: [
        ("unknown command `RESTORE`", true), ("command not allowed", true), ("forbidden", true),
        ("this user has no permissions to run the 'restore' command", false), ("", false), ("something else", false),
    ])
    func ruleForTheUserHelpsOnlyAgainstRules(objection: String, isKeptFromAll: Bool) {
        #expect(ErrorReply.isKeptFromAll(objection) == isKeptFromAll)
    }
}
