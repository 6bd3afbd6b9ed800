package import CacheCore
package import CacheWire
internal import CacheModel
public import Recording

/// Everything that changes a cache: planned, confirmed, permitted by ``Guard``, journalled, audited.
///
/// It has connections of its own, the only ones over which a writing command can be sent; where nothing may be changed
/// there is none.
public actor CacheOperations {
    let deployment: any Deployment
    let settings: Settings
    public nonisolated let files: OperationFiles
    nonisolated let audit: AuditLog
    public nonisolated let ledger: RevocationLedger
    /// As it was found, and where.
    private var layout: (finding: LayoutFinding, place: DeploymentIdentity)?

    package init(deployment: any Deployment, settings: Settings, files: OperationFiles, actor: AuditLog.Actor) {
        self.deployment = deployment
        self.settings = settings
        self.files = files
        files.closeToOthers()
        audit = AuditLog(
            path: settings.auditPath(files), actor: actor, target: deployment.target,
            isPrivate: settings.auditFile == nil)
        ledger = RevocationLedger(
            path: files.ledger, target: deployment.target, keyPrefix: Array(settings.keyPrefix.utf8))
    }

    public init(settings: Settings, files: OperationFiles, actor: AuditLog.Actor) {
        self.init(deployment: settings.deployment, settings: settings, files: files, actor: actor)
    }

    /// What of an action that is over could not be written to the audit, told once; nil where all was.
    public nonisolated func takeAuditLapse() -> String? { audit.takeLapse() }

    /// From now on somebody hears of every act as the audit has it: when it begins, how it has ended, and what was
    /// refused; nil for nobody.
    public nonisolated func tellActs(to listener: (@Sendable (RecordedAction) -> Void)?) { audit.tell(listener) }

    nonisolated var classifier: KeyClassifier { settings.classifier }
    nonisolated var keyPrefix: [UInt8] { Array(settings.keyPrefix.utf8) }
    nonisolated var deadline: Duration { settings.flightDeadline }

    public func close() async {
        await deployment.close(.act)
        layout = nil
    }

    /// Whether anything may be changed at all.
    ///
    /// - Throws: ``CacheError`` where the server does not answer.
    public func access() async throws(CacheError) -> WriteAccess {
        if settings.readOnly { return .switchedOff }
        return try await WriteAccess.find(
            on: try await anySession(), keyPrefix: keyPrefix, seesClusters: deployment.movesKeys)
    }

    // MARK: what the operations share

    /// Without it nothing is changed.
    nonisolated var `guard`: Guard {
        Guard(deployment: deployment, isSwitchedOff: settings.readOnly, audit: audit) {
            node throws(CacheError) in try await self.session(with: node)
        }
    }

    /// A session with a node, and what the node was when it was opened.
    struct Target: Sendable {
        var session: Session
        var opened: Session.Opened
    }

    /// All nodes that hold keys.
    ///
    /// - Throws: ``CacheError`` where one of them cannot be reached: nothing can be said of the whole then.
    func targets() async throws(CacheError) -> [Target] {
        await deployment.survey()
        var targets: [Target] = []
        for node in try await deployment.primaries() {
            let session = try await session(with: node)
            let opened = try await session.identity(isOfCluster: deployment.movesKeys)
            targets.append(Target(session: session, opened: opened))
        }
        return targets
    }

    /// A session with a node that holds keys, where any will do.
    func anySession() async throws(CacheError) -> Session {
        await deployment.survey()
        var failure = CacheError.refused(Refusal(.noPrimary))
        for node in try await deployment.primaries() {
            do throws(CacheError) { return try await session(with: node) } catch { failure = error }
        }
        throw failure
    }

    /// Commands about keys go to whoever holds them; none that changes anything: see ``Permit/router``.
    func router() async -> Router {
        await deployment.survey()
        return Router(deployment: deployment) { node throws(CacheError) in try await self.session(with: node) }
    }

    func session(with node: Node) async throws(CacheError) -> Session {
        try await node.line(.act).session(deadline: deadline)
    }

    /// - Throws: ``CacheError/input(_:)`` for a name that no rule has.
    nonisolated func rule(_ name: String) throws(CacheError) -> (index: Int, rule: NamespaceRule) {
        let rules = classifier.rules
        guard let index = rules.firstIndex(where: { $0.name == name }) else {
            throw .input(KeyScope.unknown(name, among: rules.map(\.name)))
        }
        return (index, rules[index])
    }

    func header(
        _ kind: JournalHeader.Kind, _ scope: String, _ nodes: [NodeIdentity]
    ) -> JournalHeader {
        JournalHeader(
            id: .random(in: .min ... .max), kind: kind, scope: String(Printable.escapeControls(scope).prefix(200)),
            target: deployment.target, database: deployment.database, runID: nodes.runIDs,
            software: nodes.first?.software ?? "",
            startedAt: .now, servers: nodes.map(\.server))
    }

    // MARK: where they act

    /// Who the deployment is that was looked at.
    func place(of nodes: [NodeIdentity]) async -> DeploymentIdentity {
        DeploymentIdentity(
            target: deployment.target, servers: nodes.map(\.server),
            nodeIDs: await deployment.topology()?.cluster?.nodeIDs ?? [])
    }

    /// Who answers now; a cluster is known by the ids of its nodes.
    private func place() async throws(CacheError) -> DeploymentIdentity {
        await deployment.survey()
        let place = await place(of: [])
        guard place.nodeIDs.isEmpty else { return place }
        var servers: [ServerIdentity] = []
        for node in try await deployment.primaries() { servers.append(try await server(of: node)) }
        return DeploymentIdentity(target: deployment.target, servers: servers)
    }

    private func server(of node: Node) async throws(CacheError) -> ServerIdentity {
        do throws(CacheError) { return try await session(with: node).server() } catch {
            guard error.refusal.kind == .closed else { throw error }
        }
        // The connection had ended meanwhile.
        return try await session(with: node).server()
    }

    /// Other nodes are not asked for the blacklist's layout beyond that.
    private static let enoughTokens = 10

    /// In which layouts tokens are revoked: found once, and anew where another deployment answers by now.
    public func blacklistLayout() async throws(CacheError) -> LayoutFinding {
        if settings.revocationLayout == nil, let layout {
            let here = try await place()
            forgetLayout(unlessOf: here)
            if here.isStill(layout.place) { return layout.finding }
        }
        return try await supposedLayout()
    }

    /// The same without a look at who answers, for whoever looks afterwards; see ``forgetLayout(unlessOf:)``.
    func supposedLayout() async throws(CacheError) -> LayoutFinding {
        if let set = settings.revocationLayout { return LayoutFinding(set: set) }
        if let layout { return layout.finding }
        var found = LayoutFinding()
        let here = try await place()
        let router = await router()
        for node in try await deployment.primaries() {
            let probe = LayoutProbe(session: try await session(with: node), router: router, keyPrefix: keyPrefix)
            found = found + (try await probe.run())
            if found.tokens >= Self.enoughTokens { break }
        }
        layout = (found, here)
        return found
    }

    /// - Returns: true where what was found is of another deployment than the one that has answered since.
    @discardableResult
    func forgetLayout(unlessOf here: DeploymentIdentity) -> Bool {
        guard let layout, !here.isStill(layout.place) else { return false }
        self.layout = nil
        return true
    }
}
