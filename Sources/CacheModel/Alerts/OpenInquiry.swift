/// What an alert's culprit is worked out from: the evidence as it was when it was raised, and one look at the keyspace
/// that was made for it, where the latest one was old.
///
/// Whoever begins to watch in the middle of an incident has nothing to compare with when it is raised: there, what is
/// seen in the minutes after it is evidence, too, until it names somebody.
struct OpenInquiry: Sendable {
    /// As it was; nil where it is taken as it is, for too little had been seen by then to compare anything with.
    private var frozen: CulpritEvidence?
    private let node: String?
    private let questions: [CulpritQuestion]
    private let began: Duration
    private(set) var finding: CulpritFinding
    /// When it was asked for the last time, and which look was the latest one then.
    private var asked: Duration
    private var looked: Duration?
    private var now: Duration
    private var isSettled = false

    /// A look that is older is made anew.
    static let oldLook = Duration.seconds(30)
    /// Looks that lie nearer together tell little of growth.
    static let shortestGrowth = Duration.seconds(20)
    /// What was watched for less is no baseline.
    static let shortestBaseline = RateBins.window * 2
    /// So long a look is waited for.
    private static let patience = Duration.seconds(60)
    /// So long what comes after it is evidence.
    static let learning = Duration.seconds(180)

    /// - Parameters:
    ///   - questions: in their order.
    ///   - node: nil for an alert of the deployment.
    /// - Returns: nil where nothing is asked.
    init?(_ questions: [CulpritQuestion], of node: String?, _ evidence: CulpritEvidence, at now: Duration) {
        guard !questions.isEmpty else { return nil }
        (self.node, self.questions) = (node, questions)
        (began, asked, self.now) = (now, now, now)
        let evidence = evidence.part(of: node)
        let learns =
            evidence.length < Self.shortestBaseline
            || questions.contains(where: \.needsLook) && evidence.looks.all.count < 2
        frozen = learns ? nil : evidence
        finding = CulpritInquiry(evidence: evidence, now: now).ask(questions)
        looked = evidence.looks.latest?.at
        isSettled = learns ? isFirm : !isLookOld(at: began, among: questions)
    }

    private var learns: Bool { frozen == nil }

    /// Whether a look now would tell more: one that nothing can be compared with does not.
    var wantsLook: Bool {
        guard !isSettled, looked != nil else { return false }
        // The longer it takes, the slower it grows: looks lie farther and farther apart.
        return learns
            ? isLookOld(at: now, max(Self.shortestGrowth, (now - began) / 2), among: questions)
            : isLookOld(at: began, among: questions)
    }

    /// Whether it stays as it is.
    var isOver: Bool { isSettled || now - began > (learns ? Self.learning : Self.patience) }

    /// Whether it is known who it is, and no question before that may have another answer by now.
    private var isFirm: Bool {
        finding.isWhole
            && finding.answered.map { !isLookOld(at: now, among: questions.prefix(through: $0)) } ?? false
    }

    private func isLookOld(
        at time: Duration, _ age: Duration = oldLook, among questions: some Collection<CulpritQuestion>
    ) -> Bool {
        guard questions.contains(where: \.needsLook), let looked else { return false }
        return time - looked > age
    }

    /// Takes in what has been seen since.
    ///
    /// - Parameter evidence: all of it, as it is now.
    /// - Returns: true where that was asked again.
    mutating func note(_ evidence: CulpritEvidence, _ report: NamespaceReport?, at now: Duration) -> Bool {
        self.now = now
        if let frozen { return note(report, beside: frozen) }
        let isNew = evidence.looks.latest.map { $0.at > looked ?? .seconds(-1) } ?? false
        guard isNew || now - asked >= RateBins.shortest else { return false }
        (asked, looked) = (now, evidence.looks.latest?.at)
        let new = CulpritInquiry(evidence: evidence.part(of: node), now: now).ask(questions)
        // Nobody who was named is let off because the growth has ended, nor exchanged for somebody who is no surer.
        if new.tellsMore(than: finding) { finding = new } else { finding.notes = new.notes }
        isSettled = isFirm
        return true
    }

    private mutating func note(_ report: NamespaceReport?, beside frozen: CulpritEvidence) -> Bool {
        guard let report, report.elapsed > began else { return false }
        var evidence = frozen
        evidence.note(report)
        guard evidence.looks.latest?.at == report.elapsed else { return false }
        finding = CulpritInquiry(evidence: evidence, now: began).ask(questions)
        isSettled = true
        return true
    }
}
