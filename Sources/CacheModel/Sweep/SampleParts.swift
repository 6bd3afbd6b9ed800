/// How many keys an estimate draws from each of several nodes, so that all keys have the same chance.
public enum SampleParts {
    /// - Parameter sizes: keys of each node; nil where nobody tells. Such a node is taken for an average one; where none
    ///   is known, the parts are equal.
    /// - Returns: one draw at least for each.
    public static func parts(of sample: Int, sizes: [Int?]) -> [Int] {
        let known = sizes.compactMap { $0.map { Double(max(0, $0)) } }
        let mean = known.isEmpty ? 1 : known.reduce(0.0, +) / Double(known.count)
        var weights = sizes.map { $0.map { Double(max(0, $0)) } ?? mean }
        if weights.allSatisfy({ $0 == 0 }) { weights = weights.map { _ in 1 } }
        let all = weights.reduce(0.0, +)
        return weights.map { max(1, (Double(sample) * $0 / all).whole) }
    }
}
