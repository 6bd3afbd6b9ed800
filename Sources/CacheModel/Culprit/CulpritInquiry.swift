internal import RedisValues

/// Asks the evidence of one alert, question by question: the first one that has an answer names the culprit, later ones
/// say who is behind it.
struct CulpritInquiry {
    let evidence: CulpritEvidence
    let now: Duration

    /// What is found out on the way.
    private struct Course {
        var named: Culprit?
        /// Only the largest of many.
        var largest: Culprit?
        /// Who has most of what is there, where nobody knows of what has come.
        var holder: Culprit?
        /// The question that has named somebody.
        var answered: Int?
        var amounts: [String: Double] = [:]
        var command: String?
        var group: Said?
        var notes: [String] = []
        /// Whether namespaces may be accused of memory.
        var asksForKeys = true
        /// Nothing has happened that somebody could be behind.
        var isOver = false

        mutating func note(_ words: String) { if !notes.contains(words) { notes.append(words) } }

        /// - Parameter amounts: of all that was compared, by names as its own is.
        mutating func take(_ culprit: Culprit, among amounts: [String: Double] = [:]) {
            // Whose keys they are is known: what writes them only goes with it.
            guard named == nil, holder == nil else { return }
            guard culprit.weight != .largest else { return largest = largest ?? culprit }
            (named, self.amounts) = (culprit, amounts)
        }
    }

    /// A client group as a companion.
    private struct Said {
        var node: NodeEvidence
        var name: String
    }

    func ask(_ questions: [CulpritQuestion]) -> CulpritFinding {
        var course = Course()
        for (index, question) in questions.enumerated() where !course.isOver {
            ask(question, &course)
            if course.named != nil { course.answered = course.answered ?? index }
        }
        var culprit = course.named ?? course.holder ?? course.largest
        if let companion = companion(course, beside: culprit) { culprit?.words += "; \(companion)" }
        if culprit?.kind == .slowQuery, let group = course.group { culprit?.say(askedBy: group.name) }
        return CulpritFinding(
            culprit: culprit, notes: course.notes, answered: course.answered, amounts: course.amounts)
    }

    private func ask(_ question: CulpritQuestion, _ course: inout Course) {
        switch question {
        case .component: askComponent(&course)
        case .growth(let measure): askGrowth(measure, &course)
        case .breaches: askBreaches(&course)
        case .shrinking: askShrinking(&course)
        case .misses: askMisses(&course)
        case .command(let kind): askCommand(kind, &course)
        case .group(let question): askGroup(question, &course)
        case .slowQuery: askSlowQuery(&course)
        case .events: askEvents(&course)
        case .fork: askFork(&course)
        case .settings:
            for node in evidence.nodes.values { node.settings.forEach { course.note($0) } }
        }
    }

    /// The node of which a figure says the most; of several nodes an alert of the deployment asks each.
    private func most<Answer>(_ answer: (NodeEvidence) -> (Answer, Double)?) -> (node: NodeEvidence, answer: Answer)? {
        let answers = evidence.nodes.sorted { $0.key < $1.key }.compactMap { entry in
            answer(entry.value).map { (entry.value, $0.0, $0.1) }
        }
        return answers.max { $0.2 < $1.2 }.map { ($0.0, $0.1) }
    }

    // MARK: memory

    private func askComponent(_ course: inout Course) {
        guard let (node, growth) = most({ node in node.memory.growth.map { ($0, $0.used) } }) else {
            // At the limit nothing grows: what grows takes others' place.
            course.isOver = !evidence.nodes.values.contains { $0.memory.isEvicting }
            return
        }
        let over = Self.time(growth.over)
        guard growth.datasetIsKnown else {
            course.asksForKeys = false
            return course.note("what the memory consists of: unknown")
        }
        guard growth.part(of: .dataset).low < 0.5 else { return }
        course.asksForKeys = false
        guard let leader = growth.rises.leader else { return }
        let part = growth.part(of: .clients)
        if leader.name == MemoryComponents.Component.clients.rawValue,
            let (rises, _) = node.groups.growth(of: \.unread), let group = rises.leader
        {
            let share = rises.part(of: group) * part
            let bytes = Self.bytes(group.amount.value)
            course.take(
                Culprit(
                    .clientGroup, group.name, share, rise: "+\(bytes)",
                    figure: "+\(bytes) of replies unread in \(over)", of: "the growth"))
            return
        }
        let bytes = Self.bytes(leader.amount.value)
        course.take(
            Culprit(
                .component, leader.name, growth.rises.part(of: leader), rise: "+\(bytes)",
                figure: "+\(bytes) in \(over)",
                of: "the growth"))
    }

