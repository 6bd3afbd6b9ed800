/// Under which keys the response to a request is kept.
package struct ResponseKey: Equatable, Sendable {
    package let guide: [UInt8]
    /// That of the platform's front end, which knows neither variants nor methods; nil where it has none.
    package let deployed: [UInt8]?

    /// Bytes of a path with its query; what is longer stands in keys by its hash.
    package static let longestTarget = 200

    /// - Parameters:
    ///   - target: path and query, such as `/v1/products?page=2`.
    ///   - headers: names in any case.
    ///   - vary: names of headers by which responses differ.
    /// - Returns: nil for what is never kept: another method than GET, a part of a response, and a request with
    ///   credentials that `vary` does not name.
    /// - Throws: ``StoreProblem`` for a target that is empty or holds control characters.
    package init?(
        method: String, target: String, headers: [String: String], vary: Set<String>
    ) throws(StoreProblem) {
        guard !target.isEmpty else { throw StoreProblem("the path is empty") }
        let isControl = target.unicodeScalars.contains { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }
        guard !isControl else { throw StoreProblem("the path holds control characters") }
        guard method == "GET" else { return nil }
        let names = Set(vary.map { $0.lowercased() })
        var sent: [String: String] = [:]
        for (name, value) in headers { sent[name.lowercased()] = value }
        guard sent["range"] == nil else { return nil }
        for name in ["authorization", "cookie"] where sent[name] != nil && !names.contains(name) { return nil }

        let sorted = Self.sorted(target)
        let isLong = sorted.utf8.count > Self.longestTarget
        var key = "api:cache:GET:" + (isLong ? SHA256.digest(of: Array(sorted.utf8)).hexadecimal : sorted)
        // Values may be secrets, and may hold anything.
        let varied = names.sorted().compactMap { name in sent[name].map { "\(name):\($0.utf8.count):\($0)" } }
        if !varied.isEmpty {
            key += "#" + SHA256.digest(of: Array(varied.joined(separator: "\n").utf8)).prefix(16).hexadecimal
        }
        guide = Array(key.utf8)
        deployed = varied.isEmpty && target.utf8.count <= Self.longestTarget ? Array("api:\(target)".utf8) : nil
    }

    /// The path with the parts of its query in the order of their names; those of one name stay in theirs.
    package static func sorted(_ target: String) -> String {
        let whole = target.prefix { $0 != "#" }
        guard let mark = whole.firstIndex(of: "?") else { return String(whole) }
        let parts = whole[whole.index(after: mark)...].split(separator: "&")
        guard !parts.isEmpty else { return String(whole[..<mark]) }
        func name(_ part: Substring) -> [UInt8] { Array(part.prefix { $0 != "=" }.utf8) }
        let sorted = parts.enumerated().sorted { left, right in
            let (first, second) = (name(left.element), name(right.element))
            return first == second ? left.offset < right.offset : first.lexicographicallyPrecedes(second)
        }
        return whole[..<mark] + "?" + sorted.map { String($0.element) }.joined(separator: "&")
    }
}

/// What a response's own headers say about keeping it.
package enum ResponseRule {
    /// Statuses that a cache may keep: those of RFC 9110 section 15.1 that are no errors.
    package static func keeps(_ status: Int) -> Bool { [200, 203, 204, 300, 301, 308].contains(status) }
    /// Statuses that say that there is no such thing.
    package static func isNegative(_ status: Int) -> Bool { status == 404 || status == 410 }

    /// Whether it may be given to anybody who asks the same: it sets no cookie, is not private, and differs by nothing
    /// but what is named.
    ///
    /// - Parameter vary: names of headers by which responses are told apart.
    package static func isForAll(_ headers: [String: String], vary: Set<String>) -> Bool {
        let known = Set(vary.map { $0.lowercased() })
        for (name, value) in headers {
            let words = value.lowercased().split { $0 == "," || $0 == ";" || $0 == "=" || $0 == " " }.map(String.init)
            switch name.lowercased() {
            case "set-cookie": return false
            case "cache-control" where words.contains("no-store") || words.contains("private"): return false
            case "vary" where !words.allSatisfy(known.contains): return false
            default: continue
            }
        }
        return true
    }
}
