import CacheModel
import Dashboard
import Reports
import TerminalUI

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Whole replies to every question that the program asks, damaged, and all that is made of them: polls, topology, looks
/// at the keys, alerts, every screen and every report.
///
/// The same seed does the same. Nobody may trap, and nothing that is shown may hold what a terminal obeys, or a number
/// that is none.
struct Replies {
    private var dice: Dice
    private let server: HonestServer
    private let damage: Damage
    private let wire: Wire
    private var seconds = 0

    /// - Parameter seed: chooses everything.
    init(seed: UInt64, server: HonestServer) {
        var dice = Dice(seed: seed)
        damage = Damage(rarity: dice.pick([3, 10, 40, 200]))
        wire = Wire(resp3: dice.once(in: 8) ? dice.pick([2, 30]) : nil)
        self.dice = dice
        self.server = server
    }

    mutating func run() {
        var engine = AlertEngine(immediate: dice.once(in: 2))
        var state = screen()
        var members = Members(dice.pick([.standalone, .standalone, .sentinel, .cluster]))
        for _ in 0..<3 {
            seconds += dice.pick([1, 1, 30, 400])
            var snapshot = poll(&members)
            if dice.once(in: 2) { snapshot.clients = clients() }
            if dice.once(in: 2) { snapshot.namespaces = dice.once(in: 2) ? estimate() : sweep() }
            let alerts = raised(by: &engine, snapshot)
            report(snapshot, alerts)
            show(snapshot, on: &state)
        }
        flush()
        lists()
    }

    // MARK: the wire

    /// The replies to commands as they come off a damaged wire; nil where the connection breaks.
    private mutating func arena(_ commands: [[[UInt8]]]) -> ReplyArena? {
        let replies = commands.map { damage.damaged(server.answer($0, &dice), &dice) }
        var bytes = replies.flatMap { wire.bytes($0, &dice) }
        if dice.once(in: 20), !bytes.isEmpty {
            for _ in 0..<dice.below(4) { bytes[dice.below(bytes.count)] = UInt8(dice.below(256)) }
        }
        let reader = RESPReader(limits: ReplyLimits(bytes: 4 << 20, elements: 1 << 16, held: 8 << 20))
        bytes.withUnsafeBytes { reader.feed($0) }
        do throws(CacheError) {
            guard try reader.advance(atMost: commands.count).replies == commands.count else { return nil }
            return reader.takeArena()
        } catch {
            Shown.check(error.description)
            return nil
        }
    }

    private mutating func replies(_ commands: [Command]) -> [RESPValue]? {
        guard let arena = arena(commands.map(\.arguments)) else { return nil }
        var position = 0
        return commands.map { _ in arena.value(at: &position) }
    }

    /// The commands of a flight, read as a server reads them.
    private mutating func replies(to flight: FlightBuffer) -> ReplyArena? {
        let reader = RESPReader()
        flight.bytes.withUnsafeBytes { reader.feed($0) }
        var commands: [[[UInt8]]] = []
        while let command = try? reader.next() {
            commands.append(((try? command.array) ?? []).map { (try? $0.bytes) ?? [] })
        }
        precondition(commands.count == flight.commands)
        return arena(commands)
    }

    // MARK: polls

    private struct Members {
        let kind: DeploymentKind
        var polls: [String: NodePoll] = [:]
        var sentinels = SentinelState(service: "mymaster", sentinels: ["10.0.0.4:26379"])

        init(_ kind: DeploymentKind) { self.kind = kind }
    }

