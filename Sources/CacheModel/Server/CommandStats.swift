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
}
