/// One line of `INFO commandstats`.
public struct CommandStats: Codable, Equatable, Sendable {
    public var calls: Int
    public var time: Duration
    public var rejectedCalls: Int?
    public var failedCalls: Int?

    public init(calls: Int, time: Duration, rejectedCalls: Int? = nil, failedCalls: Int? = nil) {
        self.calls = calls
        self.time = time
        self.rejectedCalls = rejectedCalls
        self.failedCalls = failedCalls
    }

    /// Of two nodes together.
    public static func + (left: CommandStats, right: CommandStats) -> CommandStats {
        func sum(_ left: Int?, _ right: Int?) -> Int? { left.map { $0 +| (right ?? 0) } ?? right }
        return CommandStats(
            calls: left.calls +| right.calls, time: left.time + right.time,
            rejectedCalls: sum(left.rejectedCalls, right.rejectedCalls),
            failedCalls: sum(left.failedCalls, right.failedCalls))
    }
}
