/// What the members of a deployment tell of each other, beyond what each says of itself.
public struct Topology: Codable, Equatable, Sendable {
    public var sentinel: SentinelTopology?
    public var cluster: ClusterMap?

    public init(sentinel: SentinelTopology? = nil, cluster: ClusterMap? = nil) {
        self.sentinel = sentinel
        self.cluster = cluster
    }
}
