public import CacheModel

/// What can be taken back.
public enum JournalsReport {
    /// What each journal is about, and below it the command that takes it back. Nothing where there is none.
    ///
    /// - Parameter undo: the command.
    public static func text(_ list: JournalList, clock: CivilClock, undo: (ListedJournal) -> String) -> String {
        guard !list.journals.isEmpty else { return "" }
        let rows = list.journals.map { journal in
            row(
                clock.dateAndClock(journal.begun), journal.subject, Format.count(journal.keys),
                Format.bytes(ByteCount(journal.bytes)), journal.header?.target ?? Format.unknown)
                + lines(journal, undo).map { "  \($0)\n" }.joined()
        }
        return row("begun", "what it brings back", "keys", "size", "server") + rows.joined()
    }

    private static func lines(_ journal: ListedJournal, _ undo: (ListedJournal) -> String) -> [String] {
        guard journal.canBeTried else { return ["\(Printable.escape(journal.path)): \(journal.note ?? "")"] }
        return (journal.note.map { [$0] } ?? []) + [Printable.escapeControls(undo(journal))]
    }

    private static func row(_ begun: String, _ subject: String, _ keys: String, _ size: String, _ server: String)
        -> String
    {
        [
            TextColumn.left(begun, to: 20), " ", TextColumn.left(subject, to: 28), " ", TextColumn.right(keys, to: 9),
            "  ", TextColumn.right(size, to: 9), "  ", server,
        ].joined() + "\n"
    }

    public static func json(_ list: JournalList) -> String {
        JSONValue.object([
            ("schema", .integer(1)), ("folder", .string(list.folder)), ("bytes", .integer(list.bytes)),
            ("not_listed", .integer(list.others)), ("journals", .array(list.journals.map(json))),
        ]).text + "\n"
    }

    private static func json(_ journal: ListedJournal) -> JSONValue {
        .object([
            ("path", .string(journal.path)), ("bytes", .integer(journal.bytes)),
            ("begun_at", .string(journal.begun.iso8601)), ("kind", JSONValue(journal.header?.kind.rawValue)),
            ("scope", JSONValue(journal.header?.scope)), ("target", JSONValue(journal.header?.target)),
            ("database", JSONValue(journal.header?.database)), ("keys", JSONValue(journal.keys)),
            ("being_written", .boolean(journal.isBeingWritten)), ("note", JSONValue(journal.note)),
        ])
    }
}
