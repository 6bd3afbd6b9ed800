public import CacheModel
internal import TerminalUI

/// Where a list stands.
struct ListState: Equatable, Sendable {
    var selection = 0
    var offset = 0
}

/// Everything the dashboard knows and shows: a value that actions change and that is drawn from.
public struct DashboardState: Sendable {
    enum Link: Equatable { case connecting, up, retrying(at: Duration, attempt: Int) }

    enum Dialog {
        case help(offset: Int)
        case themes(selection: Int, before: String)
        case command(TextField)
        case filter(TextField, before: String)
        case detail(Opened, offset: Int)
        case operation(any OperationDialog)
    }

    /// A line of a list, in full.
    enum Opened: Equatable { case slowQuery(SlowlogRow), alert(Alert) }

    struct Message: Equatable {
        static let lasts = Duration.seconds(5)
        /// Of what is read at a glance.
        static let briefly = Duration.seconds(2)

        var text: String
        var role: Role
        var until: Duration
        /// Of the act whose result it tells.
        var ticket: Ticket?
        /// Whether it was on the screen: the time of a result begins with that.
        var isShown = false

        func isOver(at now: Duration) -> Bool { until < now && !isUntold }
        /// A result that nobody has seen.
        var isUntold: Bool { ticket != nil && !isShown }
    }

    /// What a node last said, for as long as it says nothing more.
    struct Known: Sendable {
        var node: NodeSnapshot
        var takenAt: WallTime
        var elapsed: Duration
    }

    /// What is drawn while paused.
    struct Held: Sendable {
        var snapshot: Snapshot
        var slowlog: SlowlogStore
        var newSlowQueries: Int
        var commands: CommandRates
        var namespaces: NamespaceBoard
        var clients: ClientBoard
        @Boxed var twin: TwinBoard?
        /// The node that was chosen then, also where it has left since.
        var chosenNode: String?
    }

    /// The last change that went through, and what takes it back.
    struct LastChange: Equatable {
        /// Such as `flush session`.
        var name: String
        /// nil where it wrote none.
        var journal: String?
        /// Where what it has removed would be, where nobody knows whether it was done; may be empty.
        var doubt: String?
    }

    /// Characters that open a field to type in, on a screen without a dialog.
    public static var fieldOpeners: Set<Unicode.Scalar> { Keymap.openers }

    static let spans: [Duration] = [.seconds(60), .seconds(300), .seconds(900), .seconds(3600)]
    static let intervals: [Duration] = [200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000].map { .milliseconds($0) }

    /// Each panel that is drawn has the state: what is large in it is boxed.
    @Boxed var options: DashboardOptions
    var size = Size(columns: 80, rows: 24)
    var screen = Screen.overview
    var now: WallTime
    var elapsed = Duration.zero
    /// How long this program runs, also where ``elapsed`` is a recording's.
    var uptime = Duration.zero
    /// Where it is recorded, and why nothing is written now; nil while nobody records.
    var recording: (path: String, pause: String?)?
    /// Where a recording stands; nil before it has begun, and where there is none.
    var replay: ReplayPlace?
    /// What the figures are compared with; nil for nothing.
    var twin: TwinBoard?
    /// What to compare with as soon as something is shown.
    var wishedTwin: String?
    var interval: Duration
    var spanIndex = 1
    var theme: String
    /// The one to go back to when ``theme`` cannot be used.
    var themeBefore: String
    var link = Link.connecting
    @Boxed var latest: Snapshot? { didSet { drop(.nodes) } }
    @Boxed var held: Held? { didSet { screenLines = nil } }
    var known: [String: Known] = [:] { didSet { drop(.nodes) } }
    var histories: [String: History] = [:]
    @Boxed var alerts: AlertBook { didSet { drop(.alerts) } }
    var slowlog = SlowlogStore() { didSet { if slowlog.version != slowlogVersion { drop(.slowlog) } } }
    var commands = CommandRates() { didSet { drop(.commands) } }
    @Boxed var namespaces = NamespaceBoard() { didSet { drop(.namespaces) } }
    @Boxed var clients = ClientBoard() { didSet { drop(.clients) } }
    @Boxed var keys: KeyBoard
    /// Why the server or its user allows no change; nil where it does, or before it was asked.
    var denial: String?
    /// Of which servers it was asked.
    var askedAccess = AskedAccess()
    var lastChange: LastChange?
    /// The journal that was last written, by whichever change.
    var lastJournal: String?
    /// The servers that are shown; nil before one has answered.
    var place: Place?
    /// The number of the last ticket.
    var lastTicket = 0
    /// Dialogs whose acts go on behind the screens, in the order in which they were left.
    var background: [any OperationDialog] = []
    /// What the dialog says that was on no screen yet.
    var unread = Unread.nothing

