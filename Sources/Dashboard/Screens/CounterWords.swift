internal import CacheModel
internal import TerminalUI

/// Who missed what, in words: what servers have counted, and how old that is.
struct CounterWords {
    let state: DashboardState

    private var report: CounterReport? { state.shown?.counters }
    private var separator: String { state.charset == .unicode ? " · " : ", " }

    /// `Counted by checkout-api, search; 4 s ago · others 120 lookups/s, 30 misses/s`; why not, where nobody knows;
    /// nothing where nothing is counted.
    private func source(_ columns: Int) -> [TextLine] {
        guard let snapshot = state.shown, let report else {
            guard let why = state.shown?.whyNotCounted else { return [] }
            return TextLine.wrapped(
                "Who missed what: not known, \(why.sentence)", columns: columns, state.charset, .warning)
        }
        let words = report.words(at: snapshot.takenAt)
        let head = words.prefix(1).uppercased() + words.dropFirst()
        let parts = [head, report.othersWords].compactMap { $0 }.joined(separator: separator)
        return TextLine.wrapped(parts, columns: columns, state.charset, .dim)
            + (report.oddity.map { TextLine.wrapped($0, columns: columns, state.charset, .warning) } ?? [])
    }

    /// Below a table of namespaces: the rest of what is counted, too.
    func notes(beside shown: NamespaceReport, _ columns: Int) -> [TextLine] {
        let known = Set(shown.rows.map { Printable.escape($0.name) })
        let more = (report?.namespaces ?? []).filter { !known.contains($0) }.compactMap { name in
            report?.traffic(in: name).map { "\(name) \(Self.words($0))" }
        }
        return source(columns)
            + (more.isEmpty
                ? []
                : TextLine.wrapped(
                    "Counted besides: \(more.prefix(4).joined(separator: separator))", columns: columns, state.charset,
                    .text))
    }

    /// In the place of a table: a line for each namespace.
    func lines(_ columns: Int) -> [TextLine] {
        let all = source(columns)
        guard let report, !report.lines.isEmpty else { return all.isEmpty ? [] : [TextLine("", .dim)] + all }
        return [TextLine("", .dim)] + all
            + report.namespaces.flatMap { name -> [TextLine] in
                guard let traffic = report.traffic(in: name) else { return [] }
                return TextLine.wrapped("\(name): \(Self.words(traffic))", columns: columns, state.charset, .text)
            }
    }

    /// One namespace in full, and each service that counts it; nil where none does.
    func detail(of usage: NamespaceUsage) -> String? {
        guard usage.prefix == nil, let report, let traffic = report.traffic(in: usage.name) else { return nil }
        let services = report.services(in: usage.name).prefix(4).map { service in
            service.traffic.found == nil
                ? "\(service.name) \(Format.percent(service.traffic.hitRatio)), \(Format.rate(service.traffic.misses)) misses/s"
                : "\(service.name) \(Self.words(service.traffic))"
        }
        let parts = [
            (traffic.found == nil ? "Hits " : "") + Self.words(traffic),
            traffic.stale.flatMap { $0 > 0 ? "\(Format.rate($0)) stale/s" : nil },
            traffic.drops.flatMap { $0 > 0 ? "\(Format.rate($0)) dropped/s" : nil },
        ].compactMap { $0 }
        return (parts + (services.count > 1 ? services : report.services(in: usage.name).map { "by \($0.name)" }))
            .joined(separator: separator)
    }

    /// `93.1 % of 1,204 lookups/s, 83.0 misses/s, 80.1 loads/s of 4.1 ms`.
    private static func words(_ traffic: StoreTraffic) -> String {
        if let found = traffic.found {
            return "\(Format.rate(traffic.lookups)) checks/s, \(Format.rate(found)) of a revoked token"
        }
        let ratio = Format.percent(traffic.hitRatio)
        guard let lookups = traffic.lookups else { return "\(ratio) since they are counted" }
        let load = traffic.meanLoad.map { " of \(Format.duration($0))" } ?? ""
        let loads = (traffic.loads ?? 0) > 0 ? ", \(Format.rate(traffic.loads)) loads/s\(load)" : ""
        return "\(ratio) of \(Format.rate(lookups)) lookups/s, \(Format.rate(traffic.misses)) misses/s\(loads)"
    }
}

extension NamespaceWords {
    /// nil where nobody counts it.
    func traffic(of usage: NamespaceUsage) -> StoreTraffic? {
        usage.prefix == nil ? state.shown?.counters?.traffic(in: usage.name) : nil
    }

    /// Its hit ratio; of what nobody counts nothing is known.
    ///
    /// - Parameter isTitled: whether a title says what it is.
    func hits(_ usage: NamespaceUsage, isTitled: Bool) -> Span {
        let traffic = traffic(of: usage)
        // What nobody looks up, and what is only checked, has none.
        if !isTitled, traffic?.hitRatio == nil { return Span("", .dim) }
        let ratio = Format.percent(traffic?.hitRatio)
        return Span(isTitled ? ratio : "\(ratio) hits", state.valueStyle())
    }
}
