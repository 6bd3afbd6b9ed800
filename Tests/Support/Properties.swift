/// What values are made of, by reflection: for tests that compare a list with the properties that it is to follow.
public enum Properties {
    /// The stored properties of a value, in their order.
    public static func names(of value: Any) -> [String] { Mirror(reflecting: value).children.compactMap(\.label) }

    /// The properties that hold nothing in any of the values: nil, or a list without elements; sorted, with the type
    /// that has them: `Rates.errors`.
    public static func empty(in values: Any...) -> [String] {
        var walk = Walk()
        for value in values { walk.visit(value, nil) }
        return walk.empty.subtracting(walk.filled).sorted()
    }

    /// `hitRatioLow` as `hit_ratio_low`.
    public static func snakeCase(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : String($1) }
    }
}

/// Goes down from a value to all that it is made of.
private struct Walk {
    var empty: Set<String> = []
    var filled: Set<String> = []

    /// - Parameter property: the one that holds the value; nil for none.
    mutating func visit(_ value: Any, _ property: String?) {
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional:
            if let wrapped = mirror.children.first?.value { visit(wrapped, property) } else { note(property, false) }
        case .collection, .set:
            note(property, !mirror.children.isEmpty)
            for element in mirror.children { visit(element.value, nil) }
        case .dictionary:
            note(property, !mirror.children.isEmpty)
            for pair in mirror.children {
                if let value = Mirror(reflecting: pair.value).children.dropFirst().first { visit(value.value, nil) }
            }
        case .struct:
            note(property, true)
            for child in mirror.children { visit(child.value, child.label.map { "\(mirror.subjectType).\($0)" }) }
        default: note(property, true)
        }
    }

    private mutating func note(_ property: String?, _ isFilled: Bool) {
        guard let property else { return }
        if isFilled { filled.insert(property) } else { empty.insert(property) }
    }
}