    private mutating func poll(_ members: inout Members) -> Snapshot {
        var names = ["cache-1:6379"]
        var topology = Topology()
        switch members.kind {
        case .standalone: break
        case .sentinel:
            for name in members.sentinels.sentinels { members.sentinels.record([name: sentinel()]) }
            topology.sentinel = members.sentinels.topology
            names = [members.sentinels.primary].compactMap { $0 } + members.sentinels.replicas.prefix(4) + names
        case .cluster:
            topology.cluster = cluster()
            let map = topology.cluster
            let members: [ClusterMap.Node] = (map?.primaries ?? []) + (map?.replicas ?? [])
            names = Array(members.map(\.address).prefix(6)) + names
            layouts()
        }
        var nodes = Set(names).sorted().map { poll($0, &members, isSentinel: false) }
        if members.kind == .sentinel {
            nodes += members.sentinels.sentinels.prefix(3).map { poll($0, &members, isSentinel: true) }
        }
        var snapshot = Snapshot(
            takenAt: WallTime(milliseconds: 1_795_357_927_412 + Int64(seconds) * 1000),
            elapsed: .seconds(3600 + seconds),
            target: "redis://cache-1:6379/0", deployment: members.kind, nodes: nodes)
        if members.kind != .standalone { snapshot.topology = topology }
        if let map = topology.cluster {
            let primaries = Set(map.primaries.map(\.address))
            snapshot.sum = .sum(of: nodes.filter { primaries.contains($0.address) }, address: "all primaries")
        }
        return snapshot
    }

    private mutating func poll(_ name: String, _ members: inout Members, isSentinel: Bool) -> NodeSnapshot {
        var poll = members.polls[name] ?? NodePoll(address: name, purpose: isSentinel ? .sentinel : .data)
        defer { members.polls[name] = poll }
        let asked = poll.questions(without: DeniedCommands())
        guard let replies = replies(asked.map(\.command)) else { return poll.failed(Refusal(.protocolError)) }
        let circumstances = NodePoll.Circumstances(
            elapsed: .seconds(3600 + seconds), roundTrip: .milliseconds(dice.below(9)), traffic: Traffic(),
            warnings: [], anonymous: dice.once(in: 2))
        let (digested, errors) = poll.digest(replies, to: asked.map(\.question), circumstances)
        var node = digested
        var denied = DeniedCommands()
        for (question, words) in errors { denied.note(question, error: words) }
        node.denied = denied.list
        return node
    }

    private mutating func clients() -> ClientLook {
        var look = ClientLook(
            takenAt: WallTime(milliseconds: 1_795_357_927_412 + Int64(seconds) * 1000),
            elapsed: .seconds(3600 + seconds))
        for name in ["cache-1:6379", "10.0.0.1:7001"] {
            guard let reply = replies([Question.clientList.command])?.first else { continue }
            if let list = try? Call.clientList.read(reply) {
                (look.entries[name], look.leftOut) = (list.entries, look.leftOut +| list.leftOut)
            } else {
                look.refused[name] = reply.cacheError?.refusal ?? Refusal(.protocolError)
            }
        }
        for grouping in ClientGrouping.allCases {
            Shown.check(ClientsReport.text(ClientMemory(look), by: grouping, all: true))
        }
        return look
    }

    private mutating func sentinel() -> SentinelAnswer {
        let names = ["MASTER", "REPLICAS", "SENTINELS", "CKQUORUM", "GET-MASTER-ADDR-BY-NAME"]
        guard let replies = replies(names.map { Command("SENTINEL", $0, "mymaster") }) else {
            return SentinelAnswer(refusal: Refusal(.closed))
        }
        do throws(RESPShapeError) { return SentinelAnswer(view: try SentinelView(replies)) } catch {
            return SentinelAnswer(refusal: Refusal(.notRedis, detail: error.description))
        }
    }

    private mutating func cluster() -> ClusterMap? {
        let shards = dice.once(in: 2)
        guard let replies = replies([Command("CLUSTER", shards ? "SHARDS" : "SLOTS"), Command("CLUSTER", "INFO")])
        else {
            return nil
        }
        do throws(RESPShapeError) {
            var map =
                shards
                ? try ClusterMap(shards: replies[0], host: "10.0.0.1", usesTLS: dice.once(in: 2))
                : try ClusterMap(slots: replies[0], host: "10.0.0.1")
            if let text = try? replies[1].bytes { map.apply(info: text) }
            for slot in stride(from: 0, to: KeySlot.count, by: 997) { _ = map.owner(of: slot) }
            return map
        } catch {
            Shown.check(error.description)
            return nil
        }
    }

