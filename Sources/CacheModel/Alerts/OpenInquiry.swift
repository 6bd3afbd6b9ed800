/// What an alert's culprit is worked out from: the evidence as it was when it was raised, and the looks at the keyspace
/// that are made for it.
///
/// Whoever begins to watch in the middle of an incident has nothing to compare with when it is raised: there, what is
/// seen in the minutes after it is evidence, too, until it is known who it is.
struct OpenInquiry: Sendable {
    private enum Evidence: Sendable {
        /// As it was; a look is made where the latest one was old.
        case frozen(CulpritEvidence)
        /// As it was, but for looks: there were too few to compare.
        case looking(CulpritEvidence)
        /// As it becomes: too little was watched.
        case growing
    }

    private let evidence: Evidence
    private let node: String?
    private let questions: [CulpritQuestion]
    private let began: Duration
    private(set) var finding: CulpritFinding
    /// When it was asked for the last time, which look was the latest one then, and how many there were.
    private var asked: Duration
    private var looked: Duration?
    private var looks: Int
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
        let part = evidence.part(of: node)
        (looked, looks) = (part.looks.latest?.at, part.looks.all.count)
        if part.length < Self.shortestBaseline {
            self.evidence = .growing
        } else if looks < 2, questions.contains(where: \.needsLook) {
            self.evidence = .looking(part)
        } else {
            self.evidence = .frozen(part)
        }
        finding = CulpritInquiry(evidence: part, now: now).ask(questions)
        isSettled = learns ? isFirm : !isLookOld(at: began, among: questions)
    }

    private var learns: Bool { if case .frozen = evidence { false } else { true } }

    /// Whether a look now would tell more: one that nothing can be compared with does not.
    var wantsLook: Bool {
        guard !isSettled, looked != nil else { return false }
        // The longer it takes, the slower it grows: looks lie farther and farther apart.
        return learns
            ? isLookOld(at: now, max(Self.shortestGrowth, (now - began) / 2), among: open)
            : isLookOld(at: began, among: questions)
    }

    /// Whether it stays as it is.
    var isOver: Bool { isSettled || now - began > (learns ? Self.learning : Self.patience) }

    /// Those that may have another answer by now: where it is known who it is, no later one does.
    private var open: ArraySlice<CulpritQuestion> {
        guard finding.isWhole, let answered = finding.answered else { return questions[...] }
        return questions.prefix(through: answered)
    }

    /// Whether it is known who it is, and no question before that may have another answer by now. A few seconds may have
    /// shown what came once: what no look answers is known when a window has shown it.
    private var isFirm: Bool {
        guard finding.isWhole, let answered = finding.answered else { return false }
        if case .growing = evidence, !questions[answered].needsLook, now - began < RateBins.window { return false }
        return !isLookOld(at: now, among: open) && (looks > 1 || !open.contains(where: \.needsLook))
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
    mutating func note(_ live: CulpritEvidence, at now: Duration) -> Bool {
        self.now = now
        let isNew = live.looks.latest.map { $0.at > looked ?? .seconds(-1) } ?? false
        let inquiry: CulpritInquiry
        switch evidence {
        case .frozen(let evidence), .looking(let evidence):
            guard isNew, live.looks.latest?.at ?? .zero > began else { return false }
            inquiry = CulpritInquiry(evidence: evidence.with(live.looks), now: began)
        case .growing:
            guard isNew || now - asked >= RateBins.shortest else { return false }
            inquiry = CulpritInquiry(evidence: live.part(of: node), now: now)
        }
        (asked, looked, looks) = (now, live.looks.latest?.at, live.looks.all.count)
        let new = inquiry.ask(questions)
        // Nobody who was named is let off because the growth has ended, nor exchanged for somebody who is no surer: but
        // a look that was made for it tells more than an old one.
        if new.tellsMore(than: finding) || !learns && new.answered != nil { finding = new }
        isSettled = !learns || isFirm
        return true
    }
}
