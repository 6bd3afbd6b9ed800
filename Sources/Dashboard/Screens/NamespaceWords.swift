internal import CacheModel
internal import TerminalUI

/// How figures of namespaces are written. A class, for every cell of a table asks it, and the state is large.
final class NamespaceWords {
    let state: DashboardState

    init(state: DashboardState) { self.state = state }

    /// `estimate of 5,000 keys, 14 s ago`; while a sweep runs, how far it is. In few words where there is little room.
    func note(columns: Int) -> [Span] {
        [note(isShort: false), note(isShort: true)].first { $0.width(state.charset) <= columns } ?? []
    }

    static let leastNameColumns = 15

    /// Columns for the names of a table: all of them, up to a quarter of the table.
    func nameColumns(_ usages: [NamespaceUsage], of columns: Int) -> Int {
        max(Self.leastNameColumns, min(longestName(usages), columns / 4))
    }

    func longestName(_ usages: [NamespaceUsage]) -> Int {
        usages.map { state.charset.width(of: state.name($0.name.utf8)) }.max() ?? 0
    }

    private func note(isShort: Bool) -> [Span] {
        let board = state.shownNamespaces
        if case .sweeping(let full, let since, let isCancelled) = board.work {
            return progress(board.progress, full: full, since: since, isCancelled, isShort)
        }
        guard let report = board.report else {
            return board.work == .estimating ? [Span("estimating", .info)] : []
        }
        let age = CacheAge.words(state.age(of: report))
        let running = board.work == .estimating ? [Span("estimating  ", .info)] : []
        return running + [Span(method(report, isShort), .dim), Span(", \(age)", .dim)]
    }

    private func method(_ report: NamespaceReport, _ isShort: Bool) -> String {
        if isShort {
            return report.method == .estimate ? "estimate" : report.complete ? "sweep" : "part of a sweep"
        }
        let examined = Format.count(report.examined)
        let keys = Format.count(report.examined, "key")
        switch report.method {
        case .estimate:
            let draws = report.draws ?? report.examined
            return draws > report.examined ? "estimate of \(Format.count(draws, "draw"))" : "estimate of \(keys)"
        case .sweepCounts, .sweepFull:
            let kind = report.method == .sweepFull ? "full sweep" : "sweep"
            return report.complete
                ? "\(kind) of \(keys)"
                : "part of a \(kind): \(examined) of \(Format.count(report.keys, "key"))"
        }
    }

    private func progress(
        _ report: NamespaceReport?, full: Bool, since: Duration, _ isCancelled: Bool, _ isShort: Bool
    ) -> [Span] {
        let kind = full ? "full sweep" : "sweep"
        if isCancelled { return [Span("\(kind): stopping", .warning)] }
        guard let report, report.keys > 0 else { return [Span("\(kind): begins", .info)] }
        let seconds = max(0.1, (report.elapsed - since) / .seconds(1))
        let rate = Double(report.examined) / seconds
        let rest = rate > 0 ? Double(max(0, report.keys -| report.examined)) / rate : 0
        let share = min(1, Double(report.examined) / Double(report.keys))
        if isShort { return [Span("sweep ", .dim), Span(Format.percent(share, digits: 0), .info)] }
        return [
            Span("\(kind) ", .dim), Span(Format.percent(share, digits: 0), .info),
            Span(
                " \(Format.shortCount(rate.whole)) keys/s, \(Format.duration(.limited(seconds: rest.rounded()))) left  ",
                .dim),
            Span("x", .key), Span(" stops", .dim),
        ]
    }

    /// Of the bytes where those are known, else of the keys.
    var isByBytes: Bool { state.shownNamespaces.shown?.bytesAreKnown ?? false }

    private func estimatedShare(_ usage: NamespaceUsage) -> Estimated {
        state.shownNamespaces.shown?.bytesShare(of: usage) ?? usage.share
    }

    /// 0 to 1, for a bar.
    func part(_ usage: NamespaceUsage) -> Double { estimatedShare(usage).value }

    /// `38.2 % ±1.3`, `38.2 %` where it was counted.
    func share(_ usage: NamespaceUsage) -> String {
        isByBytes && usage.isUnmet ? Format.unknown : estimatedShare(usage).percentage
    }

    /// What the shares are of.
    var shareWords: String { isByBytes ? "share of bytes" : "share of keys: bytes are not known" }

