internal import CNcurses
internal import Glibc
internal import TerminalUI

/// What ncurses knows of the terminal's keys, in our terms.
enum KeyDecoding {
    /// How the terminal's description has its keys written. For the screen that ncurses has opened.
    static var described: [(bytes: [UInt8], key: Key)] {
        let functions = (1...24).map { (cw_function_key(Int32($0)), Key.function($0)) }
        return (table.map { ($0.key, $0.value) } + functions).flatMap { code, key in
            strings(of: code).map { ($0, key) }
        }
    }

    static var describesMouse: Bool { !strings(of: KEY_MOUSE).isEmpty }

    /// How the locale writes letters.
    static var letters: LetterEncoding {
        cw_is_utf8() != 0 ? .utf8 : .bytes((Int32(0)..<256).map { Unicode.Scalar(btowc($0)) })
    }

    private static func strings(of code: Int32) -> [[UInt8]] {
        var strings: [[UInt8]] = []
        while let text = keybound(code, Int32(strings.count)) {
            strings.append(Array(String(cString: text).utf8))
            free(text)
        }
        return strings
    }

    private static let table: [Int32: Key] = [
        KEY_UP: .up, KEY_DOWN: .down, KEY_LEFT: .left, KEY_RIGHT: .right, KEY_HOME: .home, KEY_END: .end,
        KEY_PPAGE: .pageUp, KEY_NPAGE: .pageDown, KEY_DC: .delete, KEY_IC: .insert, KEY_ENTER: .enter,
        KEY_BTAB: .backTab,
    ]
}
