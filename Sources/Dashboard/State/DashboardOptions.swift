public import CacheModel
public import TerminalUI

/// What does not change while the dashboard runs.
public struct DashboardOptions: Sendable {
    /// The URL without its secrets.
    public var target: String
    public var themes: [String]
    public var charset: Charset
    public var readOnly: Bool
    /// By which times are written. The program's asks the C library for the zone at each instant: the one function here
    /// that is not pure.
    public var clock: CivilClock
    public var thresholds: AlertThresholds
    /// How often the namespaces are estimated without being asked; nil for never.
    public var estimateEvery: Duration?
    /// Whether the clients are looked at every now and then.
    public var looksAtClients: Bool
    public var classifier: KeyClassifier
    /// The folder of journals, for people.
    public var journals: String
    /// No more keys are listed.
    public var mostKeys: Int
    /// How the program was called, for the commands that it shows.
    public var invocation = Invocation()
    /// The recording that is shown instead of a server, as it was named; nil for a server.
    public var replayed: String?
    /// The recording to compare with, as it was named; nil for none.
    public var twin: String?

    public init(
        target: String, themes: [String], charset: Charset = .unicode, readOnly: Bool = false, clock: CivilClock = .utc,
        thresholds: AlertThresholds = AlertThresholds(), estimateEvery: Duration? = nil,
        looksAtClients: Bool = false, classifier: KeyClassifier = KeyClassifier(), journals: String = "",
        mostKeys: Int = 10_000
    ) {
        self.target = target
        self.themes = themes
        self.charset = charset
        self.readOnly = readOnly
        self.clock = clock
        self.thresholds = thresholds
        self.estimateEvery = estimateEvery
        self.looksAtClients = looksAtClients
        self.classifier = classifier
        self.journals = journals
        self.mostKeys = mostKeys
    }
}
