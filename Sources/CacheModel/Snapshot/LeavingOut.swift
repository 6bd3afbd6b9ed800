extension Snapshot {
    /// Takes what no cache answers out of the hit ratio, where one figure is about all lookups that servers count.
    public mutating func leaveOutChecks() {
        guard let leftOut = counters?.lookupsLeftOut else { return }
        guard sum == nil else {
            sum?.rates?.leftOut = leftOut
            return
        }
        let primaries = nodes.indices.filter {
            !nodes[$0].isSentinel && (nodes[$0].role != .replica || nodes.count == 1)
        }
        guard primaries.count == 1 else { return }
        nodes[primaries[0]].rates?.leftOut = leftOut
    }
}
