/// Of how many nodes a sum is.
public struct SumParts: Codable, Equatable, Sendable {
    /// Whose figures are in it, old ones of those that answer late.
    public var counted: Int
    public var all: Int

    public init(counted: Int, all: Int) {
        self.counted = counted
        self.all = all
    }

    /// True where a figure of the sum is less than that of the whole.
    public var isPartial: Bool { counted < all }
    /// `2 of 3 primaries`.
    public var words: String { "\(Format.count(counted)) of \(Format.count(all, "primary"))" }
    /// `2 of 3`.
    public var short: String { "\(Format.count(counted)) of \(Format.count(all))" }
}

extension NodeSnapshot {
    /// Of which nodes it is the sum, where one of them is missing from it; nil for a node, and for a whole sum.
    public var missingParts: SumParts? { parts.flatMap { $0.isPartial ? $0 : nil } }
}
