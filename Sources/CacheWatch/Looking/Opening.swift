internal import CacheCore
internal import CacheWire
internal import CacheModel

/// What has to be known of a node before its keys are looked at: how many there are, and what may be asked.
struct Opening {
    /// All keys of the database, by `DBSIZE` or else by `INFO`; nil where the server tells neither.
    var keys: Int?
    var commands: [String: CommandStats]?
    var policy: String?
    /// Keys with a TTL; nil where `INFO` does not tell.
    var volatile: Int?
    /// False for a replica, and where `INFO` does not tell.
    var isPrimary = false
    /// `DBSIZE` is answered.
    var countsBySize = false
    var questions: KeyQuestions
    /// What all keys take by the server's own account.
    var budget: Double?

    /// The commands; what is known to be denied is left out, and what is allowed is found out once a line, with a key
    /// that nobody has.
    static func questions(without denied: DeniedCommands, probing: Bool) -> [Question] {
        let all: [Question] = [.size, .info, .commandStats] + (probing ? Question.ofKeys : [])
        return all.filter { !denied.contains($0) }
    }

    /// Reads the answers.
    ///
    /// - Throws: ``CacheError`` where the server refuses to say anything at all.
    init(_ replies: [RESPValue], to asked: [Question], on line: Line) async throws(CacheError) {
        var info: ServerInfo?
        for (question, reply) in zip(asked, replies) {
            if case .error(let words) = reply {
                if let refusal = Refusal(reply: words), !refusal.kind.concernsCommand { throw .refused(refusal) }
                await line.note(question, error: words)
                continue
            }
            switch question {
            case .size: keys = try? reply.count
            case .info: info = (try? reply.bytes).map(InfoParser.parse)
            case .commandStats: commands = (try? reply.bytes).map(InfoParser.commandStats)
            default: break
            }
        }
        await line.noteKeyCommandsKnown()
        countsBySize = keys != nil
        isPrimary = info?.replication.role == .primary
        volatile = info?.volatileKeys(of: line.endpoint.database, among: keys)
        keys = (keys ?? info?.keys(of: line.endpoint.database)).map { min(LiveKeys.most, $0) }
        policy = info?.memory.policy
        questions = KeyQuestions(without: await line.denied(), policy: policy)
        var node = NodeSnapshot(address: line.name)
        (node.info, node.keys) = (info, keys)
        budget = node.sizeBudget
        // The probe looked its key up, and did not find it.
        let lookups: [Question] = [.keyType, .timeToLive, .idleTime]
        let missed = zip(asked, replies).count { question, reply in
            if case .error = reply { return false }
            return lookups.contains(question)
        }
        line.caused(hits: 0, misses: missed)
    }
}
