/// What alerts take from looks at the clients: names and traffic of all nodes, worked out once for each look.
///
/// With ten thousand connections that takes a while: it is nothing to do between two keys.
public struct ClientStudy: Sendable {
    /// When the latest look was taken in; nil before the first one.
    private(set) var looked: Duration?
    private var names: [String: ClientNames] = [:]
    private var traffic: [String: GroupTraffic] = [:]

    /// What was seen before is not told as now.
    private static let lasts = Duration.seconds(60)

    public init() {}

    public mutating func note(_ look: ClientLook) {
        guard looked.map({ look.elapsed > $0 }) ?? true else { return }
        let before = names
        names = Dictionary(
            uniqueKeysWithValues: look.entries.map { ($0.key, ClientNames($0.value, after: before[$0.key])) })
        for (address, entries) in look.entries {
            // What a process before has counted says nothing of this one.
            if names[address]?.isSameProcess == false { traffic[address] = nil }
            traffic[address, default: GroupTraffic()].note(entries, at: look.elapsed)
        }
        traffic = traffic.filter { !$0.value.isOver(at: look.elapsed) }
        looked = look.elapsed
    }

    func names(of node: String, at now: Duration) -> ClientNames? {
        guard let looked, now - looked <= Self.lasts else { return nil }
        return names[node]
    }

    /// What the groups of a node have done; nil where the latest look has not seen it.
    func traffic(of node: String) -> GroupTraffic? { names[node] == nil ? nil : traffic[node] }
}
