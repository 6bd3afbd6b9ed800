internal import CacheModel
internal import TerminalUI

/// What the figures are compared with: it follows what is shown.
extension DashboardState {
    var shownTwin: TwinBoard? { held == nil ? twin : held?.twin }

    mutating func handle(_ event: TwinEvent) -> [Effect] {
        switch event {
        case .began(let name, let isServer):
            twin = TwinBoard(name: name, isServer: isServer)
            return followTwin(jumps: true)
        case .moved(let moment):
            guard twin != nil else { break }
            let before = twin?.offset
            twin?.move(to: moment)
            if before != moment.offset, let words = twin?.words {
                say(
                    "The second, dim line: \(twin?.name ?? "") at \(options.clock.full(moment.snapshot.takenAt)), \(words)"
                )
            }
        case .came(let snapshot, let elapsed): twin?.take(snapshot, at: elapsed ?? self.elapsed, every: interval)
        case .missing(let words):
            // It may have been asked for before the twin was taken away.
            guard twin != nil else { break }
            // Its time goes on: that nothing is known of it is said once.
            if twin?.gap == nil { say("Twin: \(words)", .warning) }
            twin?.miss(words)
        case .failed(let words): say(words, .warning)
        }
        return []
    }

    /// Asks for what stands beside what has come.
    mutating func followTwin(jumps: Bool = false) -> [Effect] {
        if let wish = wishedTwin, latest != nil {
            wishedTwin = nil
            return askTwin(wish)
        }
        guard let twin, !twin.isServer, let latest else { return [] }
        return [.twin(.show(now: latest.takenAt, elapsed: latest.elapsed, jumps: jumps))]
    }

    /// `:twin PATH`, `:twin +1h`, `:twin off`.
    mutating func askTwin(_ wish: String) -> [Effect] {
        guard wish == "off" else { return [.twin(.wish(wish, now: latest?.takenAt ?? now, elapsed: chartEnd))] }
        guard twin != nil else {
            say("Nothing is compared: :twin PATH, or --twin PATH")
            return []
        }
        twin = nil
        say("Nothing is compared any more")
        return [.twin(.end)]
    }

    // MARK: what is shown

    func twinHistory(_ figure: History.Figure, samples: Int) -> [Double?] {
        guard let shown, let node, let series = shownTwin?.history(figure, beside: node, of: shown) else { return [] }
        return series.buckets(count: samples, span: span, until: chartEnd)
    }

    /// How far a figure is from its twin; nil without a twin, and where the figure itself is an old one.
    func twinSpan(_ figure: History.Figure) -> Span? {
        guard let twin = shownTwin, let shown, let node, !isStale else { return nil }
        guard let difference = twin.difference(figure, of: node, in: shown, at: chartEnd) else {
            return Span(Format.unknown, .dim)
        }
        return Span(
            difference.words(isShare: figure == .hitRatio), difference.isBeyondNoise == true ? .accent : .dim,
            bold: difference.isBeyondNoise == true)
    }

    /// The same behind a panel's figure.
    func twinNote(_ figure: History.Figure) -> [Span] { twinSpan(figure).map { [Span("  "), $0] } ?? [] }

    /// What the second line is; nil without one.
    var twinSpans: [Span]? {
        guard let twin = shownTwin else { return nil }
        if let gap = twin.gap { return [Span("\(charset.alert) twin: \(gap)", .warning)] }
        return [Span("twin ", .dim), Span(twin.words, .info)]
    }
}

extension DashboardState {
    /// `Twin, 1 d before: 5,857 keys, 9.72 MiB; keys +12 %, bytes the same within both intervals`; nil without one.
    func twinWords(of usage: NamespaceUsage, _ words: NamespaceWords) -> String? {
        guard let twin = shownTwin else { return nil }
        guard let report = twin.snapshot?.namespaces else {
            return "Twin, \(twin.words): not known, nobody has looked at its keys"
        }
        let same = (report.all + report.discovered).first { $0.name == usage.name && $0.prefix == usage.prefix }
        guard let then = same else {
            let isKnown = report.complete && report.countsAreKnown
            return "Twin, \(twin.words): " + (isKnown ? "no such keys" : "none of its keys was met")
        }
        let keys = Self.change(from: then.keys, to: usage.keys)
        let bytes = then.bytes.flatMap { before in usage.bytes.map { Self.change(from: before, to: $0) } }
        return
            "Twin, \(twin.words): \(words.keys(then)) keys, \(words.bytes(of: then)); keys \(keys), "
            + "bytes \(bytes ?? Format.unknown)"
    }

    /// Of figures that have intervals nobody knows which is more while those overlap.
    private static func change(from then: Estimated, to now: Estimated) -> String {
        if now.low <= then.high, then.low <= now.high {
            return now.isExact && then.isExact ? "the same" : "the same within both intervals"
        }
        return TwinDifference(now: now.value, twin: then.value, noise: nil).words(isShare: false)
    }
}

extension TwinBoard {
    /// `1 d before`, or which server.
    var words: String {
        guard let offset else { return isServer ? name : "\(name) is looked at" }
        if offset == .zero { return "at the same time" }
        let distance = offset < .zero ? .zero - offset : offset
        let words = distance < .seconds(60) ? Format.age(distance) : Format.duration(distance)
        return offset < .zero ? "\(words) before" : "\(words) after"
    }
}

extension TwinDifference {
    /// `+12 %`, `×14`, and of shares in points: `-1.2 pt`.
    func words(isShare: Bool) -> String {
        if isShare {
            let points = Format.number(abs(difference) * 100, digits: 1)
            return "\(Self.sign(difference, isNothing: points == "0.0"))\(points) pt"
        }
        guard let part else { return difference == 0 ? "±0 %" : "twin 0" }
        if part >= 10 { return "×\(Format.number(now / twin, digits: 0))" }
        let percent = Format.number(abs(part) * 100, digits: 0)
        return "\(Self.sign(part, isNothing: percent == "0"))\(percent) %"
    }

    private static func sign(_ value: Double, isNothing: Bool) -> String { isNothing ? "±" : value < 0 ? "-" : "+" }
}