    private mutating func layouts() {
        var layouts = [SlotLayout(), SlotLayout()]
        for index in layouts.indices {
            for node in ["a", "b"] {
                let reply = replies([Command("CLUSTER", "NODES")])?.first
                if let text = try? reply?.bytes { layouts[index].record(nodes: text, of: node) }
            }
        }
        let touched = layouts[1].touched(since: layouts[0])
        _ = layouts[1].steps(for: touched, since: layouts[0])
        _ = layouts[1].escaped(among: touched, since: layouts[0])
    }

    // MARK: keys

    private var circumstances: NamespaceReport.Circumstances {
        NamespaceReport.Circumstances(
            takenAt: WallTime(milliseconds: 1_795_357_927_412 + Int64(seconds) * 1000),
            elapsed: .seconds(3600 + seconds),
            took: .seconds(1))
    }

    private mutating func estimate() -> NamespaceReport? {
        let opening = replies([Command("DBSIZE"), Command("INFO"), Command("INFO", "commandstats")]) ?? []
        let keys = (try? opening.first?.count).map { min(LiveKeys.most, $0) }
        var node = NodeSnapshot(address: "a")
        if opening.count == 3, let text = try? opening[1].bytes { node.info = InfoParser.parse(text) }
        node.keys = keys
        var circumstances = circumstances
        circumstances.budget = node.sizeBudget
        var tally = KeyspaceTally(classifier: KeyClassifier())
        guard let names = arena((0..<40).map { _ in [Array("RANDOMKEY".utf8)] }) else { return nil }
        var flight = FlightBuffer()
        var drawn: [(key: [UInt8], namespace: Int)] = []
        for case .string(let range) in names.nodes {
            let key = Array(names.bytes[range])
            drawn.append((key, tally.count(key.span)))
        }
        for (key, _) in drawn { flight.ask(KeyQuestions(), of: key[...]) }
        if !flight.isEmpty, let facts = replies(to: flight) {
            var (answers, position) = (KeyAnswers(), 0)
            for (key, namespace) in drawn {
                if let known = answers.facts(KeyQuestions(), in: facts, at: &position) {
                    tally.note(known, key: key.span, namespace: namespace)
                }
            }
        }
        if opening.count == 3, let text = try? opening[2].bytes {
            let own = ["randomkey": 40, "type": 40, "memory|usage": 40]
            circumstances.receipt.serverTime = Receipt.serverTime(
                before: [:], after: InfoParser.commandStats(text), own: own)
        }
        return .estimate(tally, keys: keys ?? 0, circumstances)
    }

    private mutating func sweep() -> NamespaceReport? {
        let full = dice.once(in: 2)
        let expected = Int(clamping: dice.pick(Damage.numbers))
        var engine: any SweepEngine =
            dice.once(in: 2)
            ? PipelinedEngine(
                classifier: KeyClassifier(), full: full, questions: KeyQuestions(), expected: max(0, expected),
                parts: dice.pick([1, SlotParts.count]))
            : ScriptEngine(
                classifier: KeyClassifier(), full: full, questions: KeyQuestions(), expected: max(0, expected),
                digest: [1])
        var bound = ScanBound(keys: expected)
        var governor = ScanGovernor(pace: dice.pick([.gentle, .fast]), roundTrip: .microseconds(dice.below(2000)))
        var cursor: [UInt8]? = [UInt8(ascii: "0")]
        var isWhole = false
        for _ in 0..<8 {
            guard let flight = engine.flight(from: cursor, count: governor.count) else {
                isWhole = true
                break
            }
            engine.digest()
            guard let replies = replies(to: flight) else { break }
            let next: [UInt8]?
            do throws(CacheError) { next = try engine.receive(replies) } catch {
                Shown.check(error.description)
                break
            }
            let cost = dice.pick([Duration.zero, .microseconds(3), .seconds(1 << 40)])
            governor.note(ScanGovernor.Cost(keys: engine.batch, wall: cost, held: cost, server: cost))
            cursor = next
            if let next, bound.note(next, places: 10, found: engine.batch, at: .now) != nil { break }
        }
        engine.digest()
        return .sweep(engine.tally, full: full, complete: isWhole, expected: max(0, expected), circumstances)
    }

