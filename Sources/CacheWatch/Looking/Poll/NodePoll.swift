internal import CacheCore
internal import CacheWire
internal import CacheModel

/// What one node is asked in each poll, and what its answers amount to: the memory between polls, without I/O.
struct NodePoll: Sendable {
    /// Everything that surrounds the answers of one poll.
    struct Circumstances {
        var elapsed: Duration
        /// The time here when the answers were there; nil where nobody compares clocks.
        var time: WallTime?
        var roundTrip: Duration
        /// Totals after the poll.
        var traffic: Traffic
        var warnings: [String]
        /// True where no password was sent.
        var anonymous: Bool
    }

    private struct Sample {
        var node: NodeSnapshot
        var elapsed: Duration
        var traffic: Traffic
        /// What we were denied and the server may not have counted when it told its figures.
        var denials = OwnDenials()
    }

    /// Every how many polls the slower questions are asked.
    static let slowCadence = 10

    /// Over less no rate is told: what has happened once would be hundreds a second.
    private static let leastSpan = Duration.milliseconds(100)

    private let address: String
    private let purpose: NodePurpose
    private var polls = 0
    private var previous: Sample?
    private var newestSlowlogID: Int?
    private var slowlogIsBehind = true
    private var settings: [String: String] = [:]
    private var user: String?
    private var server: ServerIdentity?
    private var counters = CounterCourse()
    /// True where what servers have counted is to be asked for besides, since it was just found to be there.
    private(set) var wantsCounters = false
    /// What servers have counted, as it was read last; empty where there is nothing of the kind, nil where nobody knows.
    var counted: CounterReading? { counters.reading }
    /// True where the latest answers were another process's than those before.
    private(set) var isOtherProcess = false

    init(address: String, purpose: NodePurpose = .data) {
        self.address = address
        self.purpose = purpose
    }

    /// The questions of the next poll, each with its command.
    ///
    /// - Parameter key: of the counters, where this node holds it; nil where another one does.
    mutating func questions(
        without denied: DeniedCommands, counters key: [UInt8]? = nil
    ) -> [(question: Question, command: Command)] {
        if purpose == .sentinel { return [(.info, Question.info.command)] }
        var questions: [Question] = [.info, .size, .slowlog, .slowlogLength]
        if polls % Self.slowCadence == 0 { questions += [.commandStats, .slowlogSettings] }
        if user == nil { questions.append(.whoAmI) }
        let commands = questions.filter { !denied.contains($0) }.map { ($0, command(for: $0)) }
        let asked = counters.asks(
            isSlow: polls % Self.slowCadence == 0, isMeasured: !denied.contains(.countersSize),
            isAllowed: key != nil && !denied.contains(.counters))
        guard let key else { return commands }
        return commands + (asked.size ? [(.countersSize, Question.countersSize(key))] : [])
            + (asked.hash ? [(.counters, Question.counters(key))] : [])
    }

    /// Looks anew whether there are counters, and whether they may be read.
    mutating func forgetCounters() { counters = CounterCourse() }

    /// Takes what was asked for besides.
    mutating func note(counters reply: RESPValue, into node: inout NodeSnapshot) {
        wantsCounters = false
        counters.note(hash: reply)
        noteObstacle(of: &node)
    }

    private func noteObstacle(of node: inout NodeSnapshot) {
        guard let words = counters.obstacle else { return }
        node.unanswered.append(Unanswered(Question.counters.name, .untold, words))
    }

    private func command(for question: Question) -> Command {
        guard question == .slowlog, !slowlogIsBehind else { return question.command }
        return Command("SLOWLOG", "GET", String(Question.slowlogGlance))
    }