    private func askGrowth(_ wished: KeyspaceLook.Measure, _ course: inout Course) {
        guard course.asksForKeys, course.named == nil else { return }
        let looks = evidence.looks
        guard let latest = looks.latest, let start = looks.start(by: wished), now - latest.at <= RateBins.baseline
        else {
            return course.note("growth of namespaces: unknown, it needs two looks at the keyspace")
        }
        var measure = wished
        var rises = latest.sureChanges(since: start, in: measure)
        if rises == nil, wished == .bytes {
            measure = .keys
            rises = latest.sureChanges(since: start, in: .keys)
        }
        guard let rises, let leader = rises.leader else {
            if wished == .bytes, latest.hasGrown(since: start) { course.note(latest.silence(since: start)) }
            return
        }
        course.take(
            self.namespace(leader, rises, measure, sign: "+", of: "growth", latest.at - start.at),
            // Keys and bytes are not compared with each other.
            among: measure == wished ? rises.amounts(named: DiscoveredPrefix.name) : [:])
    }

    /// Keys that break their contract by being there, whenever they have come.
    private func askBreaches(_ course: inout Course) {
        guard course.named == nil, let breaches = evidence.looks.latest?.breaches, let leader = breaches.leader else {
            return
        }
        let count = "\(Self.keys(leader.amount.value)) without a TTL"
        course.holder = Culprit(
            .namespace, leader.name, breaches.part(of: leader), rise: nil,
            figure: "\(count)\(Self.margin(leader.amount) { Format.shortCount($0.whole) })",
            of: "those where one is due")
    }

    private func askShrinking(_ course: inout Course) {
        guard course.named == nil else { return }
        guard let latest = evidence.looks.latest, let start = evidence.looks.start(by: .keys, sign: -1),
            let rises = latest.sureChanges(since: start, in: .keys, sign: -1)
        else { return course.note("which namespace shrank: unknown, it needs two looks at the keyspace") }
        guard let leader = rises.leader,
            leader.amount.low >= Self.leastLoss * (start.parts[leader.name]?.keys.value ?? 0)
        else { return }
        course.take(
            self.namespace(leader, rises, .keys, sign: "-", of: "loss", latest.at - start.at),
            among: rises.amounts(named: DiscoveredPrefix.name))
    }

    /// Of a namespace's keys, what is no loss.
    private static let leastLoss = 0.02

    private func namespace(
        _ leader: Rise, _ rises: Rises, _ measure: KeyspaceLook.Measure, sign: String, of what: String, _ over: Duration
    ) -> Culprit {
        func shown(_ amount: Double) -> String {
            switch measure {
            case .bytes: Self.bytes(amount)
            case .keys: Self.keys(amount)
            case .lasting: "\(Self.keys(amount)) without a TTL"
            }
        }
        let amount = leader.amount
        let margin = Self.margin(amount, measure == .bytes ? Self.bytes : { Format.shortCount($0.whole) })
        let isPrefix = evidence.looks.all.contains { $0.parts[leader.name]?.isNamespace == false }
        var culprit = Culprit(
            .namespace, DiscoveredPrefix.name(leader.name), rises.part(of: leader),
            rise: "\(sign)\(shown(amount.value))",
            figure: "\(sign)\(shown(amount.value))\(margin) in \(Self.time(over))", of: "the \(what)")
        culprit.prefix = isPrefix ? leader.name : nil
        return culprit
    }

    private func askMisses(_ course: inout Course) {
        let lines = evidence.counters.lines
        guard !lines.isEmpty else { return course.note("misses by namespace: unknown, no server counts them") }
        guard let leader = MissLeader(lines) else { return }
        let rise = "\(Format.rate(leader.misses)) misses/s"
        let ratio = leader.hitRatio.map { ", hit ratio \(Format.percent($0))" } ?? ""
        course.take(
            Culprit(
                .namespace, leader.namespace, Estimated(exactly: leader.part), rise: rise,
                figure: "\(rise)\(ratio), asked by \(leader.service)", of: "the misses that servers count"),
            among: leader.amounts)
    }

    // MARK: who asks

