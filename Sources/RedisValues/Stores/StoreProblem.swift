/// Why what a store was asked for makes no sense.
public struct StoreProblem: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ words: String) { description = words }
    init(_ problem: StoreID.Problem) { description = problem.description }
}

extension Duration {
    /// Longer than any life that is meant: what a server adds up stays a time.
    static let longestLife = Duration.seconds(366 * 86_400)

    /// - Parameter what: such as `the window`.
    package func checkedLife(_ what: String) throws(StoreProblem) {
        guard self >= .milliseconds(1) else {
            throw StoreProblem("\(what) is \(Format.duration(self)): at least 1 ms is needed")
        }
        guard self <= .longestLife else { throw StoreProblem("\(what) is longer than a year") }
    }
}
