internal import RedisValues

/// Which command on which namespace has taken most of the time of slow queries: the slow log of one node, by its own
/// clock.
struct SlowShare: Equatable, Sendable {
    private struct Entry: Equatable, Sendable {
        var at: WallTime
        var took: Double
        var name: String
        var client: String
    }

    /// Newest last.
    private var entries: [Entry] = []
    private var newestID: Int?
    /// When entries were missed, and how many.
    private var missed: [Missed] = []
    private var clock: WallTime?

    private struct Missed: Equatable, Sendable {
        var at: WallTime
        var count: Int
    }

    private static let most = 512
    private static let minute = Duration.seconds(60)

    /// - Parameter clock: the time by the clock that has written the entries.
    mutating func note(_ log: [SlowlogEntry], clock: WallTime, _ classifier: KeyClassifier) {
        // Ids that fell were begun anew; the newest entry comes first.
        if let first = log.first?.id, first == newestID { return self.clock = clock }
        if let newest = log.map(\.id).max(), let newestID, newest < newestID { self = SlowShare() }
        self.clock = clock
        let known = newestID
        let news = log.filter { entry in known.map { entry.id > $0 } ?? true && Self.isYoung(clock - entry.at) }
        guard let newest = news.map(\.id).max() else { return }
        if let known {
            let gap = min(Self.most, max(0, (newest -| known) -| news.count))
            if gap > 0 { missed.append(Missed(at: clock, count: gap)) }
        }
        missed.removeAll { !Self.isYoung(clock - $0.at) }
        newestID = newest
        // What we have asked ourselves is nobody's fault, and what a script has called is in the script's own time.
        entries += news.filter { !$0.isOwn && !$0.isOfScript }.sorted { $0.id < $1.id }.map { entry in
            Entry(
                at: entry.at, took: max(0, entry.duration / .seconds(1)), name: Self.name(of: entry, classifier),
                client: ClientGrouping.family(of: entry))
        }
        entries.removeAll { !Self.isYoung(clock - $0.at) }
        if entries.count > Self.most { entries.removeFirst(entries.count - Self.most) }
    }

    /// What lies ahead was written by another clock.
    private static func isYoung(_ age: Duration) -> Bool { age < minute && age > .zero - minute }

    /// Seconds of the last minute, by command and namespace; those that were missed may have been anybody's.
    var rises: Rises? {
        guard let clock else { return nil }
        let young = entries.filter { Self.isYoung(clock - $0.at) }
        var seconds: [String: Double] = [:]
        for entry in young { seconds[entry.name, default: 0] += entry.took }
        let unseen = missed.reduce(0) { Self.isYoung(clock - $1.at) ? $0 +| $1.count : $0 }
        let sum = seconds.values.reduce(0.0, +)
        let mean = young.isEmpty ? 0 : sum / Double(young.count)
        return Rises(
            seconds.map { Rise(name: $0.key, amount: Estimated(exactly: $0.value)) },
            whole: unseen > 0 ? sum + mean * Double(unseen) : nil)
    }

    /// The clients that most of its time was of; nil where nobody has most of it.
    func client(of name: String) -> String? {
        var (seconds, all) = ([String: Double](), 0.0)
        for entry in entries where entry.name == name {
            seconds[entry.client, default: 0] += entry.took
            all += entry.took
        }
        guard let most = seconds.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }), !most.key.isEmpty,
            most.value >= 0.5 * all
        else { return nil }
        return most.key
    }

    /// `HGETALL session`, `KEYS *`.
    private static func name(of entry: SlowlogEntry, _ classifier: KeyClassifier) -> String {
        let command = entry.command.first?.uppercased() ?? ""
        guard let key = firstKey(of: entry.command) else { return command }
        let bytes = Array(key.utf8)
        if let match = classifier.classify(bytes) { return "\(command) \(classifier.rules[match.namespace].name)" }
        let length = DiscoveredPrefix.length(of: bytes.span)
        return length > 0
            ? "\(command) \(DiscoveredPrefix.name(String(decoding: bytes[..<length], as: UTF8.self)))" : command
    }

    private static let keyless: Set<String> = [
        "SCAN", "FLUSHALL", "FLUSHDB", "INFO", "CLIENT", "CONFIG", "SLOWLOG", "DEBUG", "SCRIPT", "MULTI", "EXEC",
        "WAIT",
        "CLUSTER", "ACL", "COMMAND", "FUNCTION", "PUBLISH", "SUBSCRIBE", "PSUBSCRIBE", "PSYNC", "SYNC", "BGSAVE",
        "SAVE",
    ]
    private static let second: Set<String> = ["OBJECT", "MEMORY", "XGROUP", "XINFO", "BITOP"]

    private static func firstKey(of words: [String]) -> String? {
        guard let command = words.first?.uppercased(), !keyless.contains(command) else { return nil }
        if SlowlogEntry.scriptCommands.contains(command) {
            guard words.count > 3, let keys = Int(words[2]), keys > 0 else { return nil }
            return words[3]
        }
        if command == "XREAD" || command == "XREADGROUP" {
            guard let streams = words.firstIndex(where: { $0.uppercased() == "STREAMS" }) else { return nil }
            return words.dropFirst(streams + 1).first
        }
        return words.dropFirst(second.contains(command) ? 2 : 1).first
    }
}

extension ClientGrouping {
    /// What a slow query's client is called; its address where it has no name.
    fileprivate static func family(of entry: SlowlogEntry) -> String {
        var client = ClientEntry(id: 0, address: entry.client)
        client.name = entry.clientName
        return entry.client.isEmpty && entry.clientName.isEmpty ? "" : name.label(of: client)
    }
}
