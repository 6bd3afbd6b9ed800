internal import CacheCore
internal import CacheWire
internal import CacheModel

/// Whether keys can be drawn at random without holding the server: one round trip before the first `RANDOMKEY`.
enum DrawProbe {
    static let scan = Command("SCAN", "0", "COUNT", "\(LiveKeys.page)")

    /// Keys that the answer to ``scan`` holds; nil for another answer.
    static func page(_ reply: RESPValue) -> Int? {
        (try? reply.array).flatMap { $0.count == 2 ? try? $0[1].array.count : nil }
    }

    /// How many keys a node has and how many of them are there, in one round trip; what is refused is remembered.
    ///
    /// - Throws: ``CacheError`` where the server does not answer.
    static func live(on session: Session) async throws(CacheError) -> LiveKeys {
        let line = session.line
        let denied = await line.denied()
        let asked: [(question: Question, command: Command)] = [
            (.size, Question.size.command), (.info, Command("INFO", "keyspace")), (.scan, scan),
        ].filter { !denied.contains($0.0) }
        var live = LiveKeys()
        guard !asked.isEmpty else { return live }
        let replies = try await session.ask(asked.map(\.command))
        for (question, reply) in zip(asked.map(\.question), replies) {
            if case .error(let words) = reply {
                await line.note(question, error: words)
                continue
            }
            switch question {
            case .size: live.counted = try? reply.count
            case .info:
                let info = (try? reply.bytes).map(InfoParser.parse)
                let database = line.endpoint.database
                live.volatile = info?.volatileKeys(of: database, among: live.counted)
                live.counted = live.counted ?? info?.keys(of: database)
            default: live.onPage = page(reply)
            }
        }
        live.counted = live.counted.map { min(LiveKeys.most, $0) }
        return live
    }
}