    /// A plan is not confirmed before it was drawn; for a receipt that has come to the front no key is meant.
    enum Unread: Sendable { case nothing, plan, receipt }
    /// What was sent and is not answered.
    var underWay: [Ticket: Act] = [:]
    /// The last question whether anything may be changed: answers to older ones say nothing.
    var accessTicket: Ticket?
    /// What was last said about the server's state to a sweep.
    var isStrained = false
    /// The command that was last copied: the next time it is another one of the alert's.
    var copiedCommand: String?
    /// Since when no server answers; nil while one does.
    var failingSince: WallTime?
    /// The node that was chosen on screen 7; nil shows the primary, whichever it is.
    var chosenNode: String? { didSet { screenLines = nil } }
    var lists: [Screen: ListState] = [:]
    var cursors: [Screen: Cursor] = [:]
    /// Where Enter led from, the last one last: Esc goes back the same way.
    var trail: [Waypoint] = []
    var filters: [Screen: String] = [:] {
        didSet {
            screenLines = nil
            // A pattern is the server's to understand.
            let text = filters[.keys] ?? ""
            keys.filter(by: Glob.isGlob(text) ? "" : text)
        }
    }
    var sortsByDuration = false { didSet { drop(.slowlog) } }
    var reversesSlowlog = false { didSet { drop(.slowlog) } }
    var commandOrder = CommandOrder.share { didSet { drop(.commands) } }
    var reversesCommands = false { didSet { drop(.commands) } }
    /// The list that was last shown; whatever it is made of drops it when it changes.
    private(set) var screenLines: ScreenLines?
    /// The lines of the Overview, between two updates.
    private(set) var keptOverview: OverviewLines?
    /// The value that was last shown, worked out.
    private(set) var keptValue: ValueText?
    /// What the slow log's was when it was worked out.
    private var slowlogVersion = 0
    var dialog: Dialog?
    var message: Message?
    /// Results that nobody's dialog has told, in turn.
    var waiting: [Message] = []
    /// Acts whose results a dialog has taken that was not drawn since.
    var unseen: Set<Ticket> = []
    /// What the operator sees; nil before anything was drawn.
    var drawn: Drawn?
    /// True while the shell has the terminal: nobody sees what is drawn.
    var isAway = false
    /// By address: those that hold the keys, as they answered last.
    var servers: [String: ServerIdentity] = [:]

    public init(options: DashboardOptions, interval: Duration, theme: String, now: WallTime) {
        self.options = options
        self.interval = interval
        self.theme = theme
        themeBefore = theme
        self.now = now
        alerts =
            options.replayed == nil
            ? .rules(AlertEngine(thresholds: options.thresholds, classifier: options.classifier))
            : .recorded(RecordedAlerts())
        wishedTwin = options.twin
        keys = KeyBoard(limit: options.mostKeys)
    }

    private mutating func drop(_ screen: Screen) { if screenLines?.screen == screen { screenLines = nil } }

    /// Works out the list of the screen, once for all who ask for it until it changes.
    mutating func keepLines() {
        guard screenLines?.screen != screen else { return }
        (screenLines, slowlogVersion) = (ScreenLines(of: self), slowlog.version)
    }

    /// Works out the lines of the Overview, once for all who ask for them until the next update.
    mutating func keepOverview() {
        guard screen == .overview, keptOverview == nil else { return }
        keptOverview = OverviewLines(of: self)
    }

    mutating func dropOverview() { keptOverview = nil }

    /// Works out what a key holds, once for all who ask for it until another value, or another way to show it, comes.
    mutating func keepValue() {
        guard screen == .keys, let wanted = valueKey else { return }
        if keptValue?.key != wanted { keptValue = valueAnew }
        let last = max(0, (keptValue?.lines.count ?? 0) - max(1, keysLayout.valueArea.rows))
        keys.valueOffset = min(keys.valueOffset, last)
    }

    /// What the time changes on the screen.
    public var clockFace: ClockFace {
        ClockFace(second: isReplay ? uptime.components.seconds : now.seconds, message: message?.text)
    }

    // MARK: what is recorded

    /// The latest snapshot with the latest looks at keys and clients; nil before the first one.
    public var watched: Snapshot? { latest }
    /// All alerts that stand after it.
    public var raised: [Alert] { alerts.raised }

