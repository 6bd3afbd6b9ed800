infix operator +| : AdditionPrecedence
infix operator -| : AdditionPrecedence
infix operator +|= : AssignmentPrecedence

/// Sums and differences of numbers that somebody else has said, a server above all: what is too large or too small for
/// the type becomes its largest or smallest number, and ends no program.
extension FixedWidthInteger {
    public static func +| (left: Self, right: Self) -> Self {
        let (sum, overflows) = left.addingReportingOverflow(right)
        return overflows ? (right < 0 ? .min : .max) : sum
    }

    public static func -| (left: Self, right: Self) -> Self {
        let (difference, overflows) = left.subtractingReportingOverflow(right)
        return overflows ? (right < 0 ? .max : .min) : difference
    }

    public static func +|= (left: inout Self, right: Self) { left = left +| right }
}
