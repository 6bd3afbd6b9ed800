internal import CacheModel
internal import TerminalUI

/// What a line, a value or a dialog is about, whichever row it stands in.
enum Subject: Hashable, Sendable {
    case key([UInt8])
    case namespace(String)
    /// Keys of no namespace that begin so.
    case prefix([UInt8])
    case node(String)
    case command(String)
    case slowQuery(node: String, generation: Int, id: Int)
    /// Slow queries that were never seen, by the first of them.
    case lostQueries(node: String, from: Int)
    case alert(String, node: String?, since: WallTime)
    case clientGroup(ClientGroup.ID)
    /// A connection to a node.
    case client(node: String, id: Int, address: String)

    /// Of a line of the namespaces.
    init(_ scope: KeyScope) {
        switch scope {
        case .namespace(let name): self = .namespace(name)
        case .prefix(let prefix): self = .prefix(prefix)
        case .pattern(let glob): self = .prefix(glob.head)
        }
    }

    /// As it is called on the screen, escaped.
    var name: String {
        switch self {
        case .key(let name), .prefix(let name): Printable.name(name)
        case .namespace(let name), .node(let name), .command(let name): Printable.name(name.utf8)
        case .slowQuery(_, _, let id): "slow query \(id)"
        case .lostQueries: "the gap"
        case .alert(let id, _, _): id
        case .clientGroup(let id): Printable.shortened(id.label, to: 100)
        case .client(_, _, let address): Printable.shortened(address, to: 100)
        }
    }
}

extension Subject {
    init(_ alert: Alert) { self = .alert(alert.id.rawValue, node: alert.node, since: alert.since) }

    init(_ query: SlowlogRow) { self = .slowQuery(node: query.node, generation: query.generation, id: query.entry.id) }
}

/// Where the cursor of a list stands: on a subject, and not in a row.
struct Cursor: Equatable, Sendable {
    var subject: Subject
    /// True where the list does not hold it: the cursor is nowhere then, and comes back with it.
    var isGone = false
    /// The version of the list that does not hold it.
    var missedIn: Int?
    /// True on the first line of a log that grows there: the cursor stays with the news.
    var followsNews = false
}

extension DashboardState {
    /// What this screen's acts are about: what is open on it, else what its cursor is on; nil where that is nothing.
    ///
    /// All of them take it from here.
    var subject: Subject? {
        // A line of state shows no list.
        guard Detail(size) != .line else { return nil }
        return switch screen {
        case .keys where keys.isOpen: keys.opened.map { .key($0) }
        case .namespaces where namespaces.opened != nil: namespaces.opened.map { Subject($0) }
        case .keys, .namespaces, .slowlog, .alerts, .commands, .nodes, .overview, .clients:
            cursors[screen].flatMap { $0.isGone ? nil : $0.subject }
        }
    }

    /// The keys that flush, repair and browse are about; nil where there are none.
    var subjectScope: KeyScope? {
        switch screen {
        // All that is listed, where that is a choice.
        case .keys: keys.listed.objection == nil ? keys.listed : nil
        case .namespaces, .slowlog, .alerts, .commands, .nodes, .overview, .clients:
            switch subject {
            // What belongs to none has no rule, and nothing in common.
            case .namespace(let name) where vocabulary.namespaces.contains(name): .namespace(name)
            case .prefix(let prefix): .prefix(prefix)
            case .alert: aboutKeys
            default: nil
            }
        }
    }

    /// Why there is nothing to act on although there are lines; nil where there is something.
    var goneWords: String? {
        guard subject == nil, let cursor = cursors[screen], cursor.isGone else { return nil }
        return "\(Printable.shortened(cursor.subject.name, to: 60)) is not in this list now"
    }
}

extension DashboardState {
    /// A name as this terminal can show it, escaped.
    func name(_ bytes: some Collection<UInt8>, limit: Int? = nil) -> String {
        Printable.name(bytes, limit: limit, isASCII: charset == .ascii)
    }
}

extension Printable {
    /// Cuts what was escaped before.
    static func shortened(_ text: String, to limit: Int) -> String {
        text.count > limit ? text.prefix(max(0, limit - 1)) + "…" : text
    }
}
