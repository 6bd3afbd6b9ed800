internal import CacheCore
package import CacheWire
public import CacheModel

/// Everything that can be set, after command line, environment, file and defaults have been put together.
public struct Settings: Equatable, Sendable {
    public enum CacheType: String, Sendable, CaseIterable { case redis = "Redis", memory = "Memory" }

    public typealias TLS = TLSSettings

    // MARK: the platform's [cache] table

    public var cacheType = CacheType.redis
    public var endpoint = Endpoint(address: .tcp(host: "localhost", port: 6379))
    public var poolSize = 20
    public var sentinelEnabled = false
    public var sentinelNodes: [String] = []
    public var sentinelService = "mymaster"
    public var clusterEnabled = false
    public var clusterNodes: [String] = []
    public var tls = TLS()

    // MARK: our own [cachewatch] table

    public var sentinelUsername: String?
    public var sentinelPassword: Secret?
    /// In front of every namespace, such as `rcommerce:`.
    public var keyPrefix = ""
    /// Cluster nodes behind a tunnel or NAT: announced address to reachable address.
    public var addressMap: [String: String] = [:]
    /// 0.2 s to 60 s.
    public var interval = Duration.seconds(1)
    /// How long a connection attempt or a reply may take.
    public var timeout = Duration.seconds(2)
    /// How long a flight of thousands of commands, or one about a large value, may take at least on a narrow link.
    package var longestFlight = Duration.seconds(15)
    var flightDeadline: Duration { max(timeout * 5, longestFlight) }
    public var theme = "dark"
    public var mouse = true
    public var ascii = false
    public var readOnly = false
    /// For commands that people are told to type.
    public var invocation = Invocation()
    /// Where the dashboard writes its log lines; nil takes the state directory.
    public var logFile: String?
    public var thresholds = AlertThresholds()
    /// How often the dashboard estimates the namespaces by itself; nil for never.
    public var estimateEvery: Duration? = .seconds(60)
    /// Keys that an estimate draws.
    public var estimateSample = Settings.defaultSample
    /// Rules that the file adds to, or puts in the place of, the built-in ones of the same name.
    public var namespaces: [NamespaceRule] = []

    /// In which layouts tokens are revoked; nil looks at the keys that are there.
    public var revocationLayout: RevocationLayout?
    /// Where the audit is kept; nil takes the state directory.
    public var auditFile: String?

    /// The program that is told of alerts, by its whole path, and what it is called with; empty for none.
    public var onAlert: [String] = []

    /// What deserves a word but is no error: unknown keys, a readable password.
    public var warnings: [SettingsIssue] = []

    public init() {}

    /// What tells the namespaces of this deployment.
    public var classifier: KeyClassifier {
        KeyClassifier(rules: NamespaceRule.rules(with: namespaces), keyPrefix: keyPrefix)
    }

    /// Keys that an estimate draws where nothing else is said: shares within 1.4 points.
    public static let defaultSample = 5000
    public static let sampleRange = 100...1_000_000
    /// How often the dashboard may estimate by itself.
    public static let estimateRange = Duration.seconds(5)...Duration.seconds(86_400)
    public static let intervalRange = Duration.milliseconds(200)...Duration.seconds(60)
}
