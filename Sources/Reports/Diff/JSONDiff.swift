internal import CacheModel

/// A comparison for programs: the same members whatever has come out of it, null for what is not known or not there.
enum JSONDiff {
    static func value(_ report: DiffReport) -> JSONValue {
        let comparison = report.comparison
        return .object([
            ("schema", .integer(Snapshot.schema)), ("taken_at", JSONValue(report.now.takenAt?.iso8601)),
            ("target", .string(report.now.target)),
            (
                "diff",
                .object([
                    ("result", .string(comparison.result.rawValue)),
                    ("deployment", .string(comparison.identity.rawValue)), ("was", side(report.was)),
                    ("is", side(report.now)), ("same", .integer(comparison.same)),
                    ("differences", .array(comparison.differences.map(difference))),
                    ("not_known", .array(comparison.gaps.map(gap))),
                ])
            ),
        ])
    }

    private static func side(_ side: DiffSide) -> JSONValue {
        .object([
            ("source", .string(side.source)), ("taken_at", JSONValue(side.takenAt?.iso8601)),
            ("target", .string(side.target)), ("notes", JSONValue(side.notes)),
        ])
    }

    private static func difference(_ difference: StateComparison.Difference) -> JSONValue {
        var change: Double?
        if let was = difference.was?.figure?.value.value, let now = difference.now?.figure?.value.value {
            change = now - was
        }
        return .object(
            [
                ("part", .string(difference.part.rawValue)), ("subject", JSONValue(difference.subject)),
                ("name", .string(difference.name)),
            ] + members("was", difference.was) + members("is", difference.now)
                + [("change", number(change)), ("decides", .boolean(difference.decides))])
    }

    private static func members(_ name: String, _ value: ComparedValue?) -> [(name: String, value: JSONValue)] {
        let figure = value?.figure?.value
        let plain: JSONValue =
            switch value {
            case .text(let text)?: .string(text)
            case .flag(let flag)?: .boolean(flag)
            case .number(let number, _)?: self.number(number)
            case .estimated(let figure, _)?: number(figure.value)
            case .unknown?, nil: .null
            }
        return [(name, plain), ("\(name)_low", number(figure?.low)), ("\(name)_high", number(figure?.high))]
    }

    /// Whole ones as such.
    private static func number(_ number: Double?) -> JSONValue {
        guard let number, number == number.rounded(), abs(number) < 9e15 else { return JSONValue(number) }
        return .integer(number.whole)
    }

    private static func gap(_ gap: StateComparison.Gap) -> JSONValue {
        .object([
            ("part", .string(gap.part.rawValue)), ("subject", JSONValue(gap.subject)), ("name", .string(gap.name)),
            ("side", .string(gap.side.rawValue)), ("reason", .string(gap.why)), ("decides", .boolean(gap.decides)),
        ])
    }
}
