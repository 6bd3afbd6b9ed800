public import CacheModel

/// What is revoked.
public enum RevokedReport {
    /// A line a revocation: what is left of its time, id, user, reason; users who were cut off in front. Nothing where
    /// there is none.
    public static func text(_ list: RevokedList) -> String {
        guard list.count > 0 else { return "" }
        let users = list.cutOffs.map { item in
            line(item.lifetime, "until \(CutOff.words(item.cutOff.since))", item.cutOff.user, "cut off")
        }
        let tokens = list.tokens.map { item in
            line(item.lifetime, item.token.id, item.token.user, item.token.reason)
        }
        return row("TTL", "id", "user", "reason") + (users + tokens).joined()
    }

    private static func line(_ lifetime: Duration?, _ name: String, _ user: String?, _ reason: String?) -> String {
        row(
            lifetime.map { Format.duration($0) } ?? "never", Printable.escape(name),
            user.map { Printable.escape($0) } ?? Format.unknown, reason.map { Printable.escape($0) } ?? "")
    }

    private static func row(_ lifetime: String, _ name: String, _ user: String, _ reason: String) -> String {
        [
            TextColumn.right(lifetime, to: 9), "  ", TextColumn.left(name, to: 38), " ",
            TextColumn.left(user, to: 16), " ", reason,
        ].joined() + "\n"
    }

    public static func json(_ list: RevokedList) -> String {
        JSONValue.object([
            ("schema", .integer(1)), ("complete", .boolean(list.isWhole)),
            ("tokens", .array(list.tokens.map { $0.token.json(with: $0) })),
            ("cut_offs", .array(list.cutOffs.map(json))), ("notes", JSONValue(RevocationWords.notes(list))),
        ]).text + "\n"
    }

    private static func json(_ item: ListedCutOff) -> JSONValue {
        .object([
            ("user_id", .string(item.cutOff.user)), ("since", .integer(Int(item.cutOff.since.seconds))),
            ("ttl_ms", JSONValue(item.lifetime.map { Int($0.wholeMilliseconds) })),
        ])
    }
}

extension RevokedToken {
    fileprivate func json(with item: ListedToken) -> JSONValue {
        guard case .object(let members) = json else { return json }
        return .object(
            members + [
                ("layout", .string(item.layouts[0].prefix)), ("layouts", JSONValue(item.layouts.map(\.prefix))),
                ("ttl_ms", JSONValue(item.lifetime.map { Int($0.wholeMilliseconds) })),
            ])
    }
}
