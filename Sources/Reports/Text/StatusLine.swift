internal import CacheModel

/// The first line of the text report, as monitoring plug-ins have it: the status, what makes it so, and figures behind
/// a bar.
///
/// ```
/// CRITICAL memory 91.0 %, 1 more | used=1954210119B max=2147483648B clients=4120 max_clients=10000
/// ```
///
/// Source: Monitoring Plugins Development Guidelines, "Performance data". What is not known is left out.
struct StatusLine {
    private let verdict: Verdict
    private let node: NodeSnapshot?

    init(_ snapshot: Snapshot, alerts: [Alert]) {
        verdict = Verdict(snapshot, alerts: alerts)
        node = snapshot.sum ?? snapshot.dataNodes.first
    }

    var text: String {
        let figures = figures
        // A plug-in's words end at the first bar.
        let words = "\(verdict.status.rawValue.uppercased()) \(what)".map { $0 == "|" ? "/" : $0 }
        return String(words) + (figures.isEmpty ? "" : " | \(figures.joined(separator: " "))")
    }

    private var what: String {
        guard !verdict.causes.isEmpty else { return verdict.name }
        let others = verdict.more > 0 ? ", \(Format.count(verdict.more)) more" : ""
        return verdict.causes.joined(separator: ", ") + others
    }

    private var figures: [String] {
        guard let node, node.reachable else { return [] }
        let memory = node.info?.memory
        let all: [(name: String, figure: Int?, unit: String)] = [
            ("used", memory?.used?.bytes, "B"), ("max", memory?.maximum?.bytes, "B"),
            ("clients", node.info?.clients.connected, ""), ("max_clients", node.info?.clients.maximum, ""),
        ]
        return all.compactMap { one in one.figure.map { "\(one.name)=\($0)\(one.unit)" } }
    }
}
