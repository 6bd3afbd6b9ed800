internal import CacheModel
internal import Logging

/// The log of one snapshot for cron, which mails whatever it reads: what only tells of progress is held back until there
/// is something to worry about, and comes in front of it then.
public struct ReticentLog: Equatable, Sendable {
    private var held: [LogLine] = []
    private var isWorried = false

    public init() {}

    /// - Returns: what is to be written now.
    public mutating func take(_ line: LogLine) -> [LogLine] {
        isWorried = isWorried || line.level > .info
        guard isWorried else {
            held.append(line)
            return []
        }
        defer { held = [] }
        return held + [line]
    }
}