    private func askCommand(_ kind: CommandClass, _ course: inout Course) {
        let found = most { node -> (Rises, Double)? in
            guard let rises = node.commands.rises(kind, at: now) else { return nil }
            return (rises, rises.leader?.amount.value ?? 0)
        }
        guard let (node, rises) = found else { return course.note("which commands: unknown, there is no baseline yet") }
        guard let leader = rises.leader, leader.amount.low >= Self.leastWork else { return }
        let part = rises.part(of: leader)
        let name = CommandExcess.shown(leader.name)
        if Culprit.Weight(low: part.low) != .largest { course.command = leader.name }
        let rise = "+\(Format.duration(.microseconds(leader.amount.value))) a second"
        course.take(
            Culprit(.command, name, part, rise: rise, figure: rise, of: "what rose"),
            among: rises.amounts(named: CommandExcess.shown))
        guard course.group == nil, let command = leader.name.split(separator: " ").last,
            let group = node.groups.asking(for: String(command), at: now)
        else { return }
        course.group = Said(node: node, name: group)
    }

    /// Microseconds a second: less is nobody's fault.
    private static let leastWork = 20.0

    private func askGroup(_ question: CulpritQuestion.GroupQuestion, _ course: inout Course) {
        if let why = evidence.nodes.values.compactMap(\.clientsUntold).first {
            return course.note("clients: unknown, \(why)")
        }
        switch question {
        case .bytesIn: askTraffic(\.bytesIn, { "\(Format.byteRate($0)) in" }, &course)
        case .commands: askTraffic(\.commands, { "\(Format.rate($0)) commands/s" }, &course)
        case .newConnections: askGrowth(of: \.connections, "connections", &course)
        case .blocked: askGrowth(of: \.blocked, "blocked connections", &course)
        case .closedConnections: askClosing(&course)
        case .idle: askIdle(&course)
        }
    }

    private func askTraffic(
        _ traffic: KeyPath<GroupTraffic, RateBins>, _ words: (Double) -> String, _ course: inout Course
    ) {
        if evidence.nodes.values.contains(where: { $0.groups.isCounted == false }) {
            return course.note(Self.trafficUnknown)
        }
        let found = most { node -> (Rises, Double)? in
            guard let rises = node.groups[keyPath: traffic].rises(at: now), !rises.isEmpty else { return nil }
            return (Rises(rises), rises.map(\.amount.value).max() ?? 0)
        }
        guard let (node, rises) = found, let leader = rises.leader else { return }
        let part = rises.part(of: leader)
        if Culprit.Weight(low: part.low) != .largest { course.group = Said(node: node, name: leader.name) }
        let rise = "+\(words(leader.amount.value))"
        course.take(
            Culprit(.clientGroup, leader.name, part, rise: rise, figure: rise, of: "what rose"), among: rises.amounts())
    }

    static let trafficUnknown = "traffic per client unknown"

    private func askGrowth(of figure: KeyPath<GroupTraffic.Group, Int>, _ what: String, _ course: inout Course) {
        let found = most { node in
            node.groups.growth(of: { $0[keyPath: figure] }).map { ($0, $0.rises.leader?.amount.value ?? 0) }
        }
        guard let (node, (rises, over)) = found, let leader = rises.leader, leader.amount.value >= Self.leastConnections
        else { return }
        let part = rises.part(of: leader)
        if Culprit.Weight(low: part.low) != .largest { course.group = Said(node: node, name: leader.name) }
        let rise = "+\(Format.count(leader.amount.value.whole)) \(what)"
        course.take(
            Culprit(
                .clientGroup, leader.name, part, rise: rise, figure: "\(rise) in \(Self.time(over))", of: "the growth"),
            among: rises.amounts())
    }

    /// Fewer connections more are nobody's fault.
    private static let leastConnections = 3.0

    private func askIdle(_ course: inout Course) {
        guard course.named == nil else { return }
        let found = most { node in node.groups.present(\.idleLong).map { ($0, $0.leader?.amount.value ?? 0) } }
        guard let (node, idle) = found, let leader = idle.leader, leader.amount.value >= Self.leastConnections else {
            return
        }
        let part = Rises(idle.all, whole: node.groups.connections(of: leader.name).map { Double($0.all) }).part(
            of: leader)
        let count = Format.count(leader.amount.value.whole, "connection")
        course.take(
            Culprit(
                .clientGroup, leader.name, part, rise: count, figure: "\(count) idle over 10 min", of: "all connections"
            ))
    }