    /// Where none was drawn, as many as there may be at most.
    func keys(_ usage: NamespaceUsage) -> String {
        if usage.isUnmet {
            return
                "\(state.charset == .unicode ? "≤" : "<") \(usage.keys.high.isFinite ? Format.shortCount(whole(usage.keys.high)) : Format.unknown)"
        }
        return count(usage)
    }

    /// Of those of which none was drawn nobody knows.
    func bytes(of usage: NamespaceUsage) -> String {
        let isKnown = !usage.isUnmet && usage.bytes != nil
        return (isKnown && usage.sizesAreSampled ? "~" : "") + bytes(usage.isUnmet ? nil : usage.bytes?.value)
    }

    private func count(_ usage: NamespaceUsage) -> String {
        usage.keys.isExact ? Format.count(whole(usage.keys.value)) : Format.shortCount(whole(usage.keys.value))
    }

    func bytes(_ bytes: Double?) -> String {
        Format.bytes(bytes.flatMap { $0.isFinite && $0 >= 0 && $0 < 9e18 ? ByteCount($0.whole) : nil })
    }

    /// The interval for a table: `480–552 MiB`, `≥ 480 MiB` where it has no upper end; empty where it was counted.
    func shortInterval(_ usage: NamespaceUsage) -> String {
        guard let bytes = usage.bytes, !bytes.isExact, !usage.isUnmet else { return "" }
        if usage.bytesDoubt != nil {
            let sign = state.charset == .unicode ? "≥" : ">"
            return usage.bytesLow.map { "\(sign) \(self.bytes($0))" } ?? ""
        }
        guard bytes.low.isFinite, bytes.high.isFinite, bytes.high < 9e18 else { return "" }
        let (low, high) = Format.bytes(ByteCount(bytes.low.whole), of: ByteCount(bytes.high.whole))
        return "\(low)–\(high)"
    }

    /// The interval in words, where there is one: `480 to 552 MiB`.
    func interval(_ usage: NamespaceUsage) -> String {
        guard let bytes = usage.bytes, !bytes.isExact else { return "" }
        if usage.bytesDoubt != nil { return usage.bytesLow.map { "at least \(self.bytes($0))" } ?? "" }
        return "\(self.bytes(bytes.low)) to \(self.bytes(bytes.high))"
    }

    func growth(_ usage: NamespaceUsage) -> String {
        guard let hourly = state.shownNamespaces.growth(of: usage.scope) else { return Format.unknown }
        let growth = hourly * (state.shownNamespaces.growthPeriod / .seconds(3600))
        guard growth.isFinite, growth != 0 else { return growth == 0 ? "0" : Format.unknown }
        let count = abs(growth) < 1 ? Format.rate(abs(growth)) : Format.shortCount(whole(abs(growth)))
        return growth < 0 ? "-\(count)" : "+\(count)"
    }

    /// What growth is per: `h`, or `min` until an hour is known.
    var growthUnit: String { state.shownNamespaces.growthPeriod >= .seconds(3600) ? "h" : "min" }

    /// What the prefixes with lines of their own are; nil where there are none.
    var discovered: String? {
        guard state.shownNamespaces.shown?.discovered.isEmpty == false else { return nil }
        return
            "\(discoveredMark) no rule covers it: a prefix that was discovered; b F m and Enter take it as a namespace"
    }

    private var discoveredMark: String { state.charset == .unicode ? "◦" : "+" }

    /// How keys begin that have no line, and how many they are.
    func otherPrefixes(_ most: Int) -> String {
        guard let report = state.shownNamespaces.shown else { return "" }
        let shown = Set(report.discovered.map(\.name))
        return report.other.filter { !shown.contains($0.prefix) }.prefix(most).map {
            "\($0.prefix.isEmpty ? "(no prefix)" : $0.prefix) \(Format.shortCount(whole($0.keys.value)))"
        }.joined(separator: " · ")
    }

    /// The contract's mark and its role.
    func contract(_ usage: NamespaceUsage) -> Span {
        if usage.prefix != nil { return Span(discoveredMark, state.valueStyle(.info)) }
        guard usage.mustExpire || usage.maximumTTL != nil else { return Span(" ", .dim) }
        switch usage.contract {
        case .kept: return Span(String(state.charset.kept), state.valueStyle(.good))
        case .broken: return Span(String(state.charset.alert), state.valueStyle(.warning))
        case .unknown: return Span(Format.unknown, .dim)
        }
    }

    func whole(_ number: Double) -> Int { number.whole }

    /// `–` where there is no end.
    func end(_ number: Double) -> String { Format.count(number.isFinite ? whole(number) : nil) }
}
