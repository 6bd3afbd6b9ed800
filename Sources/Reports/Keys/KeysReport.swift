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

/// One key in full.
public enum InspectionReport {
    public static func text(_ inspection: KeyInspection) -> String {
        var lines = [
            ("key", Printable.escape(inspection.key)), ("type", inspection.typeName),
            ("ttl", KeyWords.lifetime(inspection.lifetime)), ("encoding", inspection.encoding ?? Format.unknown),
            ("memory", inspection.sizeWords),
            ("length", Format.count(inspection.length)),
        ]
        if let idle = inspection.idle { lines.append(("idle", Format.age(.seconds(idle)))) }
        if let frequency = inspection.frequency { lines.append(("frequency", "\(frequency)")) }
        var text = lines.map { "\(TextColumn.left($0.0, to: 10))\($0.1)\n" }.joined()
        if let note = inspection.note { text += "\n\(note)\n" }
        if !inspection.content.elements.isEmpty { text += "\n" }
        for element in inspection.content.elements {
            let label = element.label.map { Printable.escape($0) + "\t" } ?? ""
            text += "\(label)\(Printable.escape(element.value))\(element.isCut ? " …" : "")\n"
        }
        if inspection.content.next != nil { text += "… more\n" }
        return text
    }

    public static func json(_ inspection: KeyInspection) -> String {
        JSONValue.object([
            ("schema", .integer(1)), ("key", .string(Printable.escape(inspection.key))),
            ("exists", .boolean(inspection.exists)), ("type", .string(inspection.typeName)),
            ("ttl_ms", KeyWords.json(inspection.lifetime)),
            ("expires", JSONValue(inspection.lifetime.map { $0 != .never })),
            ("encoding", JSONValue(inspection.encoding)), ("bytes", JSONValue(inspection.bytes)),
            ("bytes_sampled", JSONValue(inspection.bytes == nil ? nil : inspection.sizeIsSampled)),
            ("length", JSONValue(inspection.length)), ("idle_s", JSONValue(inspection.idle)),
            ("frequency", JSONValue(inspection.frequency)), ("note", JSONValue(inspection.note)),
            ("complete", .boolean(inspection.content.next == nil)),
            ("elements", .array(inspection.content.elements.map(element))),
        ]).text + "\n"
    }

    private static func element(_ element: KeyContent.Element) -> JSONValue {
        .object([
            ("label", JSONValue(element.label.map { Printable.escape($0) })),
            ("value", .string(Printable.escape(element.value))), ("cut", .boolean(element.isCut)),
        ])
    }
}
