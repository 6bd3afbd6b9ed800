internal import CacheCore
internal import CacheWire
public import Recording

extension RecordHeader {
    /// Of what settings say is watched.
    public init(_ settings: Settings, isAnonymous: Bool = false) {
        self.init(
            target: settings.target,
            deployment: settings.sentinelEnabled ? .sentinel : settings.clusterEnabled ? .cluster : .standalone,
            database: settings.endpoint.database, interval: settings.interval, estimateEvery: settings.estimateEvery,
            keyPrefix: settings.keyPrefix, thresholds: settings.thresholds, rules: settings.classifier.rules,
            isAnonymous: isAnonymous)
    }
}