    // MARK: what is shown

    var shown: Snapshot? { held?.snapshot ?? latest }
    var shownSlowlog: SlowlogStore { held?.slowlog ?? slowlog }
    /// Slow queries of the last minute, as the alert counts them.
    var newSlowQueries: Int { held?.newSlowQueries ?? alerts.newSlowQueries }
    var shownCommands: CommandRates { held?.commands ?? commands }
    var shownNamespaces: NamespaceBoard {
        guard var board = held?.namespaces else { return namespaces }
        (board.opened, board.order) = (namespaces.opened, namespaces.order)
        board.isReversed = namespaces.isReversed
        return board
    }
    var shownClients: ClientBoard {
        guard var board = held?.clients else { return clients }
        board.list(as: clients)
        return board
    }
    /// The node whose clients are listed; nil for those of all nodes.
    var clientNode: String? {
        guard let chosen = held == nil ? chosenNode : held?.chosenNode else { return nil }
        return shown?.nodes.contains { $0.address == chosen } == true ? chosen : nil
    }
    var charset: Charset { options.charset }
    var span: Duration { Self.spans[spanIndex] }
    /// Where the charts end.
    var chartEnd: Duration { shown?.elapsed ?? elapsed }

    /// The node that the screens speak of.
    var node: NodeSnapshot? {
        guard let held else { return latestNode }
        return Self.node(held.chosenNode, of: held.snapshot)
    }
    /// The same as it is now, paused or not.
    var latestNode: NodeSnapshot? { Self.node(chosenNode, of: latest) }

    private static func node(_ chosen: String?, of snapshot: Snapshot?) -> NodeSnapshot? {
        snapshot?.nodes.first { $0.address == chosen } ?? snapshot?.sum ?? snapshot?.nodes.first
    }

    /// Its last figures, old ones where it does not answer.
    var figures: NodeSnapshot? {
        guard let node else { return nil }
        return node.info != nil ? node : known[node.address]?.node
    }

    /// How old the figures are; nil while they are current.
    var age: Duration? {
        guard isStale, let node, let known = known[node.address] else { return nil }
        return max(.zero, elapsed - known.elapsed)
    }

    /// How old a look at the keyspace is.
    func age(of report: NamespaceReport) -> Duration { max(.zero, elapsed - report.elapsed) }
    /// nil without a look.
    var biggestKeys: BiggestKeys? {
        let board = shownNamespaces
        return board.shown.map { BiggestKeys($0, counted: board.counted, at: elapsed) }
    }

    /// Of the one on the screen; nil without one.
    var namespaceAge: Duration? { shownNamespaces.shown.map { age(of: $0) } }

    /// True where the shown node told nothing; one that is loading does tell.
    var isStale: Bool { node.map { $0.info == nil } ?? false }

    func history(_ figure: History.Figure, samples: Int) -> [Double?] {
        guard let node, let history = histories[node.address] else { return [] }
        return history[figure].buckets(count: samples, span: span, until: chartEnd)
    }

    /// `1 s`, `0.5 s`.
    var intervalLabel: String {
        let seconds = interval / .seconds(1)
        return "\(Format.number(seconds, digits: seconds == seconds.rounded() ? 0 : 1)) s"
    }

    /// `5 min`.
    var spanLabel: String { span >= .seconds(3600) ? "1 h" : "\(span.components.seconds / 60) min" }

    /// What can be named in commands.
    var vocabulary: CommandVocabulary {
        CommandVocabulary(
            themes: options.themes, namespaces: options.classifier.rules.map(\.name),
            prefixes: (shownNamespaces.shown?.discovered ?? []).compactMap(\.prefix),
            journal: undoObstacle == nil ? lastChange?.journal : nil, undoObstacle: undoObstacle,
            olderJournal: lastJournal,
            nodes: nodeRows.filter { $0.node?.isSentinel == false }.map(\.address))
    }

    /// Why nothing takes the last change back; nil where its journal does, and where there was none.
    private var undoObstacle: String? {
        let latest = underWay.filter { $0.value.name != nil }.max { $0.key.number < $1.key.number }
        if let name = latest?.value.name {
            return "\(name) is under way: what takes it back is known when it has ended"
        }
        guard let change = lastChange, change.journal == nil else { return nil }
        guard let doubt = change.doubt else { return "\(change.name) has no journal: nothing takes it back" }
        return "Nobody knows whether \(change.name) was done" + (doubt.isEmpty ? "" : "; \(doubt)")
    }
}
