internal import ArgumentParser
internal import CacheModel
internal import Reports

/// A state that a snapshot is compared with.
protocol EarlierState: Sendable {
    /// As it was typed.
    var name: String { get }
    /// Reads a document; of a recording it looks whether there is one.
    mutating func open() throws(ExitCode)
    /// - Parameters:
    ///   - now: what times are counted back from.
    ///   - target: the deployment that is compared; what was recorded of it goes before what was recorded of others.
    ///   - isFinal: whether what was recorded of another deployment will do.
    /// - Returns: nil where nothing of that deployment was recorded so far.
    /// - Throws: an exit with 3 where nothing can be read of it.
    func state(before now: WallTime, of target: String, isFinal: Bool) throws(ExitCode) -> ComparedState?
}

extension DiffReport {
    /// - Parameters:
    ///   - name: of the earlier state.
    ///   - source: what the present one comes from.
    init(was: ComparedState, _ name: String, now: ComparedState, source: String) {
        self.init(
            StateComparison(was: was, now: now), was: DiffSide(was, source: name), now: DiffSide(now, source: source))
    }

    func printed(_ format: OutputFormat) -> String { format == .json ? json : text(LocalTime.clock) }
}
