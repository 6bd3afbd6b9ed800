import CacheModel
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

@Suite struct NodePollTests {
    private func info(_ fields: String) -> RESPValue {
        .string(Array("redis_version:7.0.15\r\nrun_id:a\r\nuptime_in_seconds:10\r\n\(fields)".utf8))
    }

    private func circumstances(_ seconds: Int, _ traffic: Traffic = Traffic()) -> NodePoll.Circumstances {
        NodePoll.Circumstances(
            elapsed: .seconds(seconds), roundTrip: .milliseconds(1), traffic: traffic, warnings: [], anonymous: true)
    }

    private func slowlog(_ ids: [Int]) -> RESPValue {
        .array(
            ids.map {
                .array([
                    .integer(Int64($0)), .integer(1), .integer(5000), .array([.string(Array("GET".utf8))]), .string([]),
                    .string([]),
                ])
            })
    }

    @Test func slowQuestionsComeEveryTenthPoll() {
        var poll = NodePoll(address: "a")
        var asked: [Int] = []
        for index in 0..<21 {
            let questions = poll.questions(without: DeniedCommands()).map(\.question)
            if questions.contains(.commandStats) { asked.append(index) }
            _ = poll.digest(questions.map { _ in .null }, to: questions, circumstances(index))
        }
        #expect(asked == [0, 10, 20])
    }

    @Test func deniedQuestionIsNotAskedAgainAndSaysWhatItNeeds() {
        var poll = NodePoll(address: "a")
        var denied = DeniedCommands()
        let asked = poll.questions(without: denied).map(\.question)
        let replies: [RESPValue] = asked.map {
            $0 == .slowlog
                ? .error(Array("NOPERM this user has no permissions to run the 'slowlog|get' command".utf8))
                : $0 == .info ? info("") : .null
        }
        let (_, errors) = poll.digest(replies, to: asked, circumstances(0))
        for (question, words) in errors { denied.note(question, error: words) }
        #expect(denied.list == [DeniedCommand(command: "SLOWLOG GET", needs: "+slowlog|get")])
        #expect(!poll.questions(without: denied).map(\.question).contains(.slowlog))
    }

    @Test func deniedInfoStaysARefusalWithItsReason() {
        var poll = NodePoll(address: "a")
        let words = Array("NOPERM this user has no permissions to run the 'info' command".utf8)
        let (first, _) = poll.digest([.error(words)], to: [.info], circumstances(0))
        #expect(first.refusal?.kind == .noPermission)
        let (second, _) = poll.digest([.integer(3)], to: [.size], circumstances(1))
        #expect(second.refusal == Refusal(.noPermission, detail: "INFO needs +info"))
        let (odd, _) = poll.digest([.integer(3)], to: [.info], circumstances(2))
        #expect(odd.refusal?.kind == .notRedis)
    }

    /// In the words of Redis 7.0 and of 7.2, which Valkey has taken over.
    @Test(arguments: [
        ("NOPERM this user has no permissions to access one of the keys used as arguments", "~*"),
        ("NOPERM No permissions to access a key", "~*"),
        ("NOPERM this user has no permissions to run the 'type' command or its subcommand", "+type"),
        ("NOPERM User w has no permissions to run the 'type' command", "+type"),
    ])
    func whatIsDeniedSaysWhatItNeeds(words: String, needs: String) {
        var denied = DeniedCommands()
        denied.note(.keyType, error: Array(words.utf8))
        #expect(denied.list == [DeniedCommand(command: "TYPE", needs: needs)])
    }

    private func errors(_ count: Int) -> RESPValue {
        info("total_error_replies:\(count)\r\nerrorstat_NOPERM:count=\(count)\r\n")
    }

    private func traffic(denied count: Int) -> Traffic {
        var traffic = Traffic()
        traffic.denials = ["NOPERM": count]
        traffic.errors = count
        return traffic
    }

    /// Whatever line they went over: polls, looks at keys, the ledger.
    @Test func whatWasDeniedToUsIsNoIntrusion() {
        var poll = NodePoll(address: "a")
        func denied(_ seconds: Int, server: Int, own: Int) -> Double? {
            poll.digest([errors(server)], to: [.info], circumstances(seconds, traffic(denied: own))).node
                .rates?.errors["NOPERM"]
        }
        _ = denied(0, server: 100, own: 3)
        #expect(denied(1, server: 104, own: 7) == nil, "four of ours")
        #expect(denied(2, server: 104, own: 9) == nil)
        #expect(denied(3, server: 106, own: 9) == nil, "the server counts them later than we do")
        #expect(denied(4, server: 109, own: 10) == 2, "three, one of which is ours")
        #expect(denied(5, server: 111, own: 10) == 2, "none is ours")
    }

