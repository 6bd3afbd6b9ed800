internal import CacheModel
internal import TerminalUI

/// Where Enter leads from a line: to where the act is.
struct Lead: Equatable {
    let screen: Screen
    /// What the cursor is on there; nil leaves it where it was.
    let subject: Subject?
    /// The group of the connection that it is on.
    var group: ClientGroup.ID?
    /// Shown in full there, and not only chosen.
    var opens = false
    /// The keys that are listed there.
    var listing: KeyScope?

    init(_ screen: Screen, _ subject: Subject? = nil) { (self.screen, self.subject) = (screen, subject) }

    init(_ screen: Screen, listing scope: KeyScope) { (self.screen, subject, listing) = (screen, nil, scope) }

    /// `rate:limit on 2`.
    var words: String {
        let name: String? =
            switch subject {
            case .slowQuery: "the query"
            case .alert: "the alert"
            default: (subject?.name ?? listing?.name).map { Printable.shortened($0, to: 24) }
            }
        return name.map { "\($0) on \(screen.rawValue)" } ?? "to \(screen.rawValue) \(screen.title)"
    }
}

/// The way from a line to the act, and back.
extension DashboardState {
    /// Where Enter leads from the line under the cursor; nil where it opens the line itself.
    var lead: Lead? {
        guard let subject else { return nil }
        switch (screen, subject) {
        case (.overview, .namespace), (.overview, .prefix): return Lead(.namespaces, subject)
        case (.overview, .slowQuery):
            var lead = Lead(.slowlog, subject)
            lead.opens = true
            return lead
        case (.overview, .alert): return alert(of: subject).flatMap(lead(from:)) ?? Lead(.alerts, subject)
        // Where there is no room for it below the list, the alert itself is read first.
        case (.alerts, .alert): return showsAlertBelow ? alert(of: subject).flatMap(lead(from:)) : nil
        default: return nil
        }
    }

    /// From what is shown in full.
    var leadOfDetail: Lead? {
        switch dialog {
        case .detail(.alert(let alert), _): lead(from: alert)
        case .detail(.slowQuery(let row), _): client(of: row)
        default: nil
        }
    }

    private var showsAlertBelow: Bool {
        let body = Layout(size).body
        return Layout.alertsList(in: body).rows < body.rows
    }

    // MARK: alerts

    /// nil where there is nothing to go to: the act is in the alert's own words, or it is over.
    private func lead(from alert: Alert) -> Lead? {
        guard alert.clearedAt == nil else { return nil }
        if let culprit = alert.culprit, culprit.brief != nil, let lead = lead(to: culprit) { return lead }
        switch alert.about {
        case .namespace(let name): return Lead(.namespaces, .namespace(name))
        case .prefix(let prefix): return Lead(.namespaces, scope(beginning: prefix).map { Subject($0) })
        case .key(let key): if let scope = scope(of: key) { return Lead(.keys, listing: scope) }
        case .clients(let label):
            return Lead(.clients, group(named: label).map { .clientGroup($0) })
        case nil: break
        }
        switch alert.id {
        case .memoryHigh, .refusingWrites, .evicting: return Lead(.namespaces, largest.map { Subject($0) })
        case .hitRatioLow, .ttlContractBroken, .namespaceVanished, .revocationsEvictable, .prefixNeverExpires:
            return Lead(.namespaces)
        case .clientsHigh, .clientsRejected, .connectionChurn, .clientsBlocked: return Lead(.clients)
        case .slowQueries: return leadToSlowQuery
        case .unreachable, .replicationBroken, .sentinelQuorum, .primaryChanged, .clusterDegraded, .restarted,
            .datasetLost:
            return Lead(.nodes, alert.node.map { .node($0) })
        case .fragmentation, .persistenceFailing, .accessDenied, .noPassword, .revocationLost: return nil
        }
    }

    private func lead(to culprit: Culprit) -> Lead? {
        switch culprit.kind {
        case .namespace: Lead(.namespaces, scope(of: culprit).map { Subject($0) })
        case .clientGroup: group(named: culprit.name).map { Lead(.clients, .clientGroup($0)) }
        case .slowQuery, .command: leadToSlowQuery
        case .component, .events, .fork: nil
        }
    }

    /// The keys that an act on an alert is about: only of alerts that such an act ends.
    var aboutKeys: KeyScope? {
        guard let alert = subject.flatMap({ alert(of: $0) }), alert.clearedAt == nil else { return nil }
        switch alert.id {
        case .memoryHigh, .evicting, .refusingWrites:
            if let culprit = alert.culprit, culprit.brief != nil {
                return culprit.kind == .namespace ? known(scope(of: culprit)) : nil
            }
            return scope(about: alert)
        case .ttlContractBroken, .prefixNeverExpires:
            return scope(about: alert)
        default: return nil
        }
    }

