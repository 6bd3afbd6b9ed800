internal import CacheCore
public import CacheModel
package import CacheWire

extension CacheOperations {
    private static let list = Command("CLIENT", "LIST")
    /// `CLIENT KILL` commands a flight: the node is asked anew who is connected in between.
    private static let batch = 100

    /// Which connections are named, on all nodes that hold data; nothing is closed.
    ///
    /// - Throws: ``CacheError`` where no node tells its connections, and ``CacheError/forbidden(_:)`` where nothing may be
    ///   changed.
    public func plan(kill selection: KillPlan.Selection) async throws(CacheError) -> KillPlan {
        try self.guard.precheck(
            .kill(typed: selection.name, due: selection.name, planned: nil),
            on: .connections(selection.name, nodes: []))
        await deployment.survey()
        var (clients, identities): ([(node: String, entries: [ClientEntry])], [NodeIdentity]) = ([], [])
        var unseen: [KillPlan.Unseen] = []
        var failure: CacheError?
        for node in await deployment.nodes() where node.purpose == .data {
            do throws(CacheError) {
                let looked = try await connections(of: node)
                clients.append((node.name, looked.entries))
                identities.append(looked.identity)
            } catch {
                failure = failure ?? error
                unseen.append(KillPlan.Unseen(node: node.name, why: error.refusal))
            }
        }
        if clients.isEmpty { throw failure ?? .refused(Refusal(.noPrimary)) }
        var plan = KillPlan(selection, of: clients)
        (plan.nodes, plan.unseen) = (identities, unseen)
        return plan
    }

    /// Closes the connections that were planned for, each by its id, where it is still the same.
    ///
    /// - Parameters:
    ///   - typed: the name of what was selected, as a confirmation.
    ///   - isCancelled: asked between batches.
    /// - Throws: ``CacheError/forbidden(_:)`` for what is refused; nothing was closed then.
    public func kill(
        _ plan: KillPlan, typed: String, isCancelled: @Sendable () -> Bool = { false }
    ) async throws(CacheError) -> KillReceipt {
        let name = plan.selection.name
        let places = Set(plan.members.map(\.node))
        let action = GuardedAction.kill(
            typed: typed, due: name, planned: plan.nodes.filter { places.contains($0.address) })
        let scope = GuardScope.connections(name, nodes: places.sorted())
        try self.guard.precheck(action, on: scope)
        guard !plan.members.isEmpty else { throw self.guard.refusal(action, scope, "there is no such connection") }
        let checked = try await self.guard.check(action, on: scope)
        return try await checked.perform([("connections", .integer(plan.members.count))]) {
            permit throws(CacheError) in
            var receipt = KillReceipt(planned: plan.members.count)
            for node in checked.nodes where receipt.failure == nil {
                let planned = plan.members.filter { $0.node == node.identity.address }.map(\.entry)
                do throws(CacheError) {
                    try await close(planned, on: node.session, under: permit, isCancelled, &receipt)
                } catch {
                    // What was closed before is told, whatever becomes of the rest.
                    guard receipt.hasChanged else { throw error }
                    receipt.failure = error.description
                }
            }
            let details: [(name: String, value: JSONValue)] = [
                ("killed", .integer(receipt.killed)), ("gone", .integer(receipt.gone)),
                ("unanswered", .integer(receipt.unanswered)),
            ]
            let outcome: PermitOutcome =
                receipt.unanswered > 0
                ? .unknown : receipt.isWhole ? .done : receipt.killed > 0 ? .stopped : .notDone
            return Ended(
                receipt, outcome, details + (receipt.failure.map { [("reason", .string($0))] } ?? []))
        }
    }

    /// How many connections of a group are younger than so long.
    ///
    /// - Returns: nil for a single connection, which nobody can tell from others, and where nobody tells.
    public func returned(_ plan: KillPlan, within time: Duration) async -> Int? {
        guard case .group = plan.selection, let now = try? await self.plan(kill: plan.selection) else { return nil }
        let seconds = Int((time / .seconds(1)).rounded(.up))
        let known = Set(plan.members.map { "\($0.node) \($0.entry.id)" })
        return now.members.count {
            !known.contains("\($0.node) \($0.entry.id)") && ($0.entry.age.map { $0 <= seconds } ?? true)
        }
    }

    private func close(
        _ planned: [ClientEntry], on session: Session, under permit: Permit, _ isCancelled: @Sendable () -> Bool,
        _ receipt: inout KillReceipt
    ) async throws(CacheError) {
        var rest = planned[...]
        while !rest.isEmpty {
            if isCancelled() { throw .cancelled }
            let part = Array(rest.prefix(Self.batch))
            rest = rest.dropFirst(Self.batch)
            let now = try await session.ask([Self.list])[0].reading { reply throws(RESPShapeError) in try reply.bytes }
            let same = KillPlan.same(part, in: ClientListParser.parse(now).entries)
            receipt.gone += part.count - same.count
            guard !same.isEmpty else { continue }
            let commands = same.map { Command("CLIENT", "KILL", "ID", String($0.id)) }
            let replies: [RESPValue]
            do throws(CacheError) { replies = try await session.ask(commands, under: permit.token) } catch {
                if permit.token.account.unanswered > 0 { receipt.unanswered += same.count }
                throw error
            }
            for case .integer(let count) in replies {
                if count > 0 { receipt.killed += 1 } else { receipt.gone += 1 }
            }
            // Of those behind it some may have been closed all the same, and are counted.
            if let error = replies.lazy.compactMap(\.cacheError).first { throw error }
        }
    }

    /// What a node lists, without the connection over which it is asked.
    private func connections(
        of node: Node
    ) async throws(CacheError) -> (entries: [ClientEntry], identity: NodeIdentity) {
        let session = try await session(with: node)
        let replies = try await session.ask([Question.info.command, Self.list, Command("CLIENT", "ID")])
        let info = try replies[0].reading { reply throws(RESPShapeError) in InfoParser.parse(try reply.bytes) }
        let text = try replies[1].reading { reply throws(RESPShapeError) in try reply.bytes }
        let own = try? replies[2].integer
        let entries = ClientListParser.parse(text).entries.map { entry in
            var entry = entry
            // A server that takes no names does not say whose it is.
            if own.map({ Int($0) == entry.id }) == true { entry.name = SlowlogEntry.ownName }
            return entry
        }
        return (entries, try NodeGuard.identity(info, address: node.name))
    }
}
