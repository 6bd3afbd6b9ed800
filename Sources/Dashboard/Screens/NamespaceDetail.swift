internal import CacheModel
internal import TerminalUI

/// One namespace in full: what it holds, when it expires, what is large, what breaks the contract.
///
/// ```
/// ╭ product ─────────────────────────────── estimate of 5,000 keys, 14 s ago ╮
/// │ 1.91 M keys  38.2 % ±1.3   512 MiB (480 to 552 MiB)   contract …         │
/// ╰──────────────────────────────────────────────────────────────────────────╯
/// ╭ TTL ────────────────────────────╮╭ Size ───────────────────────────────╮
/// ╰─────────────────────────────────╯╰─────────────────────────────────────╯
/// ╭ Expiring within the hour ───────╮╭ Biggest keys ───────────────────────╮
/// ╰─────────────────────────────────╯╰─────────────────────────────────────╯
/// ```
struct NamespaceDetail {
    let state: DashboardState
    let usage: NamespaceUsage

    func render(in body: Rect, into frame: inout Frame) {
        let words = NamespaceWords(state: state)
        let name = state.name(usage.name.utf8)
        let summary = self.summary(words, body.columns - 4)
        let top = Rect(
            column: body.column, row: body.row, columns: body.columns,
            rows: min(body.rows, min(summary.count, max(2, body.rows / 3)) + 2))
        let inner = state.panel(
            name, note: words.note(columns: top.columns - 8 - state.charset.width(of: name)), footerNote: "Esc closes",
            border: .borderNamespaces, columns: top.columns
        ).render(
            in: top, into: &frame
        ).inset(columns: 1, rows: 0)
        frame.write(summary, in: inner, ellipsis: state.charset.ellipsis)
        let rest = Rect(
            column: body.column, row: top.endRow, columns: body.columns, rows: body.rows - top.rows)
        renderPanels(in: rest, into: &frame)
    }

    /// What can be drawn of the namespace, without words.
    func renderPanels(in rest: Rect, into frame: inout Frame) {
        guard rest.rows >= 4 else { return }
        rest.columns >= 76 ? wide(rest, &frame) : narrow(rest, &frame)
    }

    private func wide(_ rest: Rect, _ frame: inout Frame) {
        let left = rest.columns / 2
        let upper = min(rest.rows, max(6, min(LifetimeHistogram().stretches.count + 2, rest.rows * 3 / 5)))
        func at(_ column: Int, _ row: Int, _ columns: Int, _ rows: Int) -> Rect {
            Rect(column: rest.column + column, row: rest.row + row, columns: columns, rows: rows)
        }
        lifetimes(at(0, 0, left, upper), &frame)
        sizes(at(left, 0, rest.columns - left, upper), &frame)
        guard rest.rows - upper >= 4 else { return }
        forecast(at(0, upper, left, rest.rows - upper), &frame)
        biggest(at(left, upper, rest.columns - left, rest.rows - upper), &frame)
    }

    private func narrow(_ rest: Rect, _ frame: inout Frame) {
        let upper = max(4, rest.rows / 2)
        lifetimes(Rect(column: rest.column, row: rest.row, columns: rest.columns, rows: upper), &frame)
        guard rest.rows - upper >= 3 else { return }
        biggest(
            Rect(column: rest.column, row: rest.row + upper, columns: rest.columns, rows: rest.rows - upper), &frame)
    }

    // MARK: panels

