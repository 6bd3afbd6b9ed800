public import RedisValues

extension ComparedState {
    /// - Throws: ``ComparisonProblem`` for what is no document of `--once --format json`.
    public init(parsing bytes: [UInt8]) throws(ComparisonProblem) {
        let document: JSONValue
        do throws(JSONParser.Problem) { document = try JSONParser.parse(bytes) } catch {
            throw .torn(offset: error.offset, error.message)
        }
        try self.init(document)
    }

    public init(_ document: JSONValue) throws(ComparisonProblem) {
        guard case .object = document else { throw .foreign("it is no object") }
        guard let schema = document["schema"]?.wholeNumber, schema > 0 else { throw .foreign("it has no schema") }
        guard document["diff"] == nil else { throw .foreign("it is what --diff has printed") }
        guard case .array(let nodes)? = document["nodes"], case .array(let alerts)? = document["alerts"],
            let target = document["target"]?.string
        else { throw .foreign("it has no target, nodes or alerts") }
        newerSchema = schema > Snapshot.schema ? schema : nil
        takenAt = document["taken_at"]?.string.flatMap { WallTime(rfc3339: $0) }
        self.target = DocumentReader.harmless(target)
        facts = ["deployment", "database"].map { name in
            Fact(
                part: .members, name: name, value: DocumentReader(document).text([name], why: DocumentReader.leftOut),
                tolerance: .none)
        }
        if let topology = document["topology"] {
            let reader = DocumentReader(topology)
            facts += ComparedFigure.ofTopologies.filter { reader.has($0.path.dropLast()) }.map { reader.fact($0) }
        }
        self.nodes = nodes.map(DocumentReader.node)
        self.alerts = alerts.compactMap { alert in
            guard let id = alert["id"]?.string, let level = alert["level"]?.string else { return nil }
            return StandingAlert(
                id: DocumentReader.harmless(id), level: DocumentReader.harmless(level),
                node: alert["node"]?.string.map(DocumentReader.harmless))
        }
        wasWatched = nodes.contains { DocumentReader($0).wasPolledTwice }
        keys = DocumentReader(document).number(["namespaces", "keys"])
        (namespaces, whyNoNamespaces) = DocumentReader.namespaces(document["namespaces"] ?? .null)
    }
}

/// Reads members of a document whose author may be anybody.
private struct DocumentReader {
    private let object: JSONValue
    static let leftOut = "the document leaves it out"

    init(_ object: JSONValue) { self.object = object }

    /// As long as a sentence at most.
    static func harmless(_ text: String) -> String { Printable.escapeControls(String(text.prefix(400))) }

    private func value(_ path: some Collection<String>) -> JSONValue? {
        path.reduce(Optional(object)) { value, name in value?[name] }
    }

    /// Whether there is anything, null aside.
    func has(_ path: some Collection<String>) -> Bool {
        if case .null? = value(path) { return false }
        return value(path) != nil
    }

    func number(_ path: [String]) -> Double? { value(path)?.figure }

    func text(_ path: [String], why: String) -> ComparedValue {
        switch value(path) {
        case .string(let text)?: .text(Self.harmless(text))
        case let other?: other.wholeNumber.map { .text(String($0)) } ?? .unknown(why)
        case nil: .unknown(Self.leftOut)
        }
    }

    /// Nobody can know it, whatever stands there.
    func fact(_ figure: ComparedFigure, instead why: String) -> ComparedState.Fact {
        ComparedState.Fact(
            part: figure.part, name: figure.name, value: .unknown(why), tolerance: figure.tolerance,
            weight: figure.weight)
    }

    /// Whether there are differences of two polls.
    var wasPolledTwice: Bool { number([ComparedFigure.rates, "evicted"]) != nil }

    func fact(_ figure: ComparedFigure, why: String = "not told") -> ComparedState.Fact {
        let value: ComparedValue
        switch (figure.kind, self.value(figure.path)) {
        case (_, nil): value = .unknown(Self.leftOut)
        case (.text, _): value = text(figure.path, why: why)
        case (.flag, .boolean(let flag)?): value = .flag(flag)
        case (.number(let unit), let found?): value = found.figure.map { .number($0, unit) } ?? .unknown(why)
        default: value = .unknown(why)
        }
        return ComparedState.Fact(
            part: figure.part, name: figure.name, value: value, tolerance: figure.tolerance, weight: figure.weight)
    }
}

// MARK: nodes

extension DocumentReader {
    static func node(_ value: JSONValue) -> ComparedState.Node {
        let reader = DocumentReader(value)
        let role = value["role"]?.string
        var node = ComparedState.Node(
            address: harmless(value["address"]?.string ?? "?"), runID: value["run_id"]?.string,
            isSentinel: role == "sentinel", facts: [])
        if case .boolean(false)? = value["reachable"] {
            node.refusal = harmless(value["refusal"]?.string ?? "it did not answer")
            return node
        }
        let why = reader.whyNotTold
        node.facts = ComparedFigure.ofNodes.map { figure in
            guard figure.path[0] == ComparedFigure.rates else { return reader.fact(figure, why: why) }
            // What the server says of itself after one poll is mostly the poll.
            return reader.wasPolledTwice ? reader.fact(figure, why: why) : reader.fact(figure, instead: "one poll only")
        }
        if role == "replica" {
            node.facts += ComparedFigure.ofReplicas.map { reader.fact($0, why: why) } + [reader.primary]
        }
        if role == "primary" { node.facts += ComparedFigure.ofPrimaries.map { reader.fact($0, why: why) } }
        node.facts += reader.settings + reader.hitRatios
        return node
    }

