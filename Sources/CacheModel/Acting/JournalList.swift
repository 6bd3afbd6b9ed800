public import RedisValues

/// The journals of a folder: what can be taken back.
public struct JournalList: Equatable, Sendable {
    /// Of this program's own, where nobody has named another place.
    public var folder: String
    /// Those that were begun last in front.
    public var journals: [ListedJournal]
    /// Older ones that were not read.
    public var others: Int
    /// Of all of them.
    public var bytes: Int

    public init(folder: String, journals: [ListedJournal] = [], others: Int = 0, bytes: Int = 0) {
        self.folder = folder
        self.journals = journals.sorted { ($1.begun, $0.path) < ($0.begun, $1.path) }
        self.others = others
        self.bytes = bytes
    }

    public var count: Int { journals.count +| others }

    /// `14 journals, 812 MiB in /home/…/journals; nothing but you removes them`.
    public var words: String {
        let place = Printable.escape(folder)
        guard count > 0 else { return "No journal in \(place): nothing was flushed, mended or deleted from here" }
        let rest = others > 0 ? ", the newest \(Format.count(journals.count)) of them listed" : ""
        return "\(Format.count(count, "journal")), \(Format.bytes(ByteCount(bytes))) in "
            + "\(place)\(rest); nothing but you removes them"
    }
}

/// A journal as its head and its end tell of it.
public struct ListedJournal: Equatable, Sendable {
    public var path: String
    /// Of the file.
    public var bytes: Int
    /// When the file was written last.
    public var changedAt: WallTime
    /// nil where it cannot be read.
    public var header: JournalHeader?
    /// Keys that its end promises; nil where it has none.
    public var keys: Int?
    /// Whether somebody writes to it at present.
    public var isBeingWritten: Bool
    /// Why it cannot be read; nil where it can.
    public var problem: String?

    public init(
        path: String, bytes: Int, changedAt: WallTime, header: JournalHeader? = nil, keys: Int? = nil,
        isBeingWritten: Bool = false, problem: String? = nil
    ) {
        self.path = path
        self.bytes = bytes
        self.changedAt = changedAt
        self.header = header
        self.keys = keys
        self.isBeingWritten = isBeingWritten
        self.problem = problem
    }

    /// When the change was begun; where its head cannot be read, when the file was written last.
    public var begun: WallTime { header?.startedAt ?? changedAt }

    /// `keys of session`, `TTLs of rate:limit`, escaped.
    public var subject: String {
        switch header?.kind {
        case .flush?: "keys of \(header?.scope ?? "")"
        case .lifetimes?: "TTLs of \(header?.scope ?? "")"
        case nil: Format.unknown
        }
    }

    /// What is to be known before it is taken back; nil for one that is whole.
    public var note: String? {
        if let problem { return problem }
        if isBeingWritten { return "what it is about still goes on" }
        return keys == nil ? "it has no end: what wrote it was killed, or the file was cut" : nil
    }

    /// Whether there is something to take back.
    public var canBeTried: Bool { problem == nil && !isBeingWritten }
}
