internal import CacheModel

/// Something under way.
public struct Undertaking: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        /// Counts, lists, shows: it changes nothing.
        case look
        case flush, repair, undo
        case delete, setLifetime, revoke, cutOff, unrevoke
        case kill
    }

    /// Where what it removes or changes is written before.
    public enum Journal: Equatable, Sendable {
        case none
        case file(String, undo: String)
        /// Under a name of its own in this folder.
        case folder(String)
    }

    public var kind: Kind
    /// What it is about, escaped: a namespace, a key, a journal's path, tokens.
    public var scope: String
    public var journal: Journal
    /// Keys that it has dealt with, as far as anybody has heard.
    public var done = 0

    public init(_ kind: Kind, _ scope: String, journal: Journal = .none) {
        self.kind = kind
        self.scope = scope
        self.journal = journal
    }

    public static let look = Undertaking(.look, "")

    /// Such as "flush session".
    public var name: String {
        switch kind {
        case .look: "look"
        case .flush: "flush \(scope)"
        case .repair: "repair \(scope)"
        case .undo: "undo \(scope)"
        case .delete: "delete \(scope)"
        case .setLifetime: "TTL of \(scope)"
        case .revoke: "revoke \(scope)"
        case .cutOff: "cut off \(scope)"
        case .unrevoke: "unrevoke \(scope)"
        case .kill: "kill \(scope)"
        }
    }

    /// What is said where it is left alone; nil where nobody misses it.
    ///
    /// - Parameter isThere: whether there is a file of this name.
    public func abandoned(isThere: (String) -> Bool) -> Outcome? {
        switch kind {
        case .look: return nil
        case .flush, .repair:
            if isUntouched(isThere: isThere) {
                return Outcome(lines: ["\(name): nothing was changed"], status: .notDone, hasChanged: false)
            }
            let verb = kind == .flush ? "removed" : "given another TTL"
            return unknown("\(Self.halfWay): at least \(Format.count(done, "key")) of \(scope) \(verb)", journalLines)
        case .undo:
            return unknown(
                "\(Self.halfWay): at least \(Format.count(done)) restored from \(scope)",
                ["  undo it again: what is there is left alone"])
        case .delete: return unknown("whether \(scope) was deleted is not known: \(Self.silence)", journalLines)
        case .setLifetime: return unknown("whether the TTL of \(scope) was changed is not known: \(Self.silence)")
        case .revoke:
            return unknown(
                "whether \(scope) was revoked is not known: \(Self.silence)",
                ["  revoke it again: what holds already stays as it is"])
        case .cutOff:
            return unknown(
                "whether \(scope) was cut off is not known: \(Self.silence)",
                ["  do it again: what holds already stays as it is"])
        case .unrevoke:
            return unknown(
                "whether \(scope) was taken off the blacklist is not known: \(Self.silence)",
                ["  cachewatch revoked lists what is there"])
        case .kill:
            return unknown(
                "whether \(scope) was killed is not known: \(Self.silence)",
                ["  cachewatch clients lists who is connected"])
        }
    }

    /// Whether nothing of it was done, whatever was sent: nothing is touched before the journal has it.
    ///
    /// - Parameter isThere: whether there is a file of this name.
    public func isUntouched(isThere: (String) -> Bool) -> Bool {
        guard kind == .flush || kind == .repair, case .file(let path, _) = journal else { return false }
        return !isThere(path)
    }

    private static let silence = "the server has not answered"
    private static let halfWay = "stopped half way, \(silence)"

    private func unknown(_ first: String, _ more: [String] = []) -> Outcome {
        Outcome(lines: [first] + more, status: .halfWay, hasChanged: true)
    }

    /// Where what it has removed is, for whoever does not know whether it has.
    public var journalLines: [String] {
        switch journal {
        case .none: kind == .flush ? ["  no journal: they are gone"] : []
        case .file(_, let undo):
            ["  they are in the journal, and so is what was under way; undo with", "    \(undo)"]
        case .folder(let path): ["  if it was, the newest journal in \(path) has it"]
        }
    }
}
