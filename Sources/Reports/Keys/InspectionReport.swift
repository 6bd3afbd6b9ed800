public import CacheModel

/// One key in full, decoded as the dashboard shows it; tokens are `***`.
public enum InspectionReport {
    /// - Parameter clock: by which times are written.
    public static func text(_ inspection: KeyInspection, clock: CivilClock = .utc) -> String {
        var lines = [
            ("key", Printable.escape(inspection.key)), ("type", inspection.typeName),
            ("ttl", KeyWords.lifetime(inspection.lifetime)), ("encoding", inspection.encoding ?? Format.unknown),
            ("memory", inspection.sizeWords),
            ("length", Format.count(inspection.length)),
        ]
        if let end = inspection.expiresAt { lines.insert(("expires", clock.full(end)), at: 3) }
        if let idle = inspection.idle { lines.append(("idle", Format.age(.seconds(idle)))) }
        if let frequency = inspection.frequency { lines.append(("frequency", "\(frequency)")) }
        let decoded = decoded(inspection, clock)
        if let decoded { lines.append(("format", decoded.name)) }
        var text = lines.map { "\(TextColumn.left($0.0, to: 10))\($0.1)\n" }.joined()
        if let groups = inspection.groups { text += "\n" + groups.words.map { $0 + "\n" }.joined() }
        if let note = inspection.note { text += "\n\(note)\n" }
        if !inspection.content.elements.isEmpty { text += "\n" }
        if let decoded, !decoded.isBinary {
            text += decoded.lines.map { $0.indented + "\n" }.joined()
        } else {
            text += inspection.content.elements.map { line($0, inspection, clock) }.joined()
        }
        if inspection.content.next != nil { text += "… more\n" }
        return text
    }

    private static func line(
        _ element: KeyContent.Element, _ inspection: KeyInspection, _ clock: CivilClock
    ) -> String {
        let value = DecodedValue.line(
            bytes(of: element, inspection), isCut: isCut(element, inspection), clock: clock)
        let end = element.isCut ? " …" : ""
        guard let label = element.label else { return "\(value)\(end)\n" }
        let note = DecodedValue.note(ofLabel: label, isStreamID: inspection.type == .stream, clock: clock)
        let name = Printable.escape(TokenRanges.masked(label))
        // What stands behind the fields of an entry would be read as theirs.
        if inspection.type == .stream { return "\(name)\(note.map { "\t(\($0))" } ?? "")\t\(value)\(end)\n" }
        return "\(name)\t\(value)\(end)\(note.map { "\t(\($0))" } ?? "")\n"
    }

    /// Without the rest of a token on the page of a string before this one.
    private static func bytes(of element: KeyContent.Element, _ inspection: KeyInspection) -> [UInt8] {
        guard inspection.type == .string, inspection.content.offset > 0 else { return element.value }
        return TokenRanges.maskedRest(element.value)
    }

    /// Of a string it is the page that is cut.
    private static func isCut(_ element: KeyContent.Element, _ inspection: KeyInspection) -> Bool {
        element.isCut || inspection.type == .string && inspection.content.next != nil
    }

    /// Of a string; nil for collections, and where there is nothing.
    private static func decoded(_ inspection: KeyInspection, _ clock: CivilClock) -> DecodedValue? {
        guard inspection.type == .string, let element = inspection.content.elements.first else { return nil }
        return DecodedValue(
            bytes(of: element, inspection), isCut: inspection.content.next != nil,
            isStart: inspection.content.offset == 0, size: inspection.length, clock: clock)
    }

    public static func json(_ inspection: KeyInspection, clock: CivilClock = .utc) -> String {
        let decoded = decoded(inspection, clock)
        return JSONValue.object([
            ("schema", .integer(1)), ("key", .string(Printable.escape(inspection.key))),
            ("exists", .boolean(inspection.exists)), ("type", .string(inspection.typeName)),
            ("ttl_ms", KeyWords.json(inspection.lifetime)),
            ("expires", JSONValue(inspection.lifetime.map { $0 != .never })),
            ("expires_at", JSONValue(inspection.expiresAt?.iso8601)),
            ("encoding", JSONValue(inspection.encoding)), ("bytes", JSONValue(inspection.bytes)),
            ("bytes_sampled", JSONValue(inspection.bytes == nil ? nil : inspection.sizeIsSampled)),
            ("length", JSONValue(inspection.length)), ("idle_s", JSONValue(inspection.idle)),
            ("frequency", JSONValue(inspection.frequency)), ("note", JSONValue(inspection.note)),
            ("complete", .boolean(inspection.content.next == nil)),
            ("format", JSONValue(decoded?.name)),
            ("decoded", decoded.map { JSONValue($0.lines.map(\.indented)) } ?? .null),
            ("elements", .array(inspection.content.elements.map { element($0, inspection) })),
            ("groups", groups(inspection.groups)), ("groups_doubt", doubt(inspection.groups)),
        ]).text + "\n"
    }

    private static func element(_ element: KeyContent.Element, _ inspection: KeyInspection) -> JSONValue {
        let value = TokenRanges.masked(bytes(of: element, inspection), isCut: isCut(element, inspection))
        return .object([
            ("label", JSONValue(element.label.map { Printable.escape(TokenRanges.masked($0)) })),
            ("value", .string(Printable.escape(value))),
            ("cut", .boolean(element.isCut)),
        ])
    }

    private static func groups(_ groups: StreamGroups?) -> JSONValue {
        guard case .known(let groups, _)? = groups else { return .null }
        return .array(
            groups.map { group in
                .object([
                    ("name", .string(Printable.escape(TokenRanges.masked(group.name)))),
                    ("pending", JSONValue(group.pending)),
                    ("lag", JSONValue(group.lag)),
                    ("last_delivered", JSONValue(group.lastDelivered.map { Printable.escape($0) })),
                    ("consumers", JSONValue(group.consumers)), ("doubt", JSONValue(group.doubt)),
                    ("members", group.members.map { .array($0.map(member)) } ?? .null),
                ])
            })
    }

    private static func member(_ member: StreamGroup.Consumer) -> JSONValue {
        .object([
            ("name", .string(Printable.escape(TokenRanges.masked(member.name)))),
            ("pending", JSONValue(member.pending)),
            ("idle_s", JSONValue(member.idle.map { ($0 / .seconds(1)).whole })),
        ])
    }

    private static func doubt(_ groups: StreamGroups?) -> JSONValue {
        if case .unknown(let reason)? = groups { .string(reason) } else { .null }
    }
}
