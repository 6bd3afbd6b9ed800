/// What an ask was counted as.
package enum LimitCount: Equatable, Sendable {
    /// Of a window: asks so far, this one included, and the time until it ends.
    case counted(Int, rest: Duration)
    /// Of a rate.
    case decided(GCRA.Decision)
    /// The key holds a value of another type.
    case wrongType
    /// It holds no number.
    case undecodable
}

/// What was found for one ask, and what it comes to: the same on a server and in this process.
package struct LimitFinding: Equatable, Sendable {
    /// Somebody is blocked.
    package struct Block: Equatable, Sendable {
        /// nil for one that never ends.
        package var rest: Duration?

        package init(rest: Duration?) { self.rest = rest }
    }

    package var block: Block?
    /// nil where a block has decided before.
    package var count: LimitCount?
    /// What the other layout has counted; nil where nothing is there, or nobody has looked.
    package var others: Int?
    /// Somebody has looked for them, and there is no key.
    package var isMissing: Bool

    package init(block: Block?, count: LimitCount?, others: Int? = nil, isMissing: Bool = false) {
        (self.block, self.count, self.others, self.isMissing) = (block, count, others, isMissing)
    }

    /// - Parameter limit: of a window.
    /// - Returns: nil where nobody has counted.
    package func verdict(of limit: Int) -> LimitVerdict? {
        if let block { return LimitVerdict(isAllowed: false, ground: .blocked, rest: block.rest) }
        switch count {
        case .counted(let count, let rest):
            let all = count +| (others ?? 0)
            return LimitVerdict(isAllowed: all <= limit, count: all, remaining: max(0, limit -| all), rest: rest)
        case .decided(let decision):
            return LimitVerdict(
                isAllowed: decision.isAllowed, remaining: Int(decision.remaining), rest: .milliseconds(decision.rest))
        case .wrongType, .undecodable, nil: return nil
        }
    }

    /// Keys that were looked for besides and are not there: a block and the other layout's count rarely are.
    package var sideMisses: Int { (block == nil ? 1 : 0) + (isMissing ? 1 : 0) }
}