    /// What the server has not answered.
    private var whyNotTold: String {
        guard case .array(let all)? = object["unanswered"] else { return "not told" }
        let info = all.first { $0["question"]?.string == "INFO" }?["words"]?.string
        return info.map { "INFO: \(Self.harmless($0))" } ?? "not told"
    }

    private var primary: ComparedState.Fact {
        let host = value(["replication", "primary_host"])?.string
        let port = value(["replication", "primary_port"])?.wholeNumber
        let words = host.flatMap { host in port.map { "\(Self.harmless(host)):\($0)" } }
        return ComparedState.Fact(
            part: .members, name: "primary", value: words.map { .text($0) } ?? .unknown("not told"), tolerance: .none)
    }

    /// What CONFIG GET has told; versions before have not written it.
    private var settings: [ComparedState.Fact] {
        guard case .object(let members)? = object["settings"] else { return [] }
        return members.map { name, value in
            ComparedState.Fact(
                part: .settings, name: Self.harmless(name),
                value: value.string.map { .text(Self.harmless($0)) } ?? .unknown("not told"), tolerance: .none)
        }
    }

    /// Of the second before, and of all since the server's start.
    private var hitRatios: [ComparedState.Fact] {
        func fact(_ name: String, _ member: String, why: String) -> ComparedState.Fact {
            var value = ComparedValue.unknown(why)
            if let hits = number([member, "hits"]), let misses = number([member, "misses"]) {
                let lookups = hits + misses
                value = lookups > 0 ? .estimated(Self.ratio(hits, of: lookups), .share) : .unknown("no lookups")
            }
            return ComparedState.Fact(
                part: .figures, name: name, value: value, tolerance: ComparedFigure.ofHitRatios, weight: .event)
        }
        return [
            fact("hit ratio", ComparedFigure.rates, why: wasPolledTwice ? "not told" : "one poll only"),
            fact("hit ratio since start", "counters", why: "not told"),
        ]
    }

    /// With three standard deviations of a binomial ratio on both sides.
    private static func ratio(_ hits: Double, of lookups: Double) -> Estimated {
        let ratio = min(1, max(0, hits / lookups))
        let margin = 3 * (ratio * (1 - ratio) / max(1, lookups)).squareRoot()
        return Estimated(ratio, low: max(0, ratio - margin), high: min(1, ratio + margin))
    }
}

// MARK: namespaces

extension DocumentReader {
    static func namespaces(_ value: JSONValue) -> (all: [ComparedState.Namespace], why: String?) {
        guard case .array(let items)? = value["items"], let method = value["method"]?.string else {
            return ([], "nobody has looked at the keys")
        }
        if let refusal = value["refusal"]?.string { return ([], "not looked at whole: \(harmless(refusal))") }
        if case .boolean(false)? = value["complete"] { return ([], "the look at the keys was not complete") }
        let isCounted = method.hasPrefix("sweep")
        let rest = value["rest"].flatMap { $0["name"] == nil ? nil : $0 }
        return ((items + [rest].compactMap { $0 }).compactMap { namespace($0, isCounted: isCounted) }, nil)
    }

    private static func namespace(_ item: JSONValue, isCounted: Bool) -> ComparedState.Namespace? {
        guard let name = item["name"]?.string else { return nil }
        let reader = DocumentReader(item)
        func fact(_ name: String, _ value: ComparedValue, _ tolerance: Tolerance) -> ComparedState.Fact {
            ComparedState.Fact(part: .namespaces, name: name, value: value, tolerance: tolerance)
        }
        let tolerance = isCounted ? Tolerance.none : ComparedFigure.ofDrawnKeys
        var facts = [
            fact("keys", reader.interval("keys", .count), tolerance),
            // Sizes of collections are what a sample of their elements says, whoever has counted them.
            fact("bytes", reader.interval("bytes", .bytes), Tolerance(relative: 0.05, absolute: 4096)),
        ]
        if let coverage = reader.coverage { facts.append(fact("with a TTL", coverage, ComparedFigure.ofCoverage)) }
        return ComparedState.Namespace(name: harmless(name), facts: facts)
    }

    /// A figure between its ends: an end that is not told is as far away as it can be.
    private func interval(_ name: String, _ unit: ComparedValue.Unit) -> ComparedValue {
        guard let value = number([name]) else { return .unknown(has([name]) ? "not a number" : "not told") }
        let (low, high) = (number(["\(name)_low"]), number(["\(name)_high"]))
        return .estimated(Estimated(value, low: low ?? 0, high: high ?? .infinity), unit)
    }

    /// The part of its keys that expires; nil where there are none.
    private var coverage: ComparedValue? {
        guard let keys = number(["keys"]) else { return .unknown("not told") }
        guard keys > 0 else { return nil }
        guard let never = number(["without_ttl"]) else { return .unknown("not told") }
        func part(_ number: Double?) -> Double { 1 - min(1, max(0, (number ?? never) / keys)) }
        return .estimated(
            Estimated(part(never), low: part(number(["without_ttl_high"])), high: part(number(["without_ttl_low"]))),
            .share)
    }
}

extension JSONValue {
    /// nil for what is no number, or beyond all that can be counted.
    fileprivate var figure: Double? {
        let number: Double? =
            switch self {
            case .integer(let integer): Double(integer)
            case .number(let number): number
            case .numeral(let text): Double(text)
            default: nil
            }
        return number.flatMap { abs($0) < 1e18 ? $0 : nil }
    }
}
