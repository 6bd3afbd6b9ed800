/// What has become of operations, for the lines that are left on the terminal when the dashboard is gone.
public struct ReceiptBook: Equatable, Sendable {
    /// Where an operation stood when it ended.
    public enum Place: Equatable, Sendable {
        /// Its dialog, or a line, told it on the screen.
        case watched
        /// Nobody waited for it any more: a notice passed by.
        case hidden
        /// The screen was gone.
        case afterwards
    }

    private var entries: [(outcome: Outcome, place: Place)] = []
    /// What was told to the screen, by the number of its act.
    private var posted: [Int: [Outcome]] = [:]

    public init() {}

    public mutating func note(_ outcome: Outcome, _ place: Place) {
        // Of what was read on the screen, the last one is enough.
        if place == .watched { entries.removeAll { $0.place == .watched } }
        // It was on its way to the screen when that was left.
        if place == .afterwards { entries.removeAll { $0.outcome == outcome } }
        guard outcome.hasChanged || place == .afterwards else { return }
        entries.append((outcome, place))
    }

    /// Something has ended while there was a screen, and was told to it under the number of its act.
    public mutating func post(_ outcome: Outcome, number: Int, _ place: Place?) {
        posted[number, default: []].append(outcome)
        if let place { note(outcome, place) }
    }

    /// The screen was left before it has shown these.
    public mutating func noteUnread(_ numbers: some Collection<Int>) {
        for outcome in numbers.sorted().flatMap({ posted[$0] ?? [] }) { note(outcome, .afterwards) }
    }

    public var lines: [String] { entries.flatMap(\.outcome.lines) }

    /// Of what nobody could see any more: half done is worse than not done.
    public var status: ProgramStatus {
        let open = entries.filter { $0.place == .afterwards }.map(\.outcome.status)
        if open.contains(.halfWay) { return .halfWay }
        return open.first { $0 != .done } ?? .done
    }

    public static func == (left: ReceiptBook, right: ReceiptBook) -> Bool {
        left.entries.elementsEqual(right.entries) { $0.outcome == $1.outcome && $0.place == $1.place }
    }
}
