internal import CNcurses
internal import TerminalUI

/// What ncurses calls a key, in our terms.
enum KeyDecoding {
    /// Codes that we define ourselves for the brackets around pasted text.
    static let pasteBegins: Int32 = 0x1000
    static let pasteEnds: Int32 = 0x1001

    /// - Returns: nil for a function key that means nothing here.
    static func functionKey(_ code: Int32) -> Key? {
        if let key = table[code] { return key }
        let number = code - cw_function_key(0)
        return (1...24).contains(number) ? .function(Int(number)) : nil
    }

    /// - Returns: nil for what is no character.
    static func character(_ value: UInt32) -> Key? {
        switch value {
        case 0x0a, 0x0d: return .enter
        case 0x09: return .tab
        case 0x1b: return .escape
        case 0x7f, 0x08: return .backspace
        case 0x01...0x1a: return .control(Character(UnicodeScalar(UInt8(value) + 0x60)))
        case 0..<0x20: return nil
        default: return Unicode.Scalar(value).map { .character(Character($0)) }
        }
    }

    private static let table: [Int32: Key] = [
        KEY_UP: .up, KEY_DOWN: .down, KEY_LEFT: .left, KEY_RIGHT: .right, KEY_HOME: .home, KEY_END: .end,
        KEY_PPAGE: .pageUp, KEY_NPAGE: .pageDown, KEY_BACKSPACE: .backspace, KEY_DC: .delete, KEY_IC: .insert,
        KEY_ENTER: .enter, KEY_BTAB: .backTab,
    ]
}
