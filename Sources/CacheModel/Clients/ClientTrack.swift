internal import RedisValues

/// What the latest looks found of a group, oldest first.
struct ClientTrack: Equatable, Sendable {
    static let kept = 12

    private(set) var connections: [Int] = []
    /// Closed between each look and the one before.
    private(set) var gone: [Int] = []
    /// Since the group was first seen; nil where a server does not tell.
    private(set) var mostBusy: Int? = 0

    mutating func note(connections: Int, gone: Int, busy: Int?) {
        self.connections.append(connections)
        self.gone.append(gone)
        if self.connections.count > Self.kept {
            self.connections.removeFirst()
            self.gone.removeFirst()
        }
        mostBusy = mostBusy.flatMap { most in busy.map { max(most, $0) } }
    }

    /// Over how many looks it has grown at each one, up to now.
    var risingLooks: Int {
        var looks = 1
        for (after, before) in zip(connections.reversed(), connections.reversed().dropFirst()) {
            guard after > before else { break }
            looks += 1
        }
        return looks
    }

    /// Whether any of these looks has seen one of it.
    var isSeen: Bool { connections.contains { $0 > 0 } }

    /// Of the latest so many looks.
    func closed(in looks: Int) -> Int { gone.suffix(looks).reduce(0, +|) }
}

/// What the latest looks found of all connections together: of those that no look has seen nobody knows whose they were.
struct ClientChurn: Equatable, Sendable {
    /// Those of which the look before had seen who they were.
    private(set) var gone: [Int] = []
    private(set) var unseen: [Int] = []
    private(set) var seconds: [Double] = []

    mutating func note(gone: Int, unseen: Int, seconds: Double) {
        self.gone.append(gone)
        self.unseen.append(unseen)
        self.seconds.append(seconds)
        guard self.gone.count > ClientTrack.kept else { return }
        self.gone.removeFirst()
        self.unseen.removeFirst()
        self.seconds.removeFirst()
    }

    var looks: Int { gone.count }

    /// Connections a second that a group opens and closes again; nil where most are not known to be its.
    ///
    /// Of those that were closed some had been seen before: a group is named where the share of its connections among
    /// these is one half at least, with the interval's lower end. Those that were opened and stay say nothing.
    func rate(of track: ClientTrack) -> Double? {
        let (seen, missed) = (gone.reduce(0, +|), unseen.reduce(0, +|))
        let time = seconds.reduce(0.0, +)
        guard time > 0, missed >= max(Self.least, seen) else { return nil }
        let share = ShareInterval.of(hits: track.closed(in: looks), draws: seen)
        guard share.low >= 0.5 else { return nil }
        let rate = Double(missed +| seen) * share.value / time
        return rate >= 1 ? rate : nil
    }

    private static let least = 10
}
