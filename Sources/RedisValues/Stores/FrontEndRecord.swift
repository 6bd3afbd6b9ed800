/// A response as the platform's front end keeps it, in a binary form: body, media type and a time as text, each behind its
/// length in eight bytes, the lowest first.
///
/// Source: `bincode` 1.3 as it comes, and `CachedResponse` of the platform's front end, February 2026.
package struct FrontEndRecord: Equatable, Sendable {
    package var body: [UInt8]
    package var contentType: String
    /// RFC 3339.
    package var cachedAt: String

    package init(body: [UInt8], contentType: String, cachedAt: String) {
        (self.body, self.contentType, self.cachedAt) = (body, contentType, cachedAt)
    }

    package var bytes: [UInt8] {
        [body, Array(contentType.utf8), Array(cachedAt.utf8)].flatMap { part in
            (0..<8).map { UInt8(truncatingIfNeeded: UInt64(part.count) >> (8 * $0)) } + part
        }
    }

    /// - Returns: nil for anything else.
    package init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        func part() -> ArraySlice<UInt8>? {
            guard rest.count >= 8 else { return nil }
            let length = rest.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            rest = rest.dropFirst(8)
            guard length <= UInt64(rest.count) else { return nil }
            defer { rest = rest.dropFirst(Int(length)) }
            return rest.prefix(Int(length))
        }
        guard let body = part(), let type = part().flatMap({ String(validating: $0, as: UTF8.self) }),
            let time = part().flatMap({ String(validating: $0, as: UTF8.self) }), rest.isEmpty
        else { return nil }
        (self.body, contentType, cachedAt) = (Array(body), type, time)
    }

    /// Whether the front end can read a response back: it takes every body for JSON.
    package static func canHold(_ body: [UInt8], contentType: String) -> Bool {
        let type = contentType.lowercased().prefix { $0 != ";" && $0 != " " }
        return (type == "application/json" || type.hasSuffix("+json")) && (try? JSONParser.parse(body)) != nil
    }
}
