/// How long the keyboard is waited for, and what a pause tells of who wrote.
enum InputPause {
    /// Characters that come closer together were not typed one after the other.
    static let together = Duration.milliseconds(3)
    /// No finger presses Enter so soon after another key.
    static let hasty = Duration.milliseconds(50)
    /// A single character that comes later than this after another may be a finger's.
    static let finger = Duration.milliseconds(100)
    /// Parts of a paste without brackets come closer together, over a slow line too.
    static let calm = Duration.milliseconds(300)
    /// The same for what has brackets, where one character is all that came.
    static let fingerInBrackets = Duration.milliseconds(250)
    /// After so long a paste is over, and what was begun is not completed any more.
    static let silence = Duration.milliseconds(500)
    /// Esc alone is Esc after this.
    static let escape = Duration.milliseconds(150)
    /// The same on a line that was seen to cut what the terminal sent in one piece.
    static let escapeOnSlowLine = Duration.milliseconds(400)
}
