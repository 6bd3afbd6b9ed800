internal import CacheCore
internal import CacheWire
internal import CacheModel

/// Reads one table by hand, so that every error can name file, line, key, what was found and what is expected.
struct TableReader {
    let document: TOMLDocument
    let path: [String]
    let table: [String: TOMLDocument.Value]

    func string(_ key: String) throws(SettingsIssue) -> String? {
        guard let value = table[key] else { return nil }
        guard case .string(let text) = value else { throw mismatch(key, value, expected: "a string") }
        guard !text.utf8.contains(0) else { throw issue(key, "holds a zero byte") }
        return text
    }

    /// A name, a path: what is empty is none, and would be replaced by something else.
    func word(_ key: String) throws(SettingsIssue) -> String? {
        guard let text = try string(key) else { return nil }
        guard !text.isEmpty else { throw issue(key, "is empty; leave it out where there is none") }
        return text
    }

    func boolean(_ key: String) throws(SettingsIssue) -> Bool? {
        guard let value = table[key] else { return nil }
        guard case .boolean(let flag) = value else { throw mismatch(key, value, expected: "true or false") }
        return flag
    }

    func integer(_ key: String, in range: ClosedRange<Int>) throws(SettingsIssue) -> Int? {
        guard let value = table[key] else { return nil }
        let expected = "an integer from \(range.lowerBound) to \(range.upperBound)"
        guard case .integer(let number) = value, range.contains(number) else {
            throw mismatch(key, value, expected: expected)
        }
        return number
    }

    /// - Parameter expected: what it may be, for people.
    func number(_ key: String, in range: ClosedRange<Double>, _ expected: String) throws(SettingsIssue) -> Double? {
        guard let value = table[key] else { return nil }
        switch value {
        case .integer(let number) where range.contains(Double(number)): return Double(number)
        case .double(let number) where range.contains(number): return number
        default: throw mismatch(key, value, expected: expected)
        }
    }

    /// Seconds as a number, or a string with a unit.
    func duration(_ key: String, in range: ClosedRange<Duration>) throws(SettingsIssue) -> Duration? {
        guard let value = table[key] else { return nil }
        let found: Duration? =
            switch value {
            case .integer(let number): .seconds(number)
            case .double(let number) where number.isFinite && abs(number) < 1e9: .seconds(number)
            case .string(let text): DurationText.parse(text)
            default: nil
            }
        guard let found, range.contains(found) else {
            let ends = "\(DurationText.describe(range.lowerBound)) to \(DurationText.describe(range.upperBound))"
            throw mismatch(key, value, expected: "a duration from \(ends), such as 2, 0.5 or \"500ms\"")
        }
        return found
    }

    func strings(_ key: String) throws(SettingsIssue) -> [String]? {
        guard let value = table[key] else { return nil }
        let expected = "an array of strings"
        guard case .array(let items) = value else { throw mismatch(key, value, expected: expected) }
        var texts: [String] = []
        for item in items {
            guard case .string(let text) = item else { throw mismatch(key, item, expected: expected) }
            texts.append(text)
        }
        return texts
    }

    func stringMap(_ key: String) throws(SettingsIssue) -> [String: String]? {
        guard let value = table[key] else { return nil }
        guard case .table(let items) = value else { throw mismatch(key, value, expected: "a table of strings") }
        var map: [String: String] = [:]
        for (name, item) in items {
            guard case .string(let text) = item else {
                throw mismatch("\(key).\(Self.shown(name))", item, expected: "a string", path: [key, name])
            }
            map[name] = text
        }
        return map
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, of: Choice.Type
    ) throws(SettingsIssue) -> Choice? where Choice.RawValue == String {
        guard let text = try string(key) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let names = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
            throw mismatch(key, .string(text), expected: names)
        }
        return choice
    }

    /// A warning for each key that is not among the known ones, with the nearest of these.
    ///
    /// - Parameter others: of which nothing is said here.
    func unknown(among known: [String], besides others: Set<String> = []) -> [SettingsIssue] {
        table.keys.filter { !known.contains($0) && !others.contains($0) }.sorted().map { key in
            let nearest = Nearest.of(key, among: known).map { "; did you mean \($0)?" } ?? ""
            return issue(Self.shown(key), "is not a known key and is ignored\(nearest)", path: [key])
        }
    }

    /// One warning for all keys that nobody reads, though they are written about; nil where there is none.
    func unread(among keys: Set<String>) -> SettingsIssue? {
        let found = table.keys.filter(keys.contains).sorted()
        guard let first = found.first else { return nil }
        let all = found.joined(separator: ", ")
        return SettingsIssue(
            source: document.source, line: document.line(of: path + [first]), key: path.joined(separator: "."),
            message:
                "the platform does not read \(all), and nothing is made of \(found.count == 1 ? "it" : "them") here")
    }

    func issue(_ key: String, _ message: String, path keyPath: [String]? = nil) -> SettingsIssue {
        SettingsIssue(
            source: document.source, line: document.line(of: path + (keyPath ?? [key])),
            key: (path + [key]).joined(separator: "."), message: message)
    }

    func mismatch(
        _ key: String, _ value: TOMLDocument.Value, expected: String, path: [String]? = nil
    ) -> SettingsIssue {
        issue(key, "found \(Self.found(value, at: key)), expected \(expected)", path: path)
    }

    /// What stands there, unless it is a secret, or credentials may be part of it.
    private static func found(_ value: TOMLDocument.Value, at key: String) -> String {
        if key.contains("password") || key.contains("url") { return "something else" }
        guard case .string(let text) = value,
            key.contains("nodes") || key.contains("address_map") || mayHoldCredentials(text)
        else { return value.found }
        return "a string"
    }

    /// `***` for what may hold credentials.
    private static func shown(_ text: String) -> String {
        mayHoldCredentials(text) ? SecretFilter.mask : text
    }

    /// Of what may be part of a URL or of an authority, no part is repeated.
    static func mayHoldCredentials(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return text.contains("@") || text.contains("://") || text.hasPrefix("eyJ")
            || parts.count == 2 && !parts[1].allSatisfy(\.isNumber)
    }
}