    private mutating func page() -> KeyPage {
        var page = KeyPage()
        page.total = try? replies([Command("DBSIZE")])?.first?.count
        var scan = MatchingScan(.pattern("*"), within: ScanBound(keys: page.total))
        var flight = FlightBuffer()
        scan.append(to: &flight, count: 100)
        if let arena = replies(to: flight) {
            var position = 0
            do throws(CacheError) {
                page.rows = try scan.receive(arena, at: &position).map { KeyRow(name: $0) }
            } catch { page.refusal = error.refusal }
        }
        page.cursor = scan.position
        page.examined = page.total ?? scan.examined
        var questions = FlightBuffer()
        for row in page.rows { questions.ask(KeyQuestions(), of: row.name[...]) }
        if !questions.isEmpty, let facts = replies(to: questions) {
            var (answers, position) = (KeyAnswers(), 0)
            for index in page.rows.indices {
                page.rows[index].facts = answers.facts(KeyQuestions(), in: facts, at: &position)
            }
        }
        return page
    }

    private mutating func inspection(of key: [UInt8], from cursor: KeyCursor) -> KeyInspection? {
        let words: [[String]] = [
            ["TYPE"], ["PTTL"], ["MEMORY", "USAGE"], ["OBJECT", "ENCODING"], ["OBJECT", "IDLETIME"],
            ["OBJECT", "FREQ"],
        ]
        let commands = words.map { words -> Command in
            var arguments: [[UInt8]] = words.map { Array($0.utf8) }
            arguments.append(key)
            return Command(arguments)
        }
        guard let answers = replies(commands),
            var inspection = try? KeyBrowser.inspection(of: key, answers), let type = inspection.type, type != .module
        else { return nil }
        var page = KeyPageReader(key: key, type: type, cursor: cursor, limit: KeyBrowser.elementPage)
        inspection.length = try? replies([page.lengthCommand])?.first?.count
        inspection.note = page.fit(inspection, pageBytes: 1 << 20, largest: 8 << 20)
        if let reply = replies([page.command])?.first,
            let content = try? page.read(reply, length: inspection.length, shown: 4096)
        {
            inspection.content = content
        }
        let groups = ["GROUPS", "CONSUMERS"].map { Command([Array("XINFO".utf8), Array($0.utf8), key]) }
        if type == .stream, let answers = replies(groups) {
            inspection.groups = StreamReaders.groups(answers[0])
            if case .known(var found, let all)? = inspection.groups, !found.isEmpty {
                StreamReaders.take(answers[1], &found[0])
                inspection.groups = .known(found, all: all)
            }
        }
        return inspection
    }

    /// A flush of what comes, which believes nothing.
    private mutating func flush() {
        guard let text = try? replies([Command("INFO")])?.first?.bytes,
            let planned = try? NodeGuard.identity(InfoParser.parse(text), address: "a")
        else { return }
        var course = FlushCourse(
            .namespace(0, KeyClassifier()), journals: !dice.once(in: 4), planned: planned,
            limits: FlushCourse.Limits(pace: .fast, isCluster: dice.once(in: 3)), measures: !dice.once(in: 4),
            compares: !dice.once(in: 4), expected: Int(clamping: dice.pick(Damage.numbers)))
        for _ in 0..<12 {
            guard let flight = course.flight(count: 100) else {
                guard (try? course.digest()) != nil, !course.isDone else { return }
                course.journalled(in: 1)
                continue
            }
            guard let replies = replies(to: flight) else { return }
            do throws(CacheError) {
                try course.receive(replies, at: WallTime(seconds: 1_795_357_927))
                _ = try course.digest()
            } catch { return Shown.check(error.description) }
            course.journalled(in: 1)
        }
    }

