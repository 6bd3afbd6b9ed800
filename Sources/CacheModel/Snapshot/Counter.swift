/// A figure of `INFO stats` that adds up over nodes, and the rate that is made of it: the one list that
/// ``NodeSnapshot/sum(of:address:)`` and ``Rates/between(_:_:over:own:)`` follow.
struct Counter: Sendable {
    typealias Total = WritableKeyPath<ServerInfo.Stats, Int?> & Sendable
    typealias Rate = WritableKeyPath<Rates, Double?> & Sendable
    typealias Own = KeyPath<OwnTraffic, Int> & Sendable

    var total: any Total
    /// nil for what is not a rate, or is one already.
    var rate: (any Rate)?
    /// What we ourselves add to it.
    var own: (any Own)?

    init(_ total: any Total) { self.total = total }

    init(_ total: any Total, rate: any Rate) {
        self.total = total
        self.rate = rate
    }

    init(_ total: any Total, rate: any Rate, own: any Own) {
        self.init(total, rate: rate)
        self.own = own
    }

    static let all = [
        Counter(\.commandsProcessed, rate: \.commands, own: \.commands),
        Counter(\.keyspaceHits, rate: \.hits, own: \.hits),
        Counter(\.keyspaceMisses, rate: \.misses, own: \.misses),
        Counter(\.evictedKeys, rate: \.evicted),
        Counter(\.expiredKeys, rate: \.expired),
        Counter(\.bytesIn, rate: \.inputBytes, own: \.bytesIn),
        Counter(\.bytesOut, rate: \.outputBytes, own: \.bytesOut),
        Counter(\.connectionsReceived, rate: \.connections),
        Counter(\.rejectedConnections, rate: \.rejectedConnections),
        Counter(\.errorReplies, rate: \.errorReplies, own: \.errors),
        Counter(\.operationsPerSecond),
    ]
}
