internal import CacheModel
internal import TerminalUI

/// What a key holds, as lines of at most so many columns.
struct ValueLines {
    let inspection: KeyInspection
    let view: ValueView
    let columns: Int
    let charset: Charset

    private static let hexBytes = 16

    /// How it is really shown: what is not JSON is shown as text.
    var shownAs: ValueView { view == .json && json == nil ? .text : view }

    private var isString: Bool { inspection.type == .string }

    private var json: JSONValue? {
        guard isString, inspection.content.next == nil, inspection.content.offset == 0,
            let bytes = inspection.content.elements.first?.value
        else { return nil }
        return try? JSONParser.parse(bytes)
    }

    var lines: [TextLine] {
        guard columns > 0 else { return [] }
        if let note = inspection.note { return TextLine.wrapped(note, columns: columns, charset, .dim) }
        guard isString else { return elements }
        guard let bytes = inspection.content.elements.first?.value else { return [] }
        switch view {
        case .hex: return hexadecimal(bytes)
        case .json:
            if let json { return TextLine.folded(json.text.split(separator: "\n").map(String.init), columns, charset) }
            return text(bytes)
        case .text: return text(bytes)
        }
    }

    private func text(_ bytes: [UInt8]) -> [TextLine] {
        let parts = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
        return TextLine.folded(parts.map { Printable.escape($0) }, columns, charset)
    }

    private func hexadecimal(_ bytes: [UInt8]) -> [TextLine] {
        let perLine = columns >= 76 ? Self.hexBytes : columns >= 42 ? 8 : 4
        return stride(from: 0, to: bytes.count, by: perLine).map { start in
            let part = bytes[start..<min(bytes.count, start + perLine)]
            let offset = Self.hex(inspection.content.offset + start, digits: 6)
            let codes = part.map { Self.hex(Int($0), digits: 2) }.joined(separator: " ")
            let blank = String(repeating: " ", count: perLine * 3 - 1 - codes.count)
            let letters = String(
                decoding: part.map { $0 >= 0x20 && $0 < 0x7f ? $0 : UInt8(ascii: ".") }, as: UTF8.self)
            return TextLine("\(offset)  \(codes)\(blank)  \(letters)", .value)
        }
    }

    private static func hex(_ number: Int, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    private var elements: [TextLine] {
        let elements = inspection.content.elements
        let labels = elements.map { $0.label.map { Printable.escape($0, limit: 60) } ?? "" }
        let width = min(columns / 3, labels.map { charset.width(of: $0) }.max() ?? 0)
        return zip(elements, labels).map { element, label in
            let value = shown(element) + (element.isCut ? " …" : "")
            guard width > 0 else { return TextLine(value, .value) }
            let fitted = Frame.fitted(label, columns: width, ellipsis: charset.ellipsis, charset: charset)
            let blank = String(repeating: " ", count: max(0, width - charset.width(of: fitted)))
            return TextLine("\(fitted)\(blank)  \(value)", .value)
        }
    }

    private func shown(_ element: KeyContent.Element) -> String {
        switch view {
        case .hex: element.value.prefix(64).map { Self.hex(Int($0), digits: 2) }.joined(separator: " ")
        case .text, .json: Printable.escape(element.value, limit: 1000)
        }
    }
}

extension DashboardState {
    var keysLayout: KeysLayout { KeysLayout(body: Layout(size).body, isOpen: keys.isOpen) }

    func valueLines(of inspection: KeyInspection) -> [TextLine] {
        ValueLines(inspection: inspection, view: keys.view, columns: keysLayout.valueArea.columns, charset: charset)
            .lines
    }

    func valueView(of inspection: KeyInspection) -> ValueView {
        ValueLines(inspection: inspection, view: keys.view, columns: 80, charset: charset).shownAs
    }
}