    private mutating func lists() {
        let page = page()
        Shown.check(KeysReport.text(page.rows))
        Shown.checkJSON(KeysReport.json(page.rows, scope: .pattern("*"), isWhole: page.cursor == nil))
        let cursors: [KeyCursor] = [
            .start, .position(Int(clamping: max(0, dice.pick(Damage.numbers) / 2))),
            .matching(Array("*a*".utf8), from: Array("0".utf8)),
        ]
        for cursor in cursors {
            guard let inspection = inspection(of: dice.pick(HonestServer.keys), from: cursor) else { continue }
            Shown.check(InspectionReport.text(inspection), besides: ["\t"])
            Shown.checkJSON(InspectionReport.json(inspection))
        }
        var list = RevokedList()
        for (index, key) in HonestServer.keys.enumerated() {
            guard let replies = replies([Command([Array("GETRANGE".utf8), key]), Command([Array("PTTL".utf8), key])])
            else { continue }
            let value = (try? replies[0].bytes) ?? []
            let lifetime = (try? replies[1].integer).flatMap { $0 < 0 ? nil : Duration.milliseconds($0) }
            list.tokens.append(
                ListedToken(token: RevokedToken(value: value, id: "\(index)"), layout: .deployed, lifetime: lifetime))
            if let cutOff = CutOff(user: "17", value: value) {
                list.cutOffs.append(ListedCutOff(cutOff: cutOff, lifetime: lifetime))
            }
            _ = RevocationLedger.standing(replies[0], since: WallTime(seconds: 1))
            _ = ComparedRemoval.verdicts(value)
            if let left = try? replies[1].integer {
                _ = LifetimeUndo.look(left, given: dice.pick(Damage.numbers), serverTime: dice.pick(Damage.numbers))
            }
        }
        list.sort()
        Shown.check(RevokedReport.text(list))
        Shown.checkJSON(RevokedReport.json(list))
    }

    // MARK: what is shown

    private func raised(by engine: inout AlertEngine, _ snapshot: Snapshot) -> [Alert] {
        _ = engine.evaluate(snapshot)
        return engine.raised
    }

    private func report(_ snapshot: Snapshot, _ alerts: [Alert]) {
        Shown.check(TextReport.render(snapshot, alerts: alerts))
        Shown.checkJSON(JSONReport.render(snapshot, alerts: alerts))
        Shown.checkMetrics(PrometheusReport.render(snapshot, alerts: alerts))
    }

    private mutating func screen() -> DashboardState {
        var state = DashboardState(
            options: DashboardOptions(
                target: "redis://cache-1:6379/0", themes: ["dark"], charset: dice.once(in: 4) ? .ascii : .unicode,
                estimateEvery: .seconds(60)),
            interval: .seconds(1), theme: "dark", now: WallTime(milliseconds: 1_795_357_927_412))
        let sizes = [
            Size(columns: 120, rows: 36), Size(columns: 80, rows: 24), Size(columns: 40, rows: 10),
            Size(columns: 200, rows: 60),
        ]
        _ = state.update(.terminal(.resize(dice.pick(sizes))))
        return state
    }

    private static let presses: [Key] = {
        let special: [Key] = [.enter, .escape, .tab, .up, .down, .pageDown, .end]
        return special + "12345678jkovpebtndFm[]+-/T?".map { Key.character($0) }
    }()

    private mutating func show(_ snapshot: Snapshot, on state: inout DashboardState) {
        answer(state.update(.snapshotArrived(snapshot)), on: &state)
        for _ in 0..<6 {
            answer(state.update(.terminal(.key(dice.pick(Self.presses)))), on: &state)
            let frame = state.render()
            for cell in frame.cells where cell.glyph != Cell.continuation { Shown.check(cell.glyph) }
            if dice.once(in: 10) { Shown.check(SVGReport.render(frame, theme: .fallback), besides: ["\u{a0}"]) }
        }
    }

    /// Does what the dashboard asks for, once.
    private mutating func answer(_ effects: [Effect], on state: inout DashboardState) {
        for effect in effects {
            switch effect {
            case .browse(_, _, _, _, let ticket): _ = state.update(.keys(.page(page(), ticket: ticket)))
            case .inspect(let key, let cursor, let ticket):
                if let inspection = inspection(of: key, from: cursor) {
                    _ = state.update(.keys(.inspected(inspection, ticket: ticket)))
                }
            case .estimate: if let report = estimate() { _ = state.update(.namespaces(.estimated(report))) }
            case .sweep: if let report = sweep() { _ = state.update(.namespaces(.swept(report))) }
            default: break
            }
        }
    }
}
