/// The word that was probably meant.
package enum Nearest {
    /// - Returns: the candidate with the smallest edit distance, nil when even that one is far off.
    package static func of(_ word: String, among candidates: some Sequence<String>) -> String? {
        let scored = candidates.map { (word: $0, distance: distance(word, $0)) }
        guard let best = scored.min(by: { ($0.distance, $0.word) < ($1.distance, $1.word) }) else { return nil }
        return best.distance <= max(2, word.count / 3) ? best.word : nil
    }

    /// Levenshtein's distance, in characters.
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right.prefix(64))
        var row = Array(0...right.count)
        for (i, character) in left.prefix(64).enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for j in right.indices {
                let substitution = diagonal + (right[j] == character ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substitution, row[j] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