    private func askClosing(_ course: inout Course) {
        let found = most { node in node.groups.closing(at: now).map { ($0, Double($0.seen)) } }
        guard let (node, closing) = found, closing.part.low > 0 else { return }
        if Culprit.Weight(low: closing.part.low) != .largest { course.group = Said(node: node, name: closing.name) }
        let count = "\(Format.count(closing.seen)) closed"
        course.take(
            Culprit(
                .clientGroup, closing.name, closing.part, rise: count, figure: "\(count) in the last minute",
                of: "those that were seen"))
    }

    // MARK: what else

    private func askSlowQuery(_ course: inout Course) {
        let found = most { node -> (Rises, Double)? in
            node.slow.rises.map { ($0, $0.leader?.amount.value ?? 0) }
        }
        guard let (node, rises) = found, let leader = rises.leader else { return }
        let time = Format.duration(.limited(seconds: leader.amount.value))
        course.take(
            Culprit(
                .slowQuery, leader.name, rises.part(of: leader), rise: time, figure: "\(time) in the last minute",
                of: "the slow queries"), among: rises.amounts())
        if let client = node.slow.client(of: leader.name) { course.group = Said(node: node, name: client) }
    }

    private func askEvents(_ course: inout Course) {
        let found = most { node in node.events.rises(at: now).map { ($0, $0.leader?.amount.value ?? 0) } }
        guard let (_, rises) = found, let leader = rises.leader else { return }
        let rise = "+\(Format.rate(leader.amount.value))/s"
        course.take(
            Culprit(
                .events, leader.name, rises.part(of: leader), rise: rise,
                figure: "\(rise) over what is usual", of: "keys that went by themselves"), among: rises.amounts())
    }

    private func askFork(_ course: inout Course) {
        let found = most { node in node.fork.latest(at: now).map { ($0, $0 / .seconds(1)) } }
        guard let (_, time) = found, time >= Self.longFork else { return }
        let words = Format.duration(time)
        course.take(Culprit(.fork, "fork", nil, rise: words, figure: "the server stood still for \(words)", of: ""))
    }

    private static let longFork = Duration.milliseconds(500)

    // MARK: words

    /// `SET from checkout-api (3 of 41 connections)`: what has done it, where it is not the culprit itself.
    private func companion(_ course: Course, beside culprit: Culprit?) -> String? {
        guard let culprit else { return nil }
        var words: [String] = []
        if let command = course.command, culprit.kind != .command, culprit.kind != .slowQuery {
            words.append(CommandExcess.shown(command))
        }
        if let group = course.group, culprit.kind != .clientGroup {
            let counts = group.node.groups.connections(of: group.name).flatMap { $0.group > 0 ? $0 : nil }
            let count = counts.map { " (\(Format.count($0.group)) of \(Format.count($0.all, "connection")))" }
            words.append("from \(group.name)\(count ?? "")")
        }
        return words.isEmpty ? nil : words.joined(separator: " ")
    }

    private static func bytes(_ amount: Double) -> String { Format.bytes(ByteCount(amount.whole)) }

    private static func keys(_ amount: Double) -> String { Format.shortCount(amount.whole, "key") }

    private static func margin(_ amount: Estimated, _ words: (Double) -> String) -> String {
        amount.isExact ? "" : " ±\(words(amount.margin))"
    }

    private static func time(_ duration: Duration) -> String {
        duration < .seconds(90) ? Format.age(duration) : "\(((duration / .seconds(60)).rounded()).whole) min"
    }
}

extension KeyspaceLook {
    /// Whether there is more by the server's own account.
    func hasGrown(since before: KeyspaceLook) -> Bool {
        guard let account, let then = before.account else { return population > before.population }
        return account > then
    }

    /// Why no namespace is named though there is more: keys that are too few for the estimate, or few large ones.
    func silence(since before: KeyspaceLook) -> String {
        let (more, grown) = (population - before.population, (account ?? 0) - (before.account ?? 0))
        let mean = before.population > 0 ? (before.account ?? 0) / before.population : 0
        return grown > 3 * max(0, more) * mean && grown > 0
            ? "no namespace has grown as much as the dataset: few big keys; S finds them"
            : "the growth is too small for the estimate; s counts"
    }
}
