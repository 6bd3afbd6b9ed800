internal import CacheWire
internal import NIOCore
internal import RedisValues

/// A call whose first attempt has not brought what was asked for: sent elsewhere, sent again, or given up, as
/// ``RoutePlan`` says.
struct PoolCourse {
    let pool: CachePool
    let call: CacheCall
    let deadline: NIODeadline
    let isLast: Bool

    func follow(
        _ first: Result<[RESPValue], PipelineFailure>, at place: NodePool
    ) async -> Result<RESPValue, CacheError> {
        var (outcome, place) = (first, place)
        var (hops, repeats) = (0, 0)
        while true {
            let plan: RoutePlan
            let end: Result<RESPValue, CacheError>
            switch outcome {
            case .success(let replies):
                // ASKING may have been in front.
                let reply = replies[replies.count - 1]
                guard case .error(let words) = reply else { return .success(reply) }
                if let refusal = BreakerState.reason(of: words) {
                    return .failure(place.unavailable ?? .unavailable(since: PoolJournal.wallTime(), reason: refusal))
                }
                if let denial = CacheError(denial: words, of: call) { return .failure(denial) }
                let attempt = RoutePlan.Attempt(
                    number: hops, writes: true, movesKeys: pool.routes.movesKeys, tries: CachePool.hops + 1)
                if case .readOnly = RoutePlan.verdict(of: reply, movesKeys: attempt.movesKeys), !pool.hasSuccessors {
                    return .failure(.refused(Refusal(.readOnly, detail: Printable.escape(words, limit: 200))))
                }
                // A server with a script that runs for too long has answered; whoever asks decides what then.
                if case .later = RoutePlan.verdict(of: reply, movesKeys: attempt.movesKeys) { return .success(reply) }
                plan = RoutePlan(after: reply, to: attempt)
                end = .success(reply)
                hops += 1
            case .failure(let failure):
                guard Self.isOfConnection(failure.error) else { return .failure(failure.error) }
                // Nobody knows of a time-out what became of it; that is said as it is.
                plan = RoutePlan(
                    afterFailure: failure.error.refusal, wasSent: failure.wasSent,
                    of: RoutePlan.Attempt(number: repeats, writes: !call.isRepeatable, movesKeys: false, tries: 2))
                end = .failure(failure.error)
                repeats += 1
            }
            switch plan.step {
            case .done: return end
            case .refused(let refusal):
                if case .failure = end { return end }
                return .failure(.refused(refusal))
            case .unknown(let refusal):
                if case .failure(.timedOut) = end { return end }
                return .failure(.unknown(refusal))
            case .again(let next, let asking, let pause):
                guard NIODeadline.now() + pause.amount < deadline else { return end.asFailure }
                if pause > .zero {
                    do { try await Task.sleep(for: pause) } catch { return .failure(.cancelled) }
                }
                switch await self.place(next, from: place, asking: asking, asksForMap: plan.asksForMap) {
                case .success(let found): place = found
                case .failure(let error): return .failure(error)
                }
                let commands = asking ? [Command("ASKING"), call.command] : [call.command]
                outcome = await place.ask(commands, until: deadline, isLast: isLast)
            }
        }
    }

    private func place(
        _ next: RoutePlan.Place, from place: NodePool, asking: Bool, asksForMap: Bool
    ) async -> Result<NodePool, CacheError> {
        switch next {
        case .same: return .success(place)
        case .node(let name):
            if asksForMap { pool.routes.survey() }
            return .success(await pool.routes.pool(name, by: place, of: call.key, isOwner: !asking))
        case .owner, .primary:
            if asksForMap, pool.hasSuccessors, case .success? = pool.routes.known(call.key) {
                await pool.routes.survey(until: deadline)
            }
            do throws(CacheError) { return .success(try await pool.pool(of: call.key, until: deadline)) } catch {
                return .failure(error)
            }
        }
    }

    private static func isOfConnection(_ error: CacheError) -> Bool {
        switch error {
        case .closed, .timedOut, .protocolError, .replyTooLarge, .refused: true
        default: false
        }
    }
}

extension Result<RESPValue, CacheError> {
    /// An error reply that nothing more can be done about is a failure.
    fileprivate var asFailure: Self {
        guard case .success(.error(let words)) = self else { return self }
        return .failure(.refused(Refusal(reply: words) ?? Refusal(ofCommand: words)))
    }
}

/// What one node is asked of a pipeline.
struct PoolPart: Sendable {
    let pool: NodePool
    var indices: [Int]

    struct Asked: Sendable {
        let pool: NodePool
        let indices: [Int]
        let outcome: Result<[RESPValue], PipelineFailure>
    }

    func ask(_ calls: [CacheCall], _ deadline: NIODeadline, _ isLast: Bool) async -> Asked {
        let outcome = await pool.ask(indices.map { calls[$0].command }, until: deadline, isLast: isLast)
        return Asked(pool: pool, indices: indices, outcome: outcome)
    }
}

extension CacheError {
    /// What an error reply says that a user may not do; nil for any other.
    init?(denial words: [UInt8], of call: CacheCall) {
        guard words.starts(with: "NOPERM".utf8) else { return nil }
        let name = CommandTable.name(of: call.command)
        let isOfKey = ErrorReply(words).meaning == .noKeyPermission
        let prefix = call.key.prefix { $0 != UInt8(ascii: ":") }
        let pattern = prefix.count < call.key.count ? "\(Printable.escape(prefix, limit: 60)):*" : "*"
        let rule = isOfKey ? "~\(pattern)" : DeniedCommands.permission(for: name)
        self = .forbidden(
            "\(name) is not permitted: the user needs the ACL rule \(rule) (\(Printable.escape(words, limit: 200)))")
    }
}
