/// How often the clients are looked at: the list holds each server, and the longer the more of them there are.
public enum ClientCadence {
    /// Above them every half minute.
    public static let many = 2_000
    /// Above them only where somebody asks for it.
    public static let most = 10_000

    /// - Parameters:
    ///   - clients: of all nodes; nil where that is not known.
    ///   - isWatched: whether somebody looks at them.
    /// - Returns: nil for never.
    public static func interval(clients: Int?, isWatched: Bool) -> Duration? {
        let clients = clients ?? 0
        if clients > most { return nil }
        if clients > many { return .seconds(30) }
        return isWatched ? .seconds(5) : .seconds(10)
    }
}
