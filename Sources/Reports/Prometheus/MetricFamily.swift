/// All samples of one metric in Prometheus' text format.
///
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
struct MetricFamily {
    enum Kind: String { case gauge, counter }

    let name: String
    let kind: Kind
    let help: String
    private var lines: [String] = []
    private var seen: Set<String> = []

    init(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        self.kind = kind
        self.help = help
    }

    /// Leaves out what is unknown, and a second sample with the same labels, which would void the whole page.
    mutating func add(_ value: Double?, _ labels: [(name: String, value: String)]) {
        guard let value, value.isFinite else { return }
        let list = labels.map { "\($0.name)=\"\(Self.escape($0.value))\"" }.joined(separator: ",")
        guard seen.insert(list).inserted else { return }
        lines.append("\(name)\(list.isEmpty ? "" : "{\(list)}") \(Self.number(value))")
    }

    /// Empty without a sample.
    var text: String {
        guard !lines.isEmpty else { return "" }
        return "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n" + lines.map { $0 + "\n" }.joined()
    }

    private static func escape(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    /// Whole numbers without a point.
    private static func number(_ value: Double) -> String {
        abs(value) < 1e15 && value.rounded() == value ? String(Int(value)) : "\(value)"
    }
}
