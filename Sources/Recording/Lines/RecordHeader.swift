public import CacheModel
public import RedisValues

/// Who has recorded what, and by which settings: what shows the lines behind it as they were shown then.
public struct RecordHeader: Equatable, Sendable {
    /// Rises when a field changes its meaning.
    public static let schema = 1

    public var schema = RecordHeader.schema
    /// Of the program that has written it.
    public var version: String
    /// The URL without its secrets.
    public var target: String
    public var deployment: DeploymentKind
    public var database: Int
    /// Between two polls.
    public var interval: Duration
    /// Between two looks at the keyspace; nil for none unasked.
    public var estimateEvery: Duration?
    public var keyPrefix: String
    public var thresholds: AlertThresholds
    public var rules: [NamespaceRule]
    /// Ids in keys, addresses and names are hashed.
    public var isAnonymous: Bool

    public init(
        version: String = LibraryVersion.text, target: String, deployment: DeploymentKind = .standalone,
        database: Int = 0, interval: Duration = .seconds(1), estimateEvery: Duration? = nil, keyPrefix: String = "",
        thresholds: AlertThresholds = AlertThresholds(), rules: [NamespaceRule] = NamespaceRule.platform,
        isAnonymous: Bool = false
    ) {
        (self.version, self.target, self.deployment, self.database) = (version, target, deployment, database)
        (self.interval, self.estimateEvery, self.keyPrefix) = (interval, estimateEvery, keyPrefix)
        (self.thresholds, self.rules, self.isAnonymous) = (thresholds, rules, isAnonymous)
    }

    /// What tells the namespaces of what was recorded.
    public var classifier: KeyClassifier { KeyClassifier(rules: rules, keyPrefix: keyPrefix) }
}

extension RecordHeader: Codable {
    private enum CodingKeys: String, CodingKey {
        case schema, version, target, deployment, database, interval, estimateEvery, keyPrefix, thresholds, rules
        case isAnonymous = "anonymous"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        schema = try container.decode(Int.self, forKey: .schema)
        version = try container.decode(String.self, forKey: .version)
        target = try container.decode(String.self, forKey: .target)
        deployment = try container.decode(DeploymentKind.self, forKey: .deployment)
        database = try container.decodeIfPresent(Int.self, forKey: .database) ?? 0
        interval = try container.decodeIfPresent(Duration.self, forKey: .interval) ?? .seconds(1)
        estimateEvery = try container.decodeIfPresent(Duration.self, forKey: .estimateEvery)
        keyPrefix = try container.decodeIfPresent(String.self, forKey: .keyPrefix) ?? ""
        rules = try container.decodeIfPresent([NamespaceRule].self, forKey: .rules) ?? NamespaceRule.platform
        isAnonymous = try container.decodeIfPresent(Bool.self, forKey: .isAnonymous) ?? false
        // By their names in settings: versions have more of them, or fewer.
        let told = try container.decodeIfPresent([String: Double].self, forKey: .thresholds) ?? [:]
        thresholds = AlertThresholds()
        for field in AlertThresholds.fields {
            if let value = told[field.name] { thresholds[keyPath: field.keyPath] = value }
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schema, forKey: .schema)
        try container.encode(version, forKey: .version)
        try container.encode(target, forKey: .target)
        try container.encode(deployment, forKey: .deployment)
        try container.encode(database, forKey: .database)
        try container.encode(interval, forKey: .interval)
        try container.encodeIfPresent(estimateEvery, forKey: .estimateEvery)
        try container.encodeIfPresent(keyPrefix.isEmpty ? nil : keyPrefix, forKey: .keyPrefix)
        let fields = AlertThresholds.fields.map { ($0.name, thresholds[keyPath: $0.keyPath]) }
        try container.encode(Dictionary(fields) { first, _ in first }, forKey: .thresholds)
        try container.encodeIfPresent(rules, forKey: .rules)
        try container.encodeIfPresent(isAnonymous ? true : nil, forKey: .isAnonymous)
    }
}
