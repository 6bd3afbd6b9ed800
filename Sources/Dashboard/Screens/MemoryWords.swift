internal import CacheModel
internal import TerminalUI

/// What the namespaces do not tell of the memory: how much of it none explains, and the biggest keys.
extension NamespaceWords {
    /// `not explained 300 MiB (22.1 % ±3.0): few large keys, S finds them`, in as few words as there is room for.
    ///
    /// - Returns: nil where there is nothing to explain.
    func unexplained(columns: Int) -> TextLine? {
        guard let report = state.shownNamespaces.shown, let found = report.unexplained else { return nil }
        let size = "\(UnexplainedBytes.name) \(bytes(found.bytes.value))"
        let share = report.unexplainedShare.map { " (\($0.percentage))" } ?? ""
        let texts = ["\(size)\(share): \(reason(found.reason))", "\(size): \(reason(found.reason))"]
        let short = ["\(size): \(found.reason.shortWords)", size]
        let text = (texts + short).first { state.charset.width(of: $0) <= columns } ?? size
        return TextLine(text, found.reason == .largeKeys ? state.valueStyle(.warning) : .dim)
    }

    private func reason(_ reason: UnexplainedBytes.Reason) -> String {
        guard reason == .largeKeys else { return reason.shortWords }
        if state.shownNamespaces.isUnasked { return "\(reason.shortWords), a sweep runs" }
        if let age = state.biggestKeys?.age { return "large keys, counted \(CacheAge.words(age))" }
        return "\(reason.shortWords), S finds them"
    }

    /// `Biggest: session:giant ~196 MiB hash · …`; nil where no size is known.
    func biggest(_ count: Int) -> String? {
        guard let known = state.biggestKeys, !known.keys.isEmpty else { return nil }
        let keys = known.keys.prefix(count).map { key in
            [key.key, key.sizeWords, key.type?.name].compactMap { $0 }.joined(separator: " ")
        }
        return "\(Self.title(known)): \(keys.joined(separator: " · "))"
    }

    static func title(_ known: BiggestKeys) -> String {
        if let age = known.age { return "Biggest \(CacheAge.words(age))" }
        return known.isWhole ? "Biggest" : "Biggest of those looked at"
    }

    /// Always in few digits.
    func shortKeys(_ usage: NamespaceUsage) -> String {
        usage.isUnmet ? keys(usage) : Format.shortCount(whole(usage.keys.value))
    }
}
