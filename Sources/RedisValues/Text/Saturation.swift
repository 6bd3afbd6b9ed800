infix operator +| : AdditionPrecedence
infix operator -| : AdditionPrecedence
infix operator *| : MultiplicationPrecedence
infix operator +|= : AssignmentPrecedence
infix operator -|= : AssignmentPrecedence

/// Sums, differences and products of numbers that somebody else has said, a server above all: what is too large or too small for
/// the type becomes its largest or smallest number, and ends no program. `scripts/figures` asks for them.
extension FixedWidthInteger {
    public static func +| (left: Self, right: Self) -> Self {
        let (sum, overflows) = left.addingReportingOverflow(right)
        return overflows ? (right < 0 ? .min : .max) : sum
    }

    public static func -| (left: Self, right: Self) -> Self {
        let (difference, overflows) = left.subtractingReportingOverflow(right)
        return overflows ? (right < 0 ? .max : .min) : difference
    }

    public static func *| (left: Self, right: Self) -> Self {
        let (product, overflows) = left.multipliedReportingOverflow(by: right)
        return overflows ? ((left < 0) == (right < 0) ? .max : .min) : product
    }

    public static func +|= (left: inout Self, right: Self) { left = left +| right }
    public static func -|= (left: inout Self, right: Self) { left = left -| right }
}
