/// A JSON document whose objects keep the order in which they were written.
public indirect enum JSONValue: Sendable {
    case null
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    /// A number as somebody else wrote it, which no `Double` holds exactly.
    case numeral(String)
    case string(String)
    case array([JSONValue])
    case object([(name: String, value: JSONValue)])

    public init(_ boolean: Bool?) { self = boolean.map(JSONValue.boolean) ?? .null }
    public init(_ integer: Int?) { self = integer.map(JSONValue.integer) ?? .null }
    public init(_ bytes: ByteCount?) { self.init(bytes?.bytes) }
    public init(_ string: String?) { self = string.map(JSONValue.string) ?? .null }
    public init(_ strings: [String]) { self = .array(strings.map(JSONValue.string)) }

    /// JSON knows neither infinity nor NaN: they are unknown.
    public init(_ number: Double?) { self = number.flatMap { $0.isFinite ? .number($0) : nil } ?? .null }

    /// Whole microseconds.
    public init(microseconds duration: Duration?) {
        let microseconds = duration.map { $0 / .microseconds(1) }
        self.init(microseconds.flatMap { abs($0) < 9e18 ? $0.whole : nil })
    }
}

extension JSONValue {
    /// Two spaces a level, without a newline at the end.
    public var text: String {
        var text = ""
        write(to: &text, indent: "\n")
        return text
    }

    /// On one line.
    public var line: String {
        var text = ""
        write(to: &text, indent: nil)
        return text
    }

    private func write(to text: inout String, indent: String?) {
        switch self {
        case .null: text += "null"
        case .boolean(let boolean): text += boolean ? "true" : "false"
        case .integer(let integer): text += String(integer)
        case .number(let number): text += "\(number)"
        case .numeral(let numeral): text += numeral
        case .string(let string): Self.quote(string, to: &text)
        case .array(let values):
            Self.enclose(values, "[", "]", to: &text, indent) { $0.write(to: &$1, indent: $2) }
        case .object(let members):
            Self.enclose(members, "{", "}", to: &text, indent) { member, text, indent in
                Self.quote(member.name, to: &text)
                text += ": "
                member.value.write(to: &text, indent: indent)
            }
        }
    }

    private static func enclose<Element>(
        _ elements: [Element], _ open: String, _ close: String, to text: inout String, _ indent: String?,
        _ body: (Element, inout String, String?) -> Void
    ) {
        text += open
        for (index, element) in elements.enumerated() {
            if index > 0 { text += "," }
            if let indent { text += indent + "  " } else if index > 0 { text += " " }
            body(element, &text, indent.map { $0 + "  " })
        }
        if !elements.isEmpty, let indent { text += indent }
        text += close
    }

    /// Whatever could disturb a terminal, or is not drawn by all of them alike, is written as `\u` with the UTF-16 code units, as RFC 8259 section 7 has it.
    package static func quote(_ string: String, to text: inout String) {
        text += "\""
        var run = Printable.Run()
        for scalar in string.unicodeScalars {
            let isDrawn = run.takes(scalar)
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case _ where isDrawn: text.unicodeScalars.append(scalar)
            default:
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
                }
            }
        }
        text += "\""
    }
}
