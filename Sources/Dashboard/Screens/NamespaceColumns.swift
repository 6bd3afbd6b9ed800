internal import CacheModel
internal import TerminalUI

/// What there is room for in a table of namespaces: what matters most comes first, and whatever is there is there whole.
struct NamespaceColumns {
    enum Kind {
        case name, purpose, mark, bytes, interval, share, bar, keys, hits, misses, mean, p99, coverage, contract, idle,
            growth, trend
    }

    /// Where the table is, and what it has room for first.
    enum Place {
        case panel, screen

        /// Beside the name, the most important ones first.
        var wanted: [Kind] {
            switch self {
            case .panel: [.bytes, .share, .mark, .keys, .bar, .hits, .interval]
            case .screen:
                [
                    .bytes, .share, .contract, .keys, .hits, .bar, .misses, .coverage, .interval, .mean, .growth, .idle,
                    .p99, .trend, .purpose,
                ]
            }
        }

        var order: [Kind] {
            switch self {
            case .panel: [.name, .mark, .bytes, .interval, .share, .bar, .keys, .hits]
            case .screen:
                [
                    .name, .purpose, .bytes, .interval, .share, .bar, .keys, .hits, .misses, .mean, .p99, .coverage,
                    .contract, .idle, .growth, .trend,
                ]
            }
        }
    }

    /// From left to right.
    private(set) var fields: [(kind: Kind, columns: Int)] = []
    private let words: NamespaceWords
    private let place: Place

    private static let leastName = 8
    private static let leastBar = 5
    private static let mostBar = 60
    private static let mostPurpose = 22
    private static let trendColumns = 7

    init(_ place: Place, _ rows: [NamespaceUsage], of columns: Int, _ words: NamespaceWords) {
        (self.place, self.words) = (place, words)
        var widths: [Kind: Int] = [:]
        for kind in place.wanted { widths[kind] = width(of: kind, rows) }
        let longest = words.nameColumns(rows, of: columns)
        var chosen: Set<Kind> = [.name]
        var rest = columns - min(columns, Self.leastName)
        var name = columns - rest
        for (index, kind) in place.wanted.enumerated() {
            if let width = widths[kind], width > 0, width + 1 <= rest {
                chosen.insert(kind)
                rest -= width + 1
            }
            // Names are worth more than all but the first two.
            if index == 1, name < longest {
                let more = min(rest, longest - name)
                (name, rest) = (name + more, rest - more)
            }
        }
        let more = min(rest, max(0, max(longest, words.longestName(rows)) - name))
        (name, rest) = (name + more, rest - more)
        if chosen.contains(.bar), rest > 0 {
            let more = min(rest, Self.mostBar - Self.leastBar)
            widths[.bar] = (widths[.bar] ?? 0) + more
            rest -= more
        }
        widths[.name] = name
        fields = place.order.filter { chosen.contains($0) }.map { ($0, widths[$0] ?? 0) }
    }

    private func width(of kind: Kind, _ rows: [NamespaceUsage]) -> Int {
        switch kind {
        case .name: return Self.leastName
        case .bar: return Self.leastBar
        case .trend: return Self.trendColumns
        case .mark: return rows.map { words.state.charset.width(of: words.contract($0).text) }.max() ?? 1
        case .contract: return 2
        default: break
        }
        let cells = rows.map { words.state.charset.width(of: cell(kind, $0).text) }.max() ?? 0
        // Without an interval there is no column for it.
        if (kind == .hits || kind == .misses) && !rows.contains(where: { words.traffic(of: $0) != nil }) { return 0 }
        if kind == .interval && cells == 0 || kind == .purpose && cells == 0 { return 0 }
        let head = place == .screen ? words.state.charset.width(of: title(kind)) : 0
        let width = max(cells, head, least(kind, rows))
        return kind == .purpose ? min(width, Self.mostPurpose) : width
    }

    /// So that figures do not jump when they get a digit more.
    private func least(_ kind: Kind, _ rows: [NamespaceUsage]) -> Int {
        switch kind {
        case .bytes, .mean, .p99: 8
        case .share: rows.contains { words.share($0).contains("±") } ? 12 : 7
        case .keys: place == .screen && rows.allSatisfy(\.keys.isExact) ? 9 : 6
        case .coverage: 7
        case .hits: place == .screen ? 7 : 11
        case .misses: 7
        default: 0
        }
    }

