import Glibc
import Testing

/// What lies between other keys and an Enter: without it the Enter is the end of a pasted line, and confirms nothing.
enum TypingPause {
    /// Three times as long as the dashboard asks for.
    private static let milliseconds: Int32 = 150

    /// However busy the machine is, the program has taken what was typed before.
    ///
    /// - Parameter terminal: the side that the program reads.
    static func wait(terminal: Int32) {
        eventually("what was typed is read") {
            var waiting: Int32 = 0
            return ioctl(terminal, UInt(FIONREAD), &waiting) != 0 || waiting == 0
        }
        poll(nil, 0, milliseconds)
    }

    static func wait(terminal path: String) { with(path) { wait(terminal: $0) } }

    /// Keys that a program finds together are a paste: the next one comes when it has taken those before, or when nobody
    /// takes any.
    static func settle(terminal path: String) {
        with(path) { terminal in
            for _ in 0..<2000 {
                var waiting: Int32 = 0
                if ioctl(terminal, UInt(FIONREAD), &waiting) != 0 || waiting == 0 { return }
                poll(nil, 0, 5)
            }
        }
    }

    private static func with(_ path: String, _ body: (Int32) -> Void) {
        let terminal = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        defer { if terminal >= 0 { close(terminal) } }
        body(terminal)
    }
}
