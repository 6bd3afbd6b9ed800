internal import CacheModel
internal import TerminalUI

/// What a key holds, as lines of at most so many columns.
struct ValueLines {
    let inspection: KeyInspection
    let view: ValueView
    let columns: Int
    let charset: Charset
    let clock: CivilClock
    /// With all of each element; else a line of it.
    let isOpen: Bool

    private static let hexBytes = 16
    /// Of an element that is no text.
    private static let shownBytes = 256

    func write(to text: inout ValueText) {
        guard columns > 0 else { return }
        if let note = inspection.note {
            text.lines += TextLine.wrapped(note, columns: columns, charset, .dim)
        } else if inspection.type == .string {
            if let bytes = inspection.content.elements.first?.value { string(bytes, &text) }
        } else {
            text.name = view == .hex ? "hex" : view == .text ? "text" : ""
            elements(&text)
        }
    }

    /// True where the bytes of a string are its first ones.
    private var isStart: Bool { inspection.content.offset == 0 }

    private func string(_ bytes: [UInt8], _ text: inout ValueText) {
        let isCut = inspection.content.next != nil
        switch view {
        case .hex:
            text.name = "hex"
            text.lines += hexadecimal(bytes, isCut: isCut)
        case .text:
            text.name = "text"
            text.lines += plain(bytes, isCut: isCut)
        case .decoded:
            let decoded =
                text.decoded
                ?? DecodedValue(
                    isStart ? bytes : TokenRanges.maskedRest(bytes), isCut: isCut, isStart: isStart,
                    size: inspection.length, clock: clock)
            text.decoded = decoded
            text.name = decoded.name
            if decoded.isBinary {
                text.lines += [TextLine(decoded.name, .dim)] + hexadecimal(bytes, isCut: isCut)
            } else {
                text.lines += lines(of: decoded, columns)
            }
        }
    }

    private func lines(of decoded: DecodedValue, _ columns: Int) -> [TextLine] {
        decoded.lines.flatMap { line in
            TextLine.folded([line.indented], columns, charset, line.kind == .note ? .dim : .value)
        }
    }

    private func plain(_ bytes: [UInt8], isCut: Bool) -> [TextLine] {
        let masked = TokenRanges.masked(bytes, isCut: isCut, isStart: isStart)
        let parts = masked.split(separator: 0x0a, omittingEmptySubsequences: false)
        return TextLine.folded(parts.map { Printable.escape($0) }, columns, charset)
    }

    /// Bytes of tokens are `**`.
    private func hexadecimal(_ bytes: [UInt8], isCut: Bool) -> [TextLine] {
        let perLine = columns >= 76 ? Self.hexBytes : columns >= 42 ? 8 : 4
        var secrets = TokenRanges.find(in: bytes, isCut: isCut, isStart: isStart)[...]
        return stride(from: 0, to: bytes.count, by: perLine).map { start in
            let end = min(bytes.count, start + perLine)
            while let first = secrets.first, first.upperBound <= start { secrets = secrets.dropFirst() }
            func isSecret(_ index: Int) -> Bool {
                !secrets.isEmpty && secrets.prefix { $0.lowerBound < end }.contains { $0.contains(index) }
            }
            // Byte by byte: a page has thousands of lines.
            var line = Array("\(Self.hex(inspection.content.offset +| start, digits: 6)) ".utf8)
            for index in start..<end {
                let (byte, star) = (bytes[index], UInt8(ascii: "*"))
                let digits =
                    isSecret(index) ? [star, star] : [Self.digits[Int(byte >> 4)], Self.digits[Int(byte & 15)]]
                line.append(0x20)
                line += digits
            }
            line += [UInt8](repeating: 0x20, count: (perLine - (end - start)) * 3 + 2)
            for index in start..<end {
                let isDrawn = bytes[index] >= 0x20 && bytes[index] < 0x7f
                line.append(isSecret(index) ? UInt8(ascii: "*") : isDrawn ? bytes[index] : UInt8(ascii: "."))
            }
            return TextLine(String(decoding: line, as: UTF8.self), .value)
        }
    }

    private static let digits = Array("0123456789abcdef".utf8)

