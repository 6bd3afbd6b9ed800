public import CacheModel

/// The tokens of the blacklist.
public enum RevokedReport {
    /// A line a token: what is left of its time, id, user, reason.
    public static func text(_ tokens: [ListedToken]) -> String {
        tokens.map { item in
            let token = item.token
            return [
                TextColumn.right(item.lifetime.map { Format.duration($0) } ?? "never", to: 9), "  ",
                TextColumn.left(Printable.escape(token.id), to: 38), " ",
                TextColumn.left(token.user.map { Printable.escape($0) } ?? Format.unknown, to: 16), " ",
                token.reason.map { Printable.escape($0) } ?? "",
            ].joined() + "\n"
        }.joined()
    }

    /// - Parameter isWhole: whether there are no more.
    public static func json(_ tokens: [ListedToken], isWhole: Bool) -> String {
        JSONValue.object([
            ("schema", .integer(1)), ("complete", .boolean(isWhole)),
            ("tokens", .array(tokens.map { item in item.token.json(with: item) })),
        ]).text + "\n"
    }
}

extension RevokedToken {
    fileprivate func json(with item: ListedToken) -> JSONValue {
        guard case .object(let members) = json else { return json }
        return .object(
            members + [
                ("layout", .string(item.layout.prefix)),
                ("ttl_ms", JSONValue(item.lifetime.map { Int($0 / .milliseconds(1)) })),
            ])
    }
}
