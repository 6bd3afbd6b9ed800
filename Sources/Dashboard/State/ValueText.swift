internal import CacheModel
internal import TerminalUI

/// What a key holds, in the lines of the pane that shows it.
struct ValueText: Sendable {
    /// What it was made of: the same again needs no work.
    struct Key: Equatable, Sendable {
        var version: Int
        var view: ValueView
        var columns: Int
        /// Whether the pane has the whole screen.
        var isOpen: Bool

        static let none = Key(version: -1, view: .decoded, columns: 0, isOpen: false)
    }

    var key: Key
    var lines: [TextLine] = []
    /// The first line of each element.
    var starts: [Int] = []
    /// What it is shown as.
    var name = ""
    /// Of a string, once it was read: however wide the pane is, it says the same.
    var decoded: DecodedValue?

    /// The elements that stand in some lines, from 0; nil where there are none.
    func elements(in shown: Range<Int>) -> ClosedRange<Int>? {
        guard !starts.isEmpty, let first = starts.first, shown.upperBound > first else { return nil }
        // The last one that begins at or before a line.
        func element(at line: Int) -> Int {
            var (low, high) = (0, starts.count)
            while low < high {
                let middle = (low + high) / 2
                if starts[middle] <= line { low = middle + 1 } else { high = middle }
            }
            return max(0, low - 1)
        }
        return element(at: shown.lowerBound)...element(at: max(shown.lowerBound, shown.upperBound - 1))
    }
}
