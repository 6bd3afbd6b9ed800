public import CacheModel

/// What of a comparison is told alike in each form.
public struct DiffSide: Sendable {
    /// Such as `before.json` or `R@-1m`, as it was typed.
    public var source: String
    public var takenAt: WallTime?
    public var target: String
    public var notes: [String]

    public init(_ state: ComparedState, source: String) {
        self.source = Printable.escapeControls(source)
        (takenAt, target, notes) = (state.takenAt, state.target, state.notes)
    }
}

/// Two states of a deployment, and what is not the same of them.
public struct DiffReport: Sendable {
    public let comparison: StateComparison
    let was: DiffSide
    let now: DiffSide

    public init(_ comparison: StateComparison, was: DiffSide, now: DiffSide) {
        (self.comparison, self.was, self.now) = (comparison, was, now)
    }

    /// - Returns: one JSON document of schema 1, with a newline at its end.
    public var json: String { JSONDiff.value(self).text + "\n" }

    /// - Parameter clock: by which times are written.
    /// - Returns: lines of at most 100 columns, each ended by a newline.
    public func text(_ clock: CivilClock = .utc) -> String { TextDiff(report: self, clock: clock).text }
}