    /// Turns one poll's answers into what was seen.
    ///
    /// - Parameters:
    ///   - replies: one for each of `asked`.
    ///   - denied: what was refused before, and not asked.
    /// - Returns: the snapshot, and the error replies that are to be remembered.
    mutating func digest(
        _ replies: [RESPValue], to asked: [Question], _ circumstances: Circumstances,
        without denied: DeniedCommands = DeniedCommands()
    ) -> (node: NodeSnapshot, errors: [(Question, [UInt8])]) {
        polls += 1
        wantsCounters = false
        // Read once: it is the longest of the answers.
        let info = zip(asked, replies).first { $0.0 == .info }.flatMap { try? Call.info.read($0.1) }
        noteServer(info)
        var node = blank
        node.info = info
        var errors: [(Question, [UInt8])] = []
        for (question, reply) in zip(asked, replies) {
            if question == .countersSize || question == .counters {
                take(counters: reply, for: question, beside: asked, &errors)
            } else if case .error(let words) = reply {
                errors.append((question, words))
                if question == .info { node.refusal = Refusal(reply: words) ?? Refusal(ofCommand: words) }
                let error = ErrorReply(words)
                if !error.isLasting { node.unanswered.append(Unanswered(question.name, .failed, error.words)) }
            } else {
                take(reply, for: question, into: &node)
            }
        }
        noteObstacle(of: &node)
        if let info = node.info, info.isBlank {
            node.info = nil
            node.refusal = Refusal(.healthUntold, detail: "its INFO holds no field that is known")
        }
        if node.info == nil, node.refusal == nil {
            // Denied before and not asked again, or answered with something that is no text.
            node.refusal =
                asked.contains(.info)
                ? Refusal(.notRedis, detail: "its answer to INFO is no text")
                : Refusal(denied.entry(Question.info.name) ?? Self.infoIsDenied)
        }
        node.settings = settings
        node.user = user
        // A certificate, too, may be what a user is known by.
        let isDefault = user.map { $0 == "default" } ?? true
        node.defaultUserOpen = circumstances.anonymous && isDefault && node.info != nil && purpose == .data
        node.warnings = circumstances.warnings
        node.answeredAt = circumstances.elapsed
        if let words = Self.clockWarning(node.info?.server.time, circumstances) { node.warnings.append(words) }
        finish(&node, circumstances, denied: errors.map(\.1))
        return (node, errors)
    }

    /// That a node does not hold the key, or has no time, is no error of anybody: it is asked again.
    private mutating func take(
        counters reply: RESPValue, for question: Question, beside asked: [Question],
        _ errors: inout [(Question, [UInt8])]
    ) {
        guard question == .counters else {
            wantsCounters = counters.note(size: reply, beside: asked.contains(.counters))
            return
        }
        if case .error(let words) = reply { errors.append((question, words)) }
        counters.note(hash: reply)
    }

    private static let infoIsDenied = DeniedCommand(command: Question.info.name, needs: Question.info.permission)

    /// What was learned of one process is forgotten when another one answers, before its first answers are read.
    private mutating func noteServer(_ info: ServerInfo?) {
        isOtherProcess = false
        guard let info else { return }
        let identity = ServerIdentity(info)
        if let server, identity.isOtherProcess(than: server) {
            (isOtherProcess, polls, user, settings) = (true, 0, nil, [:])
            counters = CounterCourse()
            (newestSlowlogID, slowlogIsBehind) = (nil, true)
        }
        server = identity
    }

    /// The node did not answer: the next success starts from a gap.
    ///
    /// - Parameter elapsed: when that was known.
    mutating func failed(_ refusal: Refusal, at elapsed: Duration? = nil) -> NodeSnapshot {
        previous = nil
        slowlogIsBehind = true
        counters.lost()
        var node = blank
        node.refusal = refusal
        node.answeredAt = elapsed
        return node
    }

    private var blank: NodeSnapshot {
        var node = NodeSnapshot(address: address)
        node.isSentinel = purpose == .sentinel
        return node
    }

    /// What is not understood is no answer.
    private mutating func take(_ reply: RESPValue, for question: Question, into node: inout NodeSnapshot) {
        do throws(RESPShapeError) {
            switch question {
            case .size: node.keys = try Call.size.read(reply)
            case .slowlog:
                let entries = try Call.slowlog(Question.slowlogPage).read(reply)
                node.slowlog = entries
                noteSlowlog(entries)
            case .slowlogLength: node.slowlogLength = try Call.slowlogLength.read(reply)
            case .slowlogSettings: settings = try Self.pairs(reply)
            case .commandStats:
                let stats = try Call.commandStats.read(reply)
                // The question itself is a command.
                guard !stats.isEmpty else {
                    node.unanswered.append(Unanswered(question.name, .untold, "it names no command"))
                    return
                }
                node.commands = stats
            case .whoAmI: user = try reply.text
            default: break
            }
        } catch {
            node.unanswered.append(Unanswered(question.name, .notUnderstood, error.description))
        }
    }

