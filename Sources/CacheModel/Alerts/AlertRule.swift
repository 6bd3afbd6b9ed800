internal import RedisValues

/// That a rule's condition holds now.
struct Finding: Equatable {
    var level: Alert.Level
    var message: String
    var value: Double?
    var remedy: [String]
    /// Of its own, beside what every alert notes.
    var evidence: [String] = []
    var about: Alert.About?

    init(_ level: Alert.Level, _ message: String, value: Double? = nil, remedy: [String] = []) {
        self.level = level
        self.message = message
        self.value = value
        self.remedy = remedy
    }
}

/// What a rule looks at.
struct RuleInput {
    var node: NodeSnapshot
    var memory: NodeMemory
    var thresholds: AlertThresholds
    /// Who the clients are; nil where no look tells of now.
    var clients: ClientNames?
    /// The latest look at its keys; nil where there is none of late, or other nodes have some of them.
    var report: NamespaceReport?
    /// The biggest key that is known of them.
    var biggest: NotedKey?
    /// What servers have counted of the lookups; nil where none does.
    var counted: CountedMisses?
    /// The level at which the rule's alert stands now; nil when it is not raised.
    var standing: Alert.Level?
    /// True for a single look that nothing follows.
    var immediate = false

    /// A threshold with hysteresis: an alert that stands holds on until the figure is 5 % below.
    func crosses(_ value: Double, _ threshold: Double, _ level: Alert.Level) -> Bool {
        value > (standing.map { $0 >= level } == true ? threshold * 0.95 : threshold)
    }

    func level(of value: Double, warning: Double, critical: Double) -> Alert.Level? {
        crosses(value, critical, .critical) ? .critical : crosses(value, warning, .warning) ? .warning : nil
    }
}

/// One condition on one node. To add one: a case of `Alert.ID`, its line in `Alert.ID.source`, its threshold in
/// ``AlertThresholds``.
///
/// `evaluate` sees one poll. What must be remembered between polls goes into ``NodeMemory``: a count since some time,
/// a figure of before, the instant at which something began. A single look, which nothing follows, never raises what
/// needs time: the memory says nil until its time has passed, as ``LookupWindow/full`` does.
struct AlertRule: Sendable {
    /// How long a condition has to hold before it becomes an alert, for figures that waver around their threshold.
    enum Hold: Sendable {
        /// It is raised at once.
        case none
        /// For the threshold `hold`; a single look does not wait for it, and raises at once.
        case standard
    }

    var id: Alert.ID
    var hold: Hold = .none
    /// How long the alert stays after the condition has gone, in multiples of the threshold `clear`.
    var clearFactor = 1.0
    /// Whether the server has told what the rule is about: where it has not, nothing is raised and nothing is cleared. An
    /// alert stands for a while then, and is withdrawn at last.
    var knows: @Sendable (RuleInput) -> Bool = { _ in true }
    /// Whether what the rule is about is counted anew: an alert that stood on what was counted before is withdrawn as soon
    /// as it could be cleared.
    var beginsAnew: @Sendable (RuleInput) -> Bool = { _ in false }
    var evaluate: @Sendable (RuleInput) -> Finding?
}
