/// A key press, decoded.
public enum Key: Hashable, Sendable {
    case character(Character)
    /// Control with a letter, lower case: `ctrl("c")`.
    case control(Character)
    case enter, escape, tab, backTab, backspace, delete, insert
    case up, down, left, right, home, end, pageUp, pageDown
    case function(Int)
    /// Enter that came together with other keys, faster than fingers are: it confirms nothing.
    case lineBreak
}
