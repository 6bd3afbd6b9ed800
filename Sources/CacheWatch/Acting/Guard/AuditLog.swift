internal import CacheCore
internal import CacheWire
internal import CacheModel
internal import FoundationEssentials
internal import NIOConcurrencyHelpers
internal import Recording

/// Appends every action with its outcome to a file: a line when it begins and one when it has ended.
///
/// JSON Lines, mode 0600. An action that cannot be noted is not begun.
public final class AuditLog: Sendable {
    /// Who acts, and from where.
    public struct Actor: Equatable, Sendable {
        public var user: String
        /// `SSH_CLIENT`'s address; nil where nobody came over SSH.
        public var address: String?

        public init(user: String, address: String? = nil) {
            self.user = user
            self.address = address
        }
    }

    public let path: String
    private let actor: Actor
    private let target: String
    private let sequence = NIOLockedValueBox(0)
    /// Why the last line of an action that was begun is missing.
    private let lapse = NIOLockedValueBox<String?>(nil)
    /// Whoever records what is done; nil for nobody.
    private let listener = NIOLockedValueBox<(@Sendable (RecordedAction) -> Void)?>(nil)
    private let isPrivate: Bool

    /// - Parameters:
    ///   - target: the URL without its secrets.
    ///   - isPrivate: nobody else may read it; false leaves an existing file as its owner wants it.
    public init(path: String, actor: Actor, target: String, isPrivate: Bool = true) {
        self.isPrivate = isPrivate
        self.path = path
        self.actor = actor
        self.target = target
    }

    /// From now on somebody hears of all that is noted, and of what the file has not taken of it; nil for nobody.
    func tell(_ listener: (@Sendable (RecordedAction) -> Void)?) { self.listener.withLockedValue { $0 = listener } }

    /// Notes that an action begins.
    ///
    /// - Returns: what tells its lines apart from others.
    /// - Throws: ``CacheError/file(path:_:)``; then nothing may be done.
    func begin(
        _ action: String, scope: String, details: [(name: String, value: JSONValue)] = []
    ) throws(CacheError) -> String {
        let id = nextID()
        try write(id, action, scope, [("outcome", .string(RecordedAction.begun))] + details)
        tell(id, action, scope, RecordedAction.begun, details)
        return id
    }

    /// Notes how it ended. Nothing is thrown where that fails, for what was done is done; see ``takeLapse()``.
    func end(
        _ id: String, _ action: String, scope: String, outcome: String,
        details: [(name: String, value: JSONValue)] = []
    ) {
        do throws(CacheError) {
            try write(id, action, scope, [("outcome", .string(outcome))] + details)
        } catch {
            let words = "the audit does not say how \(action) ended: \(error)"
            lapse.withLockedValue { $0 = words }
        }
        tell(id, action, scope, outcome, details)
    }

    /// What could not be noted since somebody asked last, for people; nil where all was.
    func takeLapse() -> String? {
        lapse.withLockedValue { lapse in
            defer { lapse = nil }
            return lapse
        }
    }

    /// Notes an action that was refused before it began; that nothing happened needs no file.
    func refuse(_ action: String, scope: String, why: String) {
        let reason: [(name: String, value: JSONValue)] = [
            ("reason", .string(Printable.escape(why, limit: 300)))
        ]
        let id = nextID()
        try? write(id, action, scope, [("outcome", .string("refused"))] + reason)
        tell(id, action, scope, "refused", reason)
    }

    /// The ids of this process' lines: those of another one on another host, or in another container, may look the same.
    private static let noted = NIOLockedValueBox<Set<String>>([])

    /// Whether this process has written the lines of an id, or is about to.
    static func hasNoted(_ id: String) -> Bool { noted.withLockedValue { $0.contains(id) } }

    private func nextID() -> String {
        let number = sequence.withLockedValue { number in
            number += 1
            return number
        }
        let id = "\(ProcessInfo.processInfo.processIdentifier)-\(WallTime.now.milliseconds)-\(number)"
        Self.noted.withLockedValue { _ = $0.insert(id) }
        return id
    }

    private func tell(
        _ id: String, _ action: String, _ scope: String, _ outcome: String,
        _ details: [(name: String, value: JSONValue)]
    ) {
        guard let listener = listener.withLockedValue({ $0 }) else { return }
        let members = members + details
        listener(
            RecordedAction(
                id: id, action: action, scope: scope, outcome: outcome,
                details: Dictionary(members.compactMap { name, value in value.told.map { (name, $0) } }) { $1 }))
    }

    /// Of each line.
    private var members: [(name: String, value: JSONValue)] {
        [
            ("user", .string(actor.user)), ("ssh_client", JSONValue(actor.address)), ("server", .string(target)),
        ]
    }

    private func write(
        _ id: String, _ action: String, _ scope: String, _ details: [(name: String, value: JSONValue)]
    ) throws(CacheError) {
        let line = JSONValue.object(
            [("time", .string(WallTime.now.iso8601)), ("id", .string(id))] + members
                + [("action", .string(action)), ("scope", .string(scope))] + details
        ).line
        var folder = path[...]
        while let last = folder.last, last != "/" { folder.removeLast() }
        if !folder.isEmpty { try OperationFiles.makeFolder(String(folder)) }
        let file = try OutputFile(path: path, exclusive: false, isPrivate: isPrivate)
        try file.append(lines: Array((line + "\n").utf8))
        try file.synchronize()
    }
}

extension JSONValue {
    /// As a text; nil for what is not known. Elements of a list stand one after the other.
    fileprivate var told: String? {
        switch self {
        case .null: nil
        case .string(let text): text
        case .array(let values): values.compactMap(\.told).joined(separator: ", ")
        case .boolean, .integer, .number, .numeral, .object: line
        }
    }
}

extension OperationOutcome {
    var auditReason: [(name: String, value: JSONValue)] {
        if case .stopped(let words) = self { [("reason", .string(Printable.escape(words, limit: 300)))] } else { [] }
    }
}
