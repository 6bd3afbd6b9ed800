internal import RedisValues

/// Tokens in JSON that something else has written: an identity provider, a log, a query, a token endpoint.
enum TokenJSON {
    typealias Problem = TokenInput.Problem

    /// The one token that a value is, or holds.
    static func token(in value: JSONValue) throws(Problem) -> TokenInput {
        switch value {
        case .array(let values):
            guard values.count == 1 else {
                throw Problem("this is a list of \(values.count): give a line each, or a file")
            }
            return try element(values[0])
        default: return try element(value)
        }
    }

    /// An element of a list, or a record by itself.
    static func element(_ value: JSONValue) throws(Problem) -> TokenInput {
        switch value {
        case .string(let text):
            let jwts = TokenLine.jwts(in: text)
            if jwts.count == 1 { return try TokenInput(parsing: text) }
            return TokenInput(id: try TokenLine.checked(text[...]))
        case .integer(let number): return TokenInput(id: String(number))
        case .object: return try record(value)
        case .array: throw Problem("this is a list in a list")
        case .null, .boolean, .number, .numeral: throw Problem("this is neither an id nor a record with a jti")
        }
    }

    /// The lists of tokens that stand in a record which is no token itself, such as a page of results.
    static func listing(in value: JSONValue) -> [JSONValue]? {
        guard case .object = value else { return nil }
        var lists: [[JSONValue]] = []
        var found = Findings()
        func walk(_ value: JSONValue, _ name: String) {
            switch value {
            case .object(let members):
                for member in members { walk(member.value, member.name) }
                found.note(members)
            case .array(let values):
                let isRecords = !values.isEmpty && values.allSatisfy { Findings(of: $0).isOne }
                let isNamed =
                    TokenNames.lists.contains(TokenNames.plain(name)) && values.allSatisfy { $0.string != nil }
                if isRecords || isNamed && !values.isEmpty { lists.append(values) } else { found.note(texts: values) }
            default: break
            }
        }
        walk(value, "")
        return lists.count == 1 && found.isNothing ? lists[0] : nil
    }

    private static func record(_ value: JSONValue) throws(Problem) -> TokenInput {
        let found = Findings(of: value)
        guard found.jwts.count < 2 else {
            let names = found.names.map { Printable.escape($0, limit: 30) }.joined(separator: ", ")
            throw Problem("this holds \(found.jwts.count) tokens (\(names)): give the one that is meant")
        }
        guard found.ids.count < 2 else { throw Problem("this holds \(found.ids.count) ids: give a record each") }
        guard let holder = found.holder else {
            guard let jwt = found.jwts.first else {
                throw Problem("the record has no jti and no token: what else it holds may be anybody's id")
            }
            return try TokenInput(parsing: jwt)
        }
        let named = try TokenClaims.record(holder)
        // JSON that was written into JSON once more; no server looks for such an id.
        guard !named.id.contains(where: { "\"'{}[]".contains($0) }) else {
            throw Problem("the record's jti holds quotes or brackets: it was encoded twice")
        }
        guard !TokenNames.isName(named.id) else {
            throw Problem("the record's jti is the name of something, or of nothing, and not an id")
        }
        // A log may hold it cut.
        guard let jwt = found.jwts.first, let token = try? TokenInput(parsing: jwt) else { return named }
        guard token.id == named.id else { throw Problem("the record names one id, and its token another one") }
        return token
    }

    /// What a value holds, at any depth.
    private struct Findings {
        /// The values of members that are called an id, each once.
        private(set) var ids: [String] = []
        /// The first record that has one.
        private(set) var holder: JSONValue?
        private(set) var jwts: [String] = []
        /// What the members are called that hold them.
        private(set) var names: [String] = []

        var isNothing: Bool { ids.isEmpty && jwts.isEmpty }
        var isOne: Bool { max(ids.count, jwts.count) == 1 && ids.count < 2 && jwts.count < 2 }

        init() {}

        init(of value: JSONValue) { look(value) }

        private mutating func look(_ value: JSONValue) {
            switch value {
            case .object(let members):
                note(members)
                for member in members { look(member.value) }
            case .array(let values):
                note(texts: values)
                for value in values { look(value) }
            default: break
            }
        }

        mutating func note(_ members: [(name: String, value: JSONValue)]) {
            for member in members {
                if case .string(let text) = member.value { note(jwts: text, member.name) }
                guard TokenNames.ids.contains(TokenNames.plain(member.name)) else { continue }
                let id: String? =
                    switch member.value {
                    case .string(let text): TokenLine.jwts(in: text).isEmpty ? text : nil
                    case .integer(let number): String(number)
                    default: ""
                    }
                guard let id else { continue }
                if !ids.contains(id) { ids.append(id) }
                if holder == nil { holder = .object(members) }
            }
        }

        mutating func note(texts values: [JSONValue]) {
            for case .string(let text) in values { note(jwts: text, "a list") }
        }

        private mutating func note(jwts text: String, _ name: String) {
            for jwt in TokenLine.jwts(in: text) where !jwts.contains(String(jwt)) {
                jwts.append(String(jwt))
                names.append(name)
            }
        }
    }
}