    private func summary(_ words: NamespaceWords, _ columns: Int) -> [TextLine] {
        let bytes = words.bytes(of: usage)
        let interval = usage.isUnmet ? "" : words.interval(usage)
        let figures = [
            "\(words.keys(usage)) \(words.keys(usage) == "1" ? "key" : "keys")", words.share(usage),
            interval.isEmpty ? bytes : "\(bytes) (\(interval))",
            "avg \(words.bytes(usage.meanSize))", "p99 \(words.bytes(usage.p99Size))",
            usage.idleShare.map { "idle > 1 h \(Format.percent($0, digits: 0)) of its memory" },
            "growth \(words.growth(usage)) keys/\(words.growthUnit)",
        ].compactMap { $0 }.joined(separator: " · ")
        var lines = TextLine.wrapped(figures, columns: columns, state.charset, state.valueStyle())
        if let twin = state.twinWords(of: usage, words) {
            lines += TextLine.wrapped(twin, columns: columns, state.charset, .text)
        }
        if let counted = CounterWords(state: state).detail(of: usage) {
            lines += TextLine.wrapped(counted, columns: columns, state.charset, state.valueStyle())
        }
        lines += TextLine.wrapped(contract(words), columns: columns, state.charset, state.valueStyle(contractRole))
        if let doubt = usage.bytesDoubt {
            lines += TextLine.wrapped("Bytes have \(doubt.words)", columns: columns, state.charset, .dim)
        }
        if usage.sizesAreSampled {
            lines += TextLine.wrapped(
                "Sizes are \(NamespaceReport.sampledSizesWords)", columns: columns, state.charset, .dim)
        }
        if !usage.breaches.isEmpty {
            let examples = usage.breaches.prefix(3).map { breach in
                "\(breach.key) (\(breach.lifetime.map { "TTL \(Format.duration(.seconds($0)))" } ?? "never expires"))"
            }
            lines += TextLine.wrapped(
                "Such as \(examples.joined(separator: ", "))", columns: columns, state.charset, .text)
        }
        let types = usage.types.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
            "\($0.key) \(Format.count($0.value))"
        }
        let layout = usage.layout.isEmpty ? "" : "Keys begin with \(usage.layout.joined(separator: "  "))"
        let holds =
            types.isEmpty
            ? ""
            : "\(layout.isEmpty ? "" : " · ")Types of \(Format.count(usage.examined)): \(types.joined(separator: ", "))"
        if !layout.isEmpty || !holds.isEmpty {
            lines += TextLine.wrapped(layout + holds, columns: columns, state.charset, .dim)
        }
        if usage.name == state.shownNamespaces.shown?.rest.name {
            lines += TextLine.wrapped(words.otherPrefixes(20), columns: columns, state.charset, .text)
        }
        return lines
    }

    private var contractRole: Role { usage.contract == .broken ? .warning : .text }

    private func contract(_ words: NamespaceWords) -> String {
        guard usage.mustExpire || usage.maximumTTL != nil else {
            guard usage.prefix != nil else { return "No contract on its TTL" }
            let lasting = usage.withoutTTL.map {
                $0.value > 0 ? counted($0, words, one: "never expires", many: "never expire") : "all keys expire"
            }
            return "No rule covers it, and no contract its TTL\(lasting.map { "; \($0)" } ?? "")"
        }
        let limit = usage.maximumTTL.map { "at most \(Format.duration($0))" }
        let promise =
            "Contract: \([usage.mustExpire ? "expires" : nil, limit].compactMap { $0 }.joined(separator: ", "))"
        guard let without = usage.withoutTTL, let above = usage.aboveContract else {
            return "\(promise); not known whether it is kept"
        }
        var breaches: [String] = []
        if usage.mustExpire, without.value > 0 {
            breaches.append(counted(without, words, one: "never expires", many: "never expire"))
        }
        if above.value > 0 { breaches.append(counted(above, words, one: "lives longer", many: "live longer")) }
        if usage.isUnmet { return "\(promise); not known whether it is kept: none of its keys was met" }
        guard usage.contract != .unknown else {
            return
                "\(promise); not known whether it is kept: of \(Format.count(usage.lifetimes.total, "key")) that were looked at none breaks it"
        }
        if usage.contract == .kept { return "\(promise); kept" }
        // How many they are is not known where nobody tells how many keys there are.
        let examples = usage.breaches.map(\.key).prefix(1)
        return
            "\(promise); broken: \((breaches.isEmpty ? examples.map { "by \($0)" } : breaches).joined(separator: ", "))"
    }

    /// `1 key never expires`, `about 41 (20 to 60) keys never expire`.
    private func counted(_ figure: Estimated, _ words: NamespaceWords, one: String, many: String) -> String {
        let isOne = figure.isExact && words.whole(figure.value) == 1
        return "\(count(figure, words)) \(isOne ? "key \(one)" : "keys \(many)")"
    }

    private func count(_ figure: Estimated, _ words: NamespaceWords) -> String {
        let count = Format.count(words.whole(figure.value))
        guard !figure.isExact else { return count }
        return
            "about \(count) (\(Format.count(words.whole(figure.low))) to \(words.end(figure.high)))"
    }

    private func lifetimes(_ rect: Rect, _ frame: inout Frame) {
        // What never expires is what is looked for: it stands first, where it is never cut off.
        let stretches = usage.lifetimes.stretches
        let all = [stretches[stretches.count - 1]] + stretches.dropLast()
        let total = Double(max(1, usage.lifetimes.total))
        let lines = all.map { stretch in
            BarLine(
                label: stretch.label, share: Double(stretch.count) / total,
                role: stretch.label == "never" && usage.mustExpire && stretch.count > 0 ? .warning : .value)
        }
        let age = state.namespaceAge ?? .zero
        bars(
            age < .seconds(60) ? "Time to live" : "Time to live, \(CacheAge.words(age))",
            usage.lifetimes.total == 0 ? [] : lines, rect, &frame)
    }

    private func sizes(_ rect: Rect, _ frame: inout Frame) {
        let words = NamespaceWords(state: state)
        let octaves = usage.sizes.octaves
        let total = Double(max(1, usage.sizes.total))
        // Where there is no room for all, neighbours go together.
        let rows = max(1, rect.rows - 2)
        let step = max(1, (octaves.count + rows - 1) / rows)
        let lines = stride(from: 0, to: octaves.count, by: step).map { start in
            let group = octaves[start..<min(octaves.count, start + step)]
            let sum = group.reduce(0) { $0 +| $1.count }
            return BarLine(
                label: "from \(words.bytes(octaves[start].from))", share: Double(sum) / total, role: .value)
        }
        bars("Size", lines, rect, &frame)
    }

    private struct BarLine {
        var label: String
        var share: Double
        var role: Role
    }

    /// Why a chart is empty, where that is known.
    private var unknown: String {
        guard usage.prefix != nil, state.shownNamespaces.shown?.method == .sweepFull else { return "Not known" }
        return "Not known: a sweep sums up what no rule covers; e looks at some of its keys"
    }

    private func bars(_ title: String, _ lines: [BarLine], _ rect: Rect, _ frame: inout Frame) {
        let inner = state.panel(title, border: .border, columns: rect.columns).render(in: rect, into: &frame).inset(
            columns: 1, rows: 0)
        guard !lines.isEmpty else {
            frame.write(
                TextLine.wrapped(unknown, columns: inner.columns, state.charset, .dim), in: inner,
                ellipsis: state.charset.ellipsis)
            return
        }
        let most = lines.map(\.share).max() ?? 1
        for (index, line) in lines.prefix(inner.rows).enumerated() {
            let row = inner.row + index
            frame.write(
                line.label, in: Rect(column: inner.column, row: row, columns: 13, rows: 1), Style(.dim), align: .right,
                ellipsis: state.charset.ellipsis)
            let bar = Rect(column: inner.column + 14, row: row, columns: max(0, inner.columns - 23), rows: 1)
            if line.share > 0 {
                Meter(most > 0 ? line.share / most : 0, charset: state.charset).render(in: bar, into: &frame)
            }
            frame.write(
                [
                    Span(
                        line.share > 0 ? Format.percent(line.share) : "0 %",
                        state.valueStyle(line.share > 0 ? line.role : .dim))
                ],
                endingAt: inner.endColumn, row: row, clip: inner)
        }
    }

    private func forecast(_ rect: Rect, _ frame: inout Frame) {
        let words = NamespaceWords(state: state)
        let age = state.namespaceAge ?? .zero
        let forecast = usage.forecast.after(age)
        let minutes = forecast.perMinute.count
        let total = forecast.perMinute.reduce(0.0, +)
        let cliffs = forecast.cliffs
        let isKnown = minutes > 0 && usage.lifetimes.total > 0
        let note = isKnown ? [Span(Format.shortCount(words.whole(total), "key"), state.valueStyle())] : []
        let most = Format.shortCount(words.whole(cliffs.map { forecast.perMinute[$0] }.max() ?? 0))
        let footer =
            cliffs.isEmpty
            ? [Span("now … in \(minutes) min", .dim)]
            : [
                Span(
                    "\(state.charset.alert) minute \(cliffs.prefix(3).map { "\($0)" }.joined(separator: ", ")): \(most) at once",
                    state.valueStyle(.warning))
            ]
        let inner = state.panel(
            minutes == 60 ? "Expiring within the hour" : "Expiring within \(minutes) min", note: note,
            footer: isKnown ? footer : [], border: .border, columns: rect.columns
        )
        .render(in: rect, into: &frame)
        guard total > 0 else {
            let text =
                isKnown
                ? "Nothing expires"
                : usage.lifetimes.total > 0 ? "Not known: the look is old, e looks anew" : unknown
            frame.write(
                text, in: inner.inset(columns: 1, rows: 0), Style(.dim), ellipsis: state.charset.ellipsis)
            return
        }
        let samples = LineChart.samples(for: inner)
        // A column of the chart is a part of a minute; of what lies behind the look's hour nothing is known.
        let values = (0..<samples).map { column -> Double? in
            let minute = column * 60 / max(1, samples)
            return minute < minutes ? forecast.perMinute[minute] : nil
        }
        LineChart(
            values, limit: nil, limitLabel: "", role: state.isStale ? .stale : .chartLoss, base: .decimal,
            charset: state.charset
        ).render(in: inner, into: &frame)
    }

    private func biggest(_ rect: Rect, _ frame: inout Frame) {
        let words = NamespaceWords(state: state)
        let note = usage.keys.isExact && usage.examined >= words.whole(usage.keys.value) ? "" : "of those looked at"
        let inner = state.panel(
            "Biggest keys", note: note.isEmpty ? [] : [Span(note, .dim)], border: .border, columns: rect.columns
        )
        .render(in: rect, into: &frame).inset(columns: 1, rows: 0)
        guard !usage.biggest.isEmpty else {
            frame.write(
                TextLine.wrapped(unknown, columns: inner.columns, state.charset, .dim), in: inner,
                ellipsis: state.charset.ellipsis)
            return
        }
        let rows = usage.biggest.prefix(inner.rows).map { key in
            [
                Span(key.key, state.valueStyle(.text)), Span(key.type?.name ?? Format.unknown, .dim),
                Span(key.sizeWords, state.valueStyle()),
            ]
        }
        Table(
            columns: [
                Table.Column("", .flexible(minimum: 10)), Table.Column("", .fixed(6)),
                Table.Column("", .fixed(9), align: .right),
            ], rows: rows, showsHeader: false, isList: false, charset: state.charset
        ).render(in: inner, into: &frame)
    }
}
