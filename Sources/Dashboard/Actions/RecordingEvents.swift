/// What is asked of whoever records what the dashboard shows.
public enum RecordingOrder: Equatable, Sendable {
    case begin(path: String)
    /// The operator's words, for whoever looks at it later.
    case mark(String)
    case end

    var begins: Bool { if case .begin = self { true } else { false } }
}

/// What becomes of a recording.
public enum RecordingEvent: Equatable, Sendable {
    case began(path: String)
    /// In words, escaped.
    case failed(String)
    /// Nothing can be written, and why, escaped.
    case paused(String)
    case resumed
    case ended
}
