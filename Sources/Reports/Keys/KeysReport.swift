public import CacheModel

/// A list of keys.
public enum KeysReport {
    /// A line a key: type, time to live, size, name.
    public static func text(_ rows: [KeyRow]) -> String {
        rows.map { row in
            let facts = row.facts
            return [
                TextColumn.left(facts?.type?.name ?? Format.unknown, to: 7),
                TextColumn.right(KeyWords.lifetime(facts?.lifetime), to: 10),
                TextColumn.right(facts?.sizeWords ?? Format.unknown, to: 10), "  ",
                Printable.escape(row.name),
            ].joined() + "\n"
        }.joined()
    }

    /// - Parameter isWhole: whether there are no more.
    public static func json(_ rows: [KeyRow], scope: KeyScope, isWhole: Bool) -> String {
        JSONValue.object([
            ("schema", .integer(1)), ("scope", .string(scope.name)), ("complete", .boolean(isWhole)),
            ("keys", .array(rows.map(item))),
        ]).text + "\n"
    }

    private static func item(_ row: KeyRow) -> JSONValue {
        .object([
            ("key", .string(Printable.escape(row.name))), ("type", JSONValue(row.facts?.type?.name)),
            ("ttl_ms", KeyWords.json(row.facts?.lifetime)),
            ("expires", JSONValue(row.facts?.lifetime.map { $0 != .never })), ("bytes", JSONValue(row.facts?.bytes)),
            ("bytes_sampled", JSONValue(row.facts?.sizeIsSampled)),
        ])
    }
}

/// Words for what is known of keys.
enum KeyWords {
    static func lifetime(_ lifetime: KeyFacts.Lifetime?) -> String {
        switch lifetime {
        case nil: Format.unknown
        case .never: "never"
        case .milliseconds(let milliseconds): Format.duration(.milliseconds(milliseconds))
        }
    }

    static func json(_ lifetime: KeyFacts.Lifetime?) -> JSONValue {
        if case .milliseconds(let milliseconds)? = lifetime { .integer(milliseconds) } else { .null }
    }
}