    @Test func clockThatDiffersIsSaid() {
        func warnings(_ ahead: Int64) -> [String] {
            var poll = NodePoll(address: "a")
            var circumstances = circumstances(0)
            circumstances.time = WallTime(seconds: 1_795_357_927)
            return poll.digest(
                [info("server_time_usec:\((1_795_357_927 + ahead) * 1_000_000)\r\n")], to: [.info], circumstances
            ).node.warnings
        }
        #expect(warnings(3).isEmpty && warnings(-3).isEmpty)
        #expect(warnings(-7200).first?.contains("behind") == true)
        #expect(warnings(3600).first?.contains("ahead of") == true)
    }

    @Test func whatIsToldSaysWhenItWasTold() {
        var poll = NodePoll(address: "a")
        #expect(poll.digest([info("")], to: [.info], circumstances(4)).node.answeredAt == .seconds(4))
        #expect(poll.failed(Refusal(.hung), at: .seconds(6)).answeredAt == .seconds(6))
    }

    /// A certificate may be what a user is known by.
    @Test func userOfAnotherNameIsNotTheOpenDefaultUser() {
        for (name, isOpen) in [("default", true), ("watcher", false)] {
            var poll = NodePoll(address: "a")
            let node = poll.digest([info(""), .string(Array(name.utf8))], to: [.info, .whoAmI], circumstances(0)).node
            #expect(node.defaultUserOpen == isOpen)
        }
    }

    @Test func passingErrorIsAskedAgain() {
        var denied = DeniedCommands()
        denied.note(.size, error: Array("LOADING Redis is loading the dataset in memory".utf8))
        #expect(denied.list.isEmpty)
    }

    @Test func ratesLeaveOurOwnCommandsOut() {
        var poll = NodePoll(address: "a")
        _ = poll.digest(
            [info("total_commands_processed:100\r\n")], to: [.info],
            circumstances(0, Traffic(commands: 5, bytesSent: 0, bytesReceived: 0)))
        let (node, _) = poll.digest(
            [info("total_commands_processed:130\r\n")], to: [.info],
            circumstances(2, Traffic(commands: 15, bytesSent: 40, bytesReceived: 60)))
        #expect(node.rates?.commands == 10)
        #expect(node.ownLoad == OwnLoad(commands: 5, bytes: 50))
    }

    /// A second probe that follows at once does not make hundreds a second of one event.
    @Test func ratesAreNotToldOverAnInstant() {
        var poll = NodePoll(address: "a")
        func evicted(_ total: Int, at time: Duration) -> NodeSnapshot {
            var circumstances = circumstances(0, Traffic(commands: total, bytesSent: 0, bytesReceived: 0))
            circumstances.elapsed = time
            return poll.digest([info("evicted_keys:\(total)\r\n")], to: [.info], circumstances).node
        }
        _ = evicted(0, at: .zero)
        #expect(evicted(10, at: .seconds(2)).rates?.evicted == 5)
        let soon = evicted(11, at: .seconds(2) + .milliseconds(3))
        #expect(soon.rates?.evicted == 5 && soon.ownLoad?.commands == 5 && soon.info?.stats.evictedKeys == 11)
        let later = evicted(14, at: .seconds(4))
        #expect(later.rates?.evicted == 2 && later.ownLoad?.commands == 2, "nothing is lost of what was in between")
    }

    @Test func firstPollAfterAFailureStartsFromAGap() {
        var poll = NodePoll(address: "a")
        _ = poll.digest([info("keyspace_hits:1\r\n")], to: [.info], circumstances(0))
        _ = poll.failed(Refusal(.hung))
        let (node, _) = poll.digest([info("keyspace_hits:1000\r\n")], to: [.info], circumstances(5))
        #expect(node.rates?.hits == nil)
    }

