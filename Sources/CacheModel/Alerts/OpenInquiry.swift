/// What an alert's culprit is worked out from: the evidence as it was when it was raised, and one look at the keyspace
/// that was made for it, where the latest one was old.
struct OpenInquiry: Sendable {
    private var evidence: CulpritEvidence
    private let questions: [CulpritQuestion]
    private let began: Duration

    /// A look that is older is made anew.
    static let oldLook = Duration.seconds(30)
    /// So long a new one is waited for.
    private static let patience = Duration.seconds(60)

    /// - Parameter node: nil for an alert of the deployment.
    /// - Returns: nil where nothing is asked.
    init?(_ id: Alert.ID, of node: String?, _ evidence: CulpritEvidence, at now: Duration) {
        guard !id.asks.isEmpty else { return nil }
        (self.evidence, questions, began) = (evidence.part(of: node), id.asks, now)
    }

    var finding: CulpritFinding { CulpritInquiry(evidence: evidence, now: began).ask(questions) }

    /// Whether a look now would tell more: one that nothing can be compared with does not.
    var wantsLook: Bool {
        guard questions.contains(where: \.needsLook), let latest = evidence.looks.latest else { return false }
        return began - latest.at > Self.oldLook
    }

    func isOver(at now: Duration) -> Bool { now - began > Self.patience }

    /// Takes in the look that was made for it.
    ///
    /// - Returns: true once it has come.
    mutating func note(_ report: NamespaceReport?) -> Bool {
        guard let report, report.elapsed > began else { return false }
        evidence.note(report)
        return evidence.looks.latest?.at == report.elapsed
    }
}
