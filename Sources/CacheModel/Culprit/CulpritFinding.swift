/// What the evidence answers.
struct CulpritFinding: Equatable, Sendable {
    /// nil where nobody is named.
    var culprit: Culprit?
    /// What was asked and is not known, and what else is worth a word; each once.
    var notes: [String] = []
    /// Which of the questions has named somebody who is more than the largest of many; nil where none has, or where it
    /// has asked for no more than what is there.
    var answered: Int?
    /// What each had that was compared for the answer, by name; empty where nobody was.
    var amounts: [String: Double] = [:]

    /// Whether it is known who it is, and not only who has a part in it.
    var isWhole: Bool { answered != nil && culprit?.weight == .whole }

    /// Whether it says more than an earlier answer to the same questions: an earlier one of them is answered, or the same one
    /// more surely. Where nobody is named, the latest figures do.
    func tellsMore(than other: CulpritFinding) -> Bool {
        guard let answered else { return other.answered == nil && (culprit != nil || other.culprit == nil) }
        guard let before = other.answered else { return true }
        if answered != before { return answered < before }
        guard let name = culprit?.name, let former = other.culprit?.name else { return false }
        // The same one has its latest figures for as long as it is not known that it is all of it.
        if name == former { return !other.isWhole }
        let isSurer = isWhole && !other.isWhole
        guard let most = amounts[name], let first = other.amounts[former] else { return isSurer }
        // Who has little of it by now makes room for who has most: of two that are alike the one who was named stays. Nobody
        // is accused of what is left when the first one has gone.
        return most >= first && (isSurer || most >= Self.replacing * (amounts[former] ?? 0))
    }

    private static let replacing = 2.0
}