    private static func hex(_ number: Int, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    // MARK: collections

    private func elements(_ text: inout ValueText) {
        let elements = inspection.content.elements
        let labels = elements.map { element in
            element.label.map { Printable.name(TokenRanges.masked($0), limit: isOpen ? nil : 60) } ?? ""
        }
        let width = min(columns / 3, labels.map { charset.width(of: $0) }.max() ?? 0)
        for (element, label) in zip(elements, labels) {
            text.starts.append(text.lines.count)
            if isOpen { whole(element, label, width, &text) } else { text.lines.append(line(element, label, width)) }
        }
    }

    private func line(_ element: KeyContent.Element, _ label: String, _ width: Int) -> TextLine {
        let value = short(element) + (element.isCut ? " …" : "")
        guard width > 0 else { return TextLine(value, .value) }
        let fitted = Frame.fitted(label, columns: width, ellipsis: charset.ellipsis, charset: charset)
        let blank = String(repeating: " ", count: max(0, width - charset.width(of: fitted)))
        return TextLine("\(fitted)\(blank)  \(value)", .value)
    }

    private func short(_ element: KeyContent.Element) -> String {
        if view == .hex { return codes(element, limit: 64) }
        if view == .decoded {
            return DecodedValue.line(element.value, isCut: element.isCut, limit: 1000, clock: clock)
        }
        return Printable.escape(TokenRanges.masked(element.value, isCut: element.isCut), limit: 1000)
    }

    private func codes(_ element: KeyContent.Element, limit: Int) -> String {
        let secrets = TokenRanges.find(in: element.value, isCut: element.isCut)
        let codes = element.value.indices.prefix(limit).map { index in
            secrets.contains { $0.contains(index) } ? "**" : Self.hex(Int(element.value[index]), digits: 2)
        }
        return codes.joined(separator: " ") + (element.value.count > limit ? " …" : "")
    }

    /// The label beside the value, or above it where it is long.
    private func whole(_ element: KeyContent.Element, _ label: String, _ width: Int, _ text: inout ValueText) {
        let isBeside = charset.width(of: label) <= width
        let indent = width > 0 ? width + 2 : 0
        let room = max(1, columns - indent)
        var lines = self.value(element, room)
        if let label = element.label, view == .decoded,
            let note = DecodedValue.note(
                ofLabel: label, isStreamID: inspection.type == .stream, clock: clock)
        {
            let first = "\(lines[0].text)  (\(note))"
            // What stands behind the fields of an entry would be read as theirs.
            if inspection.type != .stream, charset.width(of: first) <= room {
                lines[0].text = first
            } else {
                lines.insert(TextLine("(\(note))", .dim), at: 0)
            }
        }
        if element.isCut { lines.append(TextLine("… it goes on", .dim)) }
        if !isBeside { text.lines += TextLine.folded([label], columns, charset) }
        let blank = String(repeating: " ", count: indent)
        for (index, line) in lines.enumerated() {
            var front = blank
            if index == 0, isBeside {
                front = charset.drawn(label)
                front += String(repeating: " ", count: max(0, indent - charset.width(of: front)))
            }
            text.lines.append(TextLine(front + line.text, line.role))
        }
    }

    private func value(_ element: KeyContent.Element, _ columns: Int) -> [TextLine] {
        switch view {
        case .hex: return TextLine.folded([codes(element, limit: Self.shownBytes)], columns, charset)
        case .text:
            let masked = TokenRanges.masked(element.value, isCut: element.isCut)
            return TextLine.folded([Printable.escape(masked)], columns, charset)
        // A small object has a line, as its neighbours do.
        case .decoded:
            let decoded = DecodedValue(element.value, isCut: element.isCut, clock: clock)
            if decoded.isBinary {
                return [TextLine(decoded.name, .dim)]
                    + TextLine.folded([codes(element, limit: Self.shownBytes)], columns, charset)
            }
            let onOne = decoded.lines.map(\.text).joined(separator: " ")
            if decoded.name == "JSON", charset.width(of: onOne) <= columns { return [TextLine(onOne, .value)] }
            let lines = lines(of: decoded, columns)
            return lines.isEmpty ? [TextLine("", .value)] : lines
        }
    }
}
