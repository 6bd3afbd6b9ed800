/// What is known of a service that sentinels watch: whom to ask, and who is the primary now.
///
/// Sentinels may be down, cut off, or late: the view of the highest epoch counts, and none goes back behind what is
/// known. Only a majority that says so again and again does: sentinels that were set up anew count from the beginning,
/// and a message may come late.
public struct SentinelState: Equatable, Sendable {
    public let service: String
    /// Those of the settings first, then those that others have told of.
    public private(set) var sentinels: [String]
    /// As it is announced; nil before anybody has said.
    public private(set) var primary: String?
    /// Of the view that counts; a message has none.
    public private(set) var epoch = 0
    /// What each sentinel said last, or why it said nothing.
    public private(set) var answers: [String: SentinelAnswer] = [:]
    /// The view that counts.
    public private(set) var view: SentinelView?
    /// Those of the settings.
    private let listed: [String]
    /// A message names the primary, and no view of a higher epoch yet.
    public private(set) var isAnnounced = false
    /// How often in a row each sentinel has contradicted, since somebody last agreed.
    private var objections: [String: Int] = [:]

    /// More are not asked.
    public static let mostSentinels = 16
    /// Who contradicts so often in a row knows of the news and says otherwise: sentinels tell each other every two
    /// seconds, and are asked at most five times a second.
    public static let insistence = 10

    /// - Parameter sentinels: `host:port`, one at least.
    public init(service: String, sentinels: [String]) {
        self.service = service
        self.sentinels = sentinels
        listed = sentinels
    }

    /// Records what sentinels have answered.
    ///
    /// - Returns: true where the primary is another one now.
    @discardableResult
    public mutating func record(_ answers: [String: SentinelAnswer]) -> Bool {
        self.answers.merge(answers) { $1 }
        for (name, answer) in answers {
            let contradicts = answer.view.map(isBehind) ?? false
            objections[name] = contradicts ? min(Self.insistence, (objections[name] ?? 0) + 1) : nil
        }
        let heeded = sentinels.compactMap { name in answers[name]?.view }.filter { !isBehind($0) }
            .max { $0.epoch < $1.epoch }
        guard let best = heeded ?? insistent else { return false }
        let before = primary
        // Whoever insists has the last word over a message.
        if heeded == nil || best.epoch > epoch { isAnnounced = false }
        objections = [:]
        view = best
        (primary, epoch) = (best.primary.address, best.epoch)
        for address in best.sentinels.map(\.address) where !sentinels.contains(address) {
            if sentinels.count < Self.mostSentinels { sentinels.append(address) }
        }
        return before != nil && before != primary
    }

    /// True for the view of a sentinel that was asked before the latest news, or has not heard of them.
    private func isBehind(_ view: SentinelView) -> Bool {
        view.epoch < epoch || (isAnnounced && view.epoch == epoch && view.primary.address != primary)
    }

    /// What a majority of all sentinels insists on while nobody says anything else; nil where there is none.
    private var insistent: SentinelView? {
        guard !answers.values.contains(where: { $0.view.map(isBehind) == false }) else { return nil }
        let names = objections.filter { $0.value >= Self.insistence }.map(\.key)
        let views = names.compactMap { answers[$0]?.view }
        let all = Set(listed).union(names).union(views.flatMap(\.sentinels).map(\.address))
        guard names.count * 2 > all.count else { return nil }
        return views.max { $0.epoch < $1.epoch }
    }

    /// Applies a message of `+switch-master`: `service old-host old-port new-host new-port`.
    ///
    /// It is believed at once and has no epoch: sentinels that are asked afterwards confirm it, or show that it came
    /// late.
    ///
    /// - Returns: true where the primary is another one now; false for other services, and for what makes no sense.
    public mutating func apply(switchMessage message: String) -> Bool {
        let words = message.split(separator: " ")
        guard words.count == 5, words[0] == service,
            let new = (try? NodeName("\(words[3]):\(words[4])"))?.description, new != primary
        else { return false }
        primary = new
        // Whoever still tells of the old one was asked before.
        (isAnnounced, objections) = (true, [:])
        view?.primary = SentinelView.Member(address: new)
        return true
    }

    /// The replicas that are told of, without the primary.
    public var replicas: [String] {
        var seen: Set<String> = [primary ?? ""]
        return (view?.replicas ?? []).map(\.address).filter { seen.insert($0).inserted }
    }

    public var topology: SentinelTopology {
        SentinelTopology(
            service: service, primary: primary, quorum: view?.quorum,
            watches: sentinels.compactMap { name in
                answers[name].map { SentinelTopology.Watch(address: name, answer: $0) }
            },
            down: (view.map { [$0.primary] + $0.replicas } ?? []).filter(\.isDown).map(\.address))
    }
}

/// What a sentinel said, or why it said nothing.
public struct SentinelAnswer: Codable, Equatable, Sendable {
    public var view: SentinelView?
    public var refusal: Refusal?

    public init(view: SentinelView) { self.view = view }
    public init(refusal: Refusal?) { self.refusal = refusal }
}

/// The sentinels of a deployment as one collection saw them.
public struct SentinelTopology: Codable, Equatable, Sendable {
    public struct Watch: Codable, Equatable, Sendable {
        public var address: String
        public var answer: SentinelAnswer

        public init(address: String, answer: SentinelAnswer) {
            self.address = address
            self.answer = answer
        }

        public var isUp: Bool { answer.view != nil }
    }

    public var service: String
    /// As it is announced; nil where no sentinel has said.
    public var primary: String?
    public var quorum: Int?
    public var watches: [Watch]
    /// Nodes that the sentinels think gone, as they are announced.
    public var down: [String]

    public init(service: String, primary: String?, quorum: Int?, watches: [Watch], down: [String] = []) {
        self.service = service
        self.primary = primary
        self.quorum = quorum
        self.watches = watches
        self.down = down
    }

    /// Sentinels that answer.
    public var up: Int { watches.count(where: \.isUp) }

    /// Primaries that answering sentinels name and that are not the one: a split, or somebody who is behind.
    public var dissenting: [String] {
        var seen: Set<String> = []
        return watches.compactMap { $0.answer.view?.primary.address }.filter {
            $0 != primary && seen.insert($0).inserted
        }
    }
}
