internal import CacheCore
internal import CacheWire
internal import CacheModel

/// What one node is asked in each poll, and what its answers amount to: the memory between polls, without I/O.
struct NodePoll: Sendable {
    /// Everything that surrounds the answers of one poll.
    struct Circumstances {
        var elapsed: Duration
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
        /// Error replies that the server counted on our account since the sample before.
        var deniedReplies = 0
    }

    /// Every how many polls the slower questions are asked.
    static let slowCadence = 10

    private let address: String
    private let purpose: NodePurpose
    private var polls = 0
    private var previous: Sample?
    private var newestSlowlogID: Int?
    private var slowlogIsBehind = true
    private var settings: [String: String] = [:]
    private var user: String?
    private var deniedReplies = 0
    private var server: ServerIdentity?
    /// True where the latest answers were another process's than those before.
    private(set) var isOtherProcess = false

    init(address: String, purpose: NodePurpose = .data) {
        self.address = address
        self.purpose = purpose
    }

    /// The questions of the next poll, each with its command.
    func questions(without denied: DeniedCommands) -> [(question: Question, command: Command)] {
        if purpose == .sentinel { return [(.info, Question.info.command)] }
        var questions: [Question] = [.info, .size, .slowlog, .slowlogLength]
        if polls % Self.slowCadence == 0 { questions += [.commandStats, .slowlogSettings] }
        if user == nil { questions.append(.whoAmI) }
        return questions.filter { !denied.contains($0) }.map { ($0, command(for: $0)) }
    }

    private func command(for question: Question) -> Command {
        guard question == .slowlog, !slowlogIsBehind else { return question.command }
        return Command("SLOWLOG", "GET", String(Question.slowlogGlance))
    }

    /// Turns one poll's answers into what was seen.
    ///
    /// - Parameter replies: one for each of `asked`.
    /// - Returns: the snapshot, and the error replies that are to be remembered.
    mutating func digest(
        _ replies: [RESPValue], to asked: [Question], _ circumstances: Circumstances
    ) -> (node: NodeSnapshot, errors: [(Question, [UInt8])]) {
        polls += 1
        // Read once: it is the longest of the answers.
        let info = zip(asked, replies).first { $0.0 == .info }.flatMap { try? Call.info.read($0.1) }
        noteServer(info)
        var node = blank
        node.info = info
        var errors: [(Question, [UInt8])] = []
        for (question, reply) in zip(asked, replies) {
            if case .error(let words) = reply {
                errors.append((question, words))
                if question == .info {
                    node.refusal = Refusal(reply: words) ?? Refusal(.commandFailed, detail: Printable.escape(words))
                }
            } else {
                take(reply, for: question, into: &node)
            }
        }
        if node.info == nil, node.refusal == nil {
            // Denied before and not asked again, or answered with something that is no text.
            node.refusal =
                asked.contains(.info)
                ? Refusal(.notRedis, detail: "its answer to INFO is no text")
                : Refusal(.noPermission, detail: "INFO needs \(Question.info.permission)")
        }
        node.settings = settings
        node.user = user
        node.defaultUserOpen = circumstances.anonymous && node.info != nil && purpose == .data
        node.warnings = circumstances.warnings
        finish(&node, circumstances, ownErrors: errors.count)
        return (node, errors)
    }

    /// What was learned of one process is forgotten when another one answers, before its first answers are read.
    private mutating func noteServer(_ info: ServerInfo?) {
        isOtherProcess = false
        guard let info else { return }
        let identity = ServerIdentity(info)
        if let server, identity.isOtherProcess(than: server) {
            (isOtherProcess, polls, user, settings) = (true, 0, nil, [:])
            (newestSlowlogID, slowlogIsBehind) = (nil, true)
        }
        server = identity
    }

    /// The node did not answer: the next success starts from a gap.
    mutating func failed(_ refusal: Refusal) -> NodeSnapshot {
        previous = nil
        slowlogIsBehind = true
        var node = blank
        node.refusal = refusal
        return node
    }

    private var blank: NodeSnapshot {
        var node = NodeSnapshot(address: address)
        node.isSentinel = purpose == .sentinel
        return node
    }

    private mutating func take(_ reply: RESPValue, for question: Question, into node: inout NodeSnapshot) {
        switch question {
        case .size: node.keys = try? Call.size.read(reply)
        case .slowlog:
            node.slowlog = try? Call.slowlog(Question.slowlogPage).read(reply)
            noteSlowlog(node.slowlog ?? [])
        case .slowlogLength: node.slowlogLength = try? Call.slowlogLength.read(reply)
        case .slowlogSettings: settings = Self.pairs(reply)
        case .commandStats: node.commands = try? Call.commandStats.read(reply)
        case .whoAmI: user = try? reply.text
        default: break
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

    private mutating func finish(_ node: inout NodeSnapshot, _ circumstances: Circumstances, ownErrors: Int) {
        guard let info = node.info else { return }
        node.roundTrip = circumstances.roundTrip
        if info.persistence.loading == true { node.refusal = Self.loading(info.persistence) }
        if let previous {
            compare(&node, with: previous, circumstances)
        } else {
            node.rates = .instantaneous(info)
        }
        previous = Sample(
            node: node, elapsed: circumstances.elapsed, traffic: circumstances.traffic, deniedReplies: ownErrors)
    }

    private func compare(_ node: inout NodeSnapshot, with previous: Sample, _ circumstances: Circumstances) {
        let over = circumstances.elapsed - previous.elapsed
        let seconds = over / .seconds(1)
        guard seconds > 0 else { return }
        let (now, then) = (circumstances.traffic, previous.traffic)
        let own = OwnTraffic(
            commands: now.commands -| then.commands, bytesIn: now.bytesSent -| then.bytesSent,
            bytesOut: now.bytesReceived -| then.bytesReceived, hits: now.hits -| then.hits,
            misses: now.misses -| then.misses)
        node.ownLoad = OwnLoad(
            commands: Double(own.commands) / seconds, bytes: Double(own.bytesIn +| own.bytesOut) / seconds)
        node.rates = .between(previous.node, node, over: over, own: own)
        // Our own questions that were denied last time are no intrusion.
        if previous.deniedReplies > 0, let rate = node.rates?.errors["NOPERM"] {
            node.rates?.errors["NOPERM"] = max(0, rate - Double(previous.deniedReplies) / seconds)
        }
    }

    private static func loading(_ persistence: ServerInfo.Persistence) -> Refusal {
        let progress = persistence.loadingPercent.map { Format.percent($0 / 100) }
        let rest = persistence.loadingETA.map { "\(Format.duration(.seconds($0))) left" }
        return Refusal(.loading, detail: [progress, rest].compactMap { $0 }.joined(separator: ", "))
    }

    /// More than is asked for.
    private static let mostSettings = 64

    private static func pairs(_ reply: RESPValue) -> [String: String] {
        guard let items = try? reply.array.prefix(2 * mostSettings) else { return [:] }
        var pairs: [String: String] = [:]
        for index in stride(from: 0, to: items.count - 1, by: 2) {
            if let name = try? items[index].text, let value = try? items[index + 1].text { pairs[name] = value }
        }
        return pairs
    }
}