    @Test func slowlogIsReadWholeOnlyWhenItHasFallenBehind() {
        func count(_ known: NodePoll) -> String {
            var poll = known
            let command = poll.questions(without: DeniedCommands()).first { $0.question == .slowlog }?.command
            return String(decoding: command?.arguments.last ?? [], as: UTF8.self)
        }
        var poll = NodePoll(address: "a")
        #expect(count(poll) == "128")
        _ = poll.digest([slowlog([3, 2, 1])], to: [.slowlog], circumstances(0))
        #expect(count(poll) == "16")
        _ = poll.digest([slowlog(Array((10...25).reversed()))], to: [.slowlog], circumstances(1))
        #expect(count(poll) == "128")
    }

    @Test func loadingServerIsNotReachableButKeepsItsFigures() {
        var poll = NodePoll(address: "a")
        let (node, _) = poll.digest(
            [info("loading:1\r\nloading_loaded_perc:63.20\r\nloading_eta_seconds:12\r\n")], to: [.info],
            circumstances(0))
        #expect(node.refusal == Refusal(.loading, detail: "63.2 %, 12 s left"))
        #expect(node.info != nil)
        #expect(!node.reachable)
    }

    // MARK: what is not known

    private func digest(_ question: Question, _ reply: RESPValue) -> (node: NodeSnapshot, errors: [(Question, [UInt8])])
    {
        var poll = NodePoll(address: "a")
        return poll.digest(
            [info("used_memory:1\r\nconnected_clients:1\r\n"), reply], to: [.info, question], circumstances(0))
    }

    /// What is no slow log is not an empty one, and what counts no keys does not count none.
    @Test(arguments: [
        (Question.slowlog, RESPValue.status(Array("OK".utf8))), (.slowlog, .null), (.slowlog, .string([])),
        (.slowlog, .array([.integer(1)])), (.slowlog, .integer(0)), (.slowlogLength, .null),
        (.slowlogLength, .integer(-1)),
        (.size, .integer(-1)), (.size, .status(Array("OK".utf8))), (.size, .array([])), (.slowlogSettings, .integer(1)),
        (.commandStats, .null), (.commandStats, .string([])), (.commandStats, .string(Array("# Server\r\n".utf8))),
        (.whoAmI, .integer(1)), (.whoAmI, .null),
    ])
    func whatIsNotUnderstoodIsNoAnswer(question: Question, reply: RESPValue) {
        let (node, _) = digest(question, reply)
        #expect(node.slowlog == nil && node.keys == nil && node.slowlogLength == nil && node.commands == nil)
        #expect(node.why(question.name)?.words.isEmpty == false, "\(question)")
        #expect(node.refusal == nil && node.tellsItsHealth)
    }

    @Test func whatFailedThisTimeIsSaid() {
        let (node, errors) = digest(.size, .error(Array("BUSY Redis is busy running a script.".utf8)))
        #expect(node.why("DBSIZE") == Unanswered("DBSIZE", .failed, "BUSY Redis is busy running a script."))
        #expect(errors.count == 1)
    }

    /// An answer without a word in it is no sign of health.
    @Test(arguments: ["", "\r\n", "# Server\r\n# Memory\r\n", "nonsense", "<html>:no\r\n", "# Keyspace\r\n"])
    func infoThatTellsNothingIsNoHealth(text: String) {
        var poll = NodePoll(address: "a")
        let (node, _) = poll.digest([.string(Array(text.utf8))], to: [.info], circumstances(0))
        #expect(node.info == nil && node.refusal?.kind == .healthUntold && !node.reachable && !node.tellsItsHealth)
    }

    @Test func infoThatIsRefusedInOtherWordsIsARefusalOfItsOwn() {
        var poll = NodePoll(address: "a")
        let (node, _) = poll.digest(
            [.error(Array("ERR command is not allowed".utf8))], to: [.info], circumstances(0))
        #expect(node.refusal == Refusal(.commandRefused, detail: "ERR command is not allowed"))
        var denied = DeniedCommands()
        denied.note(.info, error: Array("ERR command is not allowed".utf8))
        let (second, _) = poll.digest([.integer(3)], to: [.size], circumstances(1), without: denied)
        #expect(
            second.refusal == Refusal(.commandRefused, detail: "INFO: ERR command is not allowed") && second.keys == 3)
    }

    @Test func fieldsThatAreLeftOutAreNamed() {
        var poll = NodePoll(address: "a")
        let (node, _) = poll.digest([info("")], to: [.info], circumstances(0))
        #expect(node.reachable && !node.tellsItsHealth)
        #expect(node.why("INFO")?.words == "it leaves out used_memory and connected_clients")
    }
}
