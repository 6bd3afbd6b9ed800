internal import CacheWatch
internal import CommandLineModel

/// What is said of an action that failed, and the status that it deserves: the same for commands and for the dashboard.
extension CacheError {
    /// Why, and what to do about it.
    var advice: String {
        if case .refused(let refusal) = self { "\(description). \(refusal.remedy)" } else { description }
    }

    var status: ProgramStatus {
        switch self {
        case .readOnly, .forbidden: .refused
        case .input: .usage
        case .settings: .configuration
        case .unknown: .halfWay
        // Nothing is done, or looked for, in another one than was named.
        case .refused(let refusal) where refusal.isOfDatabase: .refused
        case .cancelled, .refused, .exhausted, .unavailable, .file, .protocolError, .replyTooLarge, .closed, .timedOut:
            .notDone
        }
    }
}