    /// What an alert is about by its own account, as far as it can be flushed.
    func scope(about alert: Alert) -> KeyScope? {
        switch alert.about {
        case .namespace(let name): known(.namespace(name))
        case .prefix(let prefix): scope(beginning: prefix)
        case .key(let key): scope(of: key)
        case .clients, nil: nil
        }
    }

    /// By what it is, and never by what it is called: a namespace may have the name of a prefix.
    private func scope(of culprit: Culprit) -> KeyScope? {
        culprit.prefix.map { scope(beginning: $0) } ?? .namespace(culprit.name)
    }

    /// The line of a prefix in the last look; nil where it has none.
    private func scope(beginning prefix: String) -> KeyScope? {
        shownNamespaces.shown?.discovered.first { $0.name == prefix }?.scope
    }

    /// One key as what is flushed: nil for one that is shown with escapes or in part, or is a pattern of others.
    private func scope(of key: String) -> KeyScope? {
        key.hasSuffix("…") || key.utf8.contains { "\\*?[]".utf8.contains($0) } ? nil : .pattern(Glob(Array(key.utf8)))
    }

    /// What belongs to no namespace and no prefix has nothing in common.
    private func known(_ scope: KeyScope?) -> KeyScope? {
        guard case .namespace(let name)? = scope else { return scope }
        return vocabulary.namespaces.contains(name) ? scope : nil
    }

    /// The clients that an alert is about, as their names group them.
    var aboutClients: String? {
        guard let alert = subject.flatMap({ alert(of: $0) }), alert.clearedAt == nil else { return nil }
        if case .clients(let label) = alert.about { return label }
        guard let culprit = alert.culprit, culprit.kind == .clientGroup, culprit.brief != nil else { return nil }
        return culprit.name
    }

    private var largest: KeyScope? {
        guard let report = shownNamespaces.shown, report.bytesAreKnown else { return nil }
        return report.rankedRows.first { $0.keys.value > 0 }?.scope
    }

    /// The newest one that is not ours, in full.
    private var leadToSlowQuery: Lead {
        var lead = Lead(.slowlog, slowlog.rows.first { !$0.entry.isOwn }.map { Subject($0) })
        lead.opens = true
        return lead
    }

    // MARK: clients

    private func group(named label: String) -> ClientGroup.ID? {
        shownClients.groups(by: .name, on: clientNode).first { $0.id.label == label }?.id
    }

    /// Who asked; nil where the look at the clients does not have it.
    private func client(of row: SlowlogRow) -> Lead? {
        guard !row.entry.isOwn, let entries = shownClients.look?.entries[row.node],
            let entry = entries.first(where: { $0.address == row.entry.client })
        else { return nil }
        let id = ClientGroup.ID(.name, ClientParty(of: entry), ClientGrouping.name.label(of: entry))
        var lead = Lead(.clients, .client(node: row.node, id: entry.id, address: entry.address))
        lead.group = id
        return lead
    }

    // MARK: there and back

    private static let longestTrail = 16

    /// Remembers what is shown, for the way back.
    mutating func leave() {
        trail.append(
            Waypoint(screen: screen, cursor: cursors[screen], namespace: namespaces.opened, clients: clients))
        if trail.count > Self.longestTrail { trail.removeFirst() }
    }

    mutating func follow(_ lead: Lead) {
        leave()
        screen = lead.screen
        if screen == .namespaces { namespaces.opened = nil }
        if let scope = lead.listing {
            keys.open(scope)
            filters[.keys] = nil
            forgetCursor(of: .keys)
        }
        guard let subject = lead.subject else { return }
        if case .clientGroup(let id) = subject { clients.show(id, isOpen: false) }
        if let group = lead.group {
            clients.show(group, isOpen: true)
            trail[trail.count - 1].ledInto = group
        }
        if lines(of: screen).index(of: subject, near: 0) == nil { filters[screen] = nil }
        cursors[screen] = Cursor(subject: subject)
        settle()
        if lead.opens, let row = selection(of: screen), screen == .slowlog, slowlogLines.indices.contains(row),
            let query = slowlogLines[row].row
        {
            dialog = .detail(.slowQuery(query), offset: 0)
        }
    }

    /// Back to where Enter led from; to the Overview where nothing led here.
    mutating func comeBack() {
        guard let place = trail.popLast() else {
            screen = .overview
            return
        }
        if place.ledInto != nil { clients.opened = nil }
        screen = place.screen
        switch screen {
        case .namespaces: namespaces.opened = place.namespace
        case .clients: clients.list(as: place.clients)
        default: break
        }
        if let cursor = place.cursor { cursors[screen] = cursor }
    }

    /// Whoever chooses a screen goes a way of his own.
    mutating func go(to screen: Screen) {
        trail = []
        self.screen = screen
    }
}
