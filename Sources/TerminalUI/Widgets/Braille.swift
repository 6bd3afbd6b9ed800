/// Columns of dots: two samples a cell, four steps a row.
enum Braille {
    /// Dots from the bottom, left and right column.
    private static let left: [UInt32] = [0, 0x40, 0x44, 0x46, 0x47]
    private static let right: [UInt32] = [0, 0x80, 0xa0, 0xb0, 0xb8]

    /// - Parameters: heights in dots, 0 to 4.
    static func glyph(_ leftHeight: Int, _ rightHeight: Int) -> Character {
        let dots = left[min(4, max(0, leftHeight))] | right[min(4, max(0, rightHeight))]
        guard dots > 0, let scalar = Unicode.Scalar(0x2800 + dots) else { return " " }
        return Character(scalar)
    }

    /// One dot each, from the bottom.
    private static let leftDots: [UInt32] = [0x40, 0x04, 0x02, 0x01]
    private static let rightDots: [UInt32] = [0x80, 0x20, 0x10, 0x08]

    /// Two columns, and a dot in each that stands out: set above its column, left out within it, and the top of it as it is.
    ///
    /// - Parameters: heights in dots, 0 to 4; dots from 1 to 4, any other number for none.
    static func glyph(_ leftHeight: Int, _ rightHeight: Int, dots leftDot: Int, _ rightDot: Int) -> Character {
        var dots = left[min(4, max(0, leftHeight))] | right[min(4, max(0, rightHeight))]
        if (1...4).contains(leftDot), leftDot != leftHeight { dots ^= leftDots[leftDot - 1] }
        if (1...4).contains(rightDot), rightDot != rightHeight { dots ^= rightDots[rightDot - 1] }
        guard dots > 0, let scalar = Unicode.Scalar(0x2800 + dots) else { return " " }
        return Character(scalar)
    }

    private static let ramp: [Character] = [" ", ".", ":", "#"]

    /// A likeness in ASCII, 0 to 4 dots.
    static func ascii(_ height: Int) -> Character { ramp[min(3, max(0, (height * 3 + 2) / 4))] }
}
