/// One round of asking several and not waiting for the last: who is asked, who has answered, and when it is over.
///
/// It decides, and its owner performs: each call returns what is to be done. Who has not answered when a round is over
/// is late; it is not asked again before it has answered, and its answer is taken when it comes.
package struct RoundState: Sendable {
    package typealias Name = String
    /// Monotonic time since some start, the same for all calls.
    package typealias Instant = Duration

    package struct RoundID: Hashable, Sendable {
        package let number: Int
        package init(_ number: Int) { self.number = number }
    }

    /// How much longer the others may take once somebody has answered.
    package struct Grace: Equatable, Sendable {
        package let least: Duration
        /// Times the slowest answer so far of this round.
        package let factor: Int

        package init(_ least: Duration, factor: Int = 0) {
            self.least = least
            self.factor = factor
        }
    }

    package enum Effect: Equatable, Sendable {
        /// What becomes of it, an answer or a failure, is told with ``RoundState/answered(_:counts:roundTrip:now:)``.
        case ask([Name])
        /// ``RoundState/woken(_:)`` is to be called then.
        case wake(at: Instant, RoundID)
        /// Whoever waits for this round may go on.
        case end(RoundID)
        /// An answer that no round waits for any more.
        case news(Name)
    }

    private struct Question: Sendable {
        let since: Instant
        let round: RoundID
    }

    private let grace: Grace
    /// The one that is under way, or the last one.
    package private(set) var round = RoundID(0)
    package private(set) var isUnderWay = false
    /// Whether another round is wished for since the last one has begun.
    package private(set) var isDue = false
    private var questions: [Name: Question] = [:]
    /// Who takes part in the round, and of those who has not answered.
    private var members: Set<Name> = []
    private var awaited: Set<Name> = []
    private var mustWait: Set<Name> = []
    /// nil before somebody has answered whose answer counts.
    private var slowest: Duration?
    private var isTimed = false

    package init(grace: Grace) { self.grace = grace }

    /// Who has been asked, since when, and is not waited for.
    package var late: [Name: Instant] {
        questions.filter { !awaited.contains($0.key) }.mapValues(\.since)
    }

    /// Remembered until the next round begins: what is asked already may be answered as of before.
    package mutating func wish() { isDue = true }

    /// Begins a round, or joins the one that is under way: who has been asked in it is not asked again.
    ///
    /// - Parameter mustWait: who is waited for however long it takes.
    package mutating func begin(_ names: [Name], mustWait: Set<Name> = [], now: Instant) -> [Effect] {
        if !isUnderWay {
            round = RoundID(round.number + 1)
            (isUnderWay, isDue, isTimed, slowest) = (true, false, false, nil)
            (members, awaited, self.mustWait) = ([], [], [])
        }
        let new = names.filter { members.insert($0).inserted }
        awaited.formUnion(new)
        self.mustWait.formUnion(mustWait)
        let asked = new.filter { questions[$0] == nil }
        for name in asked { questions[name] = Question(since: now, round: round) }
        if awaited.isEmpty { return end() }
        return asked.isEmpty ? [] : [.ask(asked)]
    }

    /// - Parameters:
    ///   - counts: whether it shows how long an answer takes; that somebody refuses at once shows nothing.
    ///   - roundTrip: of the answer, without the time to connect.
    package mutating func answered(
        _ name: Name, counts: Bool, roundTrip: Duration = .zero, now: Instant
    ) -> [Effect] {
        guard let question = questions.removeValue(forKey: name) else { return [] }
        guard awaited.remove(name) != nil else { return [.news(name)] }
        if awaited.isEmpty { return end() }
        if counts {
            // One that was late before is not a measure for the others.
            slowest = max(slowest ?? .zero, question.round == round ? roundTrip : .zero)
        }
        guard let slowest, !isTimed, mustWait.isDisjoint(with: awaited) else { return [] }
        isTimed = true
        return [.wake(at: now + max(grace.least, slowest * grace.factor), round)]
    }

    /// A timer belongs to its round, and ends no other.
    package mutating func woken(_ round: RoundID) -> [Effect] {
        guard isUnderWay, round == self.round, isTimed else { return [] }
        guard mustWait.isDisjoint(with: awaited) else {
            // Joined later: the others get their grace when these have answered.
            isTimed = false
            return []
        }
        return end()
    }

    private mutating func end() -> [Effect] {
        isUnderWay = false
        awaited = []
        return [.end(round)]
    }
}