    /// A glance that does not reach back to the newest entry known has missed some: the next poll takes a whole page.
    private mutating func noteSlowlog(_ entries: [SlowlogEntry]) {
        let oldest = entries.map(\.id).min()
        if let newestSlowlogID, let oldest, entries.count >= Question.slowlogGlance {
            slowlogIsBehind = oldest > newestSlowlogID +| 1
        } else {
            slowlogIsBehind = false
        }
        newestSlowlogID = entries.map(\.id).max() ?? newestSlowlogID
    }

    private mutating func finish(_ node: inout NodeSnapshot, _ circumstances: Circumstances, denied: [[UInt8]]) {
        guard let info = node.info else { return }
        node.roundTrip = circumstances.roundTrip
        node.ownTraffic = Self.own(circumstances.traffic)
        if info.persistence.loading == true { node.refusal = Self.loading(info.persistence) }
        var denials = OwnDenials()
        if let previous {
            if circumstances.elapsed - previous.elapsed < Self.leastSpan, !isOtherProcess {
                (node.rates, node.ownLoad) = (previous.node.rates, previous.node.ownLoad)
                return
            }
            denials = compare(&node, with: previous, circumstances)
        } else {
            node.rates = .instantaneous(info)
        }
        // INFO stands in front of what was denied in this poll.
        denials.note(denied)
        previous = Sample(
            node: node, elapsed: circumstances.elapsed, traffic: circumstances.traffic, denials: denials)
    }

    private static func own(_ now: Traffic, since then: Traffic? = nil) -> OwnTraffic {
        func rise(_ figure: (Traffic) -> Int) -> Int { figure(now) -| (then.map(figure) ?? 0) }
        return OwnTraffic(
            commands: rise { $0.commands }, bytesIn: rise { $0.bytesSent }, bytesOut: rise { $0.bytesReceived },
            hits: rise { $0.hits }, misses: rise { $0.misses }, errors: rise { $0.errors })
    }

    /// - Returns: what was denied to us and is not among the errors of the server yet.
    private func compare(
        _ node: inout NodeSnapshot, with previous: Sample, _ circumstances: Circumstances
    ) -> OwnDenials {
        let over = circumstances.elapsed - previous.elapsed
        let seconds = over / .seconds(1)
        guard seconds > 0 else { return previous.denials }
        let own = Self.own(circumstances.traffic, since: previous.traffic)
        node.ownLoad = OwnLoad(
            commands: Double(own.commands) / seconds, bytes: Double(own.bytesIn +| own.bytesOut) / seconds)
        node.rates = .between(previous.node, node, over: over, own: own)
        var denials = previous.denials
        denials.add(circumstances.traffic.denials, since: previous.traffic.denials)
        // Our own questions that were denied are no intrusion.
        if var errors = node.rates?.errors {
            denials.takeOut(of: &errors, over: seconds)
            node.rates?.errors = errors
        }
        return denials
    }

    /// Where its clock and ours differ, what it says of times is not what a clock here says.
    private static func clockWarning(_ time: WallTime?, _ circumstances: Circumstances) -> String? {
        guard let time, let here = circumstances.time else { return nil }
        let ahead = time - here
        let distance = ahead < .zero ? .zero - ahead : ahead
        guard distance > max(clockTolerance, circumstances.roundTrip * 2) else { return nil }
        return "its clock is \(Format.age(distance)) \(ahead > .zero ? "ahead of" : "behind") this machine's"
    }

    private static let clockTolerance = Duration.seconds(10)

    private static func loading(_ persistence: ServerInfo.Persistence) -> Refusal {
        let progress = persistence.loadingPercent.map { Format.percent($0 / 100) }
        let rest = persistence.loadingETA.map { "\(Format.duration(.seconds($0))) left" }
        return Refusal(.loading, detail: [progress, rest].compactMap { $0 }.joined(separator: ", "))
    }

    /// More than is asked for.
    private static let mostSettings = 64

    private static func pairs(_ reply: RESPValue) throws(RESPShapeError) -> [String: String] {
        let items = try reply.array.prefix(2 * mostSettings)
        var pairs: [String: String] = [:]
        for index in stride(from: 0, to: items.count - 1, by: 2) {
            if let name = try? items[index].text, let value = try? items[index + 1].text { pairs[name] = value }
        }
        return pairs
    }
}