    private func title(_ kind: Kind) -> String {
        let board = words.state.shownNamespaces
        func sorted(_ title: String, _ order: NamespaceOrder) -> String {
            // Names begin with the least, figures with the largest.
            words.state.sortTitle(
                title, isSorted: board.usedOrder == order, isReversed: board.isReversed != (order == .name))
        }
        return switch kind {
        case .name: sorted("namespace", .name)
        case .purpose: "purpose"
        case .bytes: sorted("bytes", .bytes)
        case .interval: "interval"
        case .share: words.isByBytes ? "of bytes" : "of keys"
        case .keys: sorted("keys", .keys)
        case .mean: "avg"
        case .p99: "p99"
        case .hits: "hits"
        case .misses: "misses/s"
        case .coverage: "TTL"
        case .idle: sorted("idle>1h", .idle)
        case .growth: sorted(words.growthUnit == "h" ? "growth/h" : "grow/min", .growth)
        case .trend: "trend"
        case .mark, .contract, .bar: ""
        }
    }

    private func align(_ kind: Kind) -> Alignment {
        switch kind {
        case .name, .purpose, .mark, .contract, .bar, .trend: .left
        case .bytes, .interval, .share, .keys, .hits, .misses, .mean, .p99, .coverage, .idle, .growth: .right
        }
    }

    var table: [Table.Column] {
        fields.map { Table.Column(title($0.kind), .fixed($0.columns), align: align($0.kind)) }
    }

    func cells(_ usage: NamespaceUsage) -> [Span] { fields.map { cell($0.kind, usage) } }

    private func cell(_ kind: Kind, _ usage: NamespaceUsage) -> Span {
        let (state, style) = (words.state, words.state.valueStyle())
        return switch kind {
        case .name: Span(state.name(usage.name.utf8), state.valueStyle(.text))
        case .purpose: Span(usage.purpose, .dim)
        case .bytes: Span(words.bytes(of: usage), style)
        case .interval: Span(words.shortInterval(usage), .dim)
        case .share: Span(words.share(usage), style)
        case .keys: Span(place == .panel ? words.shortKeys(usage) : words.keys(usage), style)
        case .hits: words.hits(usage, isTitled: place == .screen)
        case .misses: Span(Format.rate(words.traffic(of: usage)?.misses), style)
        case .mean: Span(words.bytes(usage.meanSize), style)
        case .p99: Span(words.bytes(usage.p99Size), style)
        case .coverage: Span(Format.percent(usage.coverage), style)
        case .mark, .contract: words.contract(usage)
        case .idle: Span(Format.percent(usage.idleShare, digits: 0), style)
        case .growth: Span(words.growth(usage), style)
        case .bar, .trend: Span("", .dim)
        }
    }

    /// Where the fields of a kind are, in a rectangle that holds the rows.
    private func area(of kind: Kind, in body: Rect) -> Rect? {
        var column = body.column
        for field in fields {
            if field.kind == kind {
                return Rect(column: column, row: body.row, columns: field.columns, rows: body.rows)
            }
            column += field.columns + 1
        }
        return nil
    }

    /// The shares, beside rows that stand in a rectangle.
    func drawBars(_ rows: [NamespaceUsage], in body: Rect, into frame: inout Frame) {
        guard let area = area(of: .bar, in: body) else { return }
        for (index, usage) in rows.prefix(body.rows).enumerated() {
            Meter(words.part(usage), charset: words.state.charset).render(
                in: Rect(column: area.column, row: area.row + index, columns: area.columns, rows: 1), into: &frame)
        }
    }

    /// The keys of the last looks, each namespace on its own scale.
    func drawTrends(_ rows: [NamespaceUsage], in body: Rect, into frame: inout Frame) {
        guard let area = area(of: .trend, in: body) else { return }
        let state = words.state
        for (index, usage) in rows.prefix(body.rows).enumerated() {
            Sparkline(
                state.shownNamespaces.history(of: usage.scope, count: area.columns * 2),
                role: state.isStale ? .stale : .chartTraffic, charset: state.charset
            )
            .render(
                in: Rect(column: area.column, row: area.row + index, columns: area.columns, rows: 1), into: &frame)
        }
    }
}
