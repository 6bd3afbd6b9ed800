public import RedisValues

/// What a bundle has in it, and what it lacks: its README.
public struct BundleSummary: Equatable, Sendable {
    /// Of a screen.
    public struct Picture: Equatable, Sendable {
        public var time: WallTime
        /// Of what was raised then.
        public var alert: String

        public init(time: WallTime, alert: String) { (self.time, self.alert) = (time, alert) }
    }

    /// Of the bundle, without a `/`.
    public var folder = ""
    public var window: ClosedRange<WallTime>
    public var targets: [String] = []
    /// Of the programs that have recorded it.
    public var versions: [String] = []
    public var schemas: [Int] = []
    public var isAnonymous = false
    public var snapshots = 0
    /// The most that one snapshot has.
    public var nodes = 0
    public var first: WallTime?
    public var last: WallTime?
    public var lines = 0
    public var raised = 0
    public var acts = 0
    public var marks = 0
    public var pictures: [Picture] = []
    /// Instants at which an alert was raised, of which there is no picture.
    public var unpictured = 0
    public private(set) var gaps: [RecordedStretch] = []
    private var moreGaps = 0
    public var unreadable = 0
    /// Of kinds that a newer version has written.
    public var unknown = 0
    /// Those that were left out, since nobody can say whom they name.
    public var withheld = 0
    /// Whole files that cannot be read, and why.
    public var damaged: [String] = []

    static let mostGaps = 100

    public init(window: ClosedRange<WallTime>) { self.window = window }

    public mutating func note(_ gap: RecordedStretch) {
        if gaps.count < Self.mostGaps { gaps.append(gap) } else { moreGaps += 1 }
    }

    public mutating func note(target: String, version: String, schema: Int) {
        if !targets.contains(target) { targets.append(target) }
        if !versions.contains(version) { versions.append(version) }
        if !schemas.contains(schema) { schemas.append(schema) }
    }

    // MARK: words

    /// In short, for whoever has asked for it: `14:20:07 to 14:32:00 UTC, 723 snapshots, 2 alerts raised; 1 line is
    /// unreadable`.
    public var words: String {
        let day = CivilClock.utc.date(window.lowerBound) == CivilClock.utc.date(window.upperBound)
        let end = day ? CivilClock.utc.clock(window.upperBound) : CivilClock.utc.dateAndClock(window.upperBound)
        let parts = [
            "\(Self.clock(window.lowerBound)) to \(end) UTC", Format.count(snapshots, "snapshot"),
            "\(Format.count(raised, "alert")) raised", Format.count(pictures.count, "picture"),
        ]
        let holes = gaps.count +| moreGaps
        let missing = (holes > 0 ? [Format.count(holes, "gap")] : []) + missing
        return ([parts.joined(separator: ", ")] + missing).joined(separator: "; ")
    }

    private var missing: [String] {
        var missing = damaged
        func note(_ count: Int, _ noun: String, _ what: (one: String, many: String)) {
            if count > 0 { missing.append("\(Format.count(count, noun)) \(count == 1 ? what.one : what.many)") }
        }
        note(unreadable, "line", ("cannot be read and is left out", "cannot be read and are left out"))
        note(
            withheld, "line",
            ("of which nobody knows whom it names is left out", "of which nobody knows whom they name are left out"))
        note(
            unknown, "line", ("of a newer version stands in it as it is", "of a newer version stand in it as they are"))
        note(unpictured, "alert", ("more has no picture", "more have no picture"))
        return missing
    }

    /// The same whenever it is written of the same lines.
    public var text: String {
        var text = """
            What cachewatch has recorded of \(targets.joined(separator: ", "))
            from \(Self.clock(window.lowerBound)) to \(Self.clock(window.upperBound)) UTC, for a ticket. All times here are UTC.

            alerts.txt   what was raised, how its figures went, what was cleared; with its evidence, and who it was
            acts.txt     what was done with cachewatch meanwhile, what was marked, and where nothing was recorded
            screens      the Overview as it was when an alert was raised or became worse, each as a picture
            recording    the lines themselves, as JSON; each file can be read alone

            To look at it as it was, on the same screens:

              cachewatch replay \(folder)/recording

            """
        for picture in pictures.prefix(Self.mostExamples) {
            text +=
                "  cachewatch replay \(folder)/recording --at \(Self.argument(picture.time))    # \(picture.alert)\n"
        }
        text += "\n" + facts.joined(separator: "\n") + "\n"
        if !gaps.isEmpty {
            text += "\nNothing was recorded\n" + gaps.map { "  \($0.words)\n" }.joined()
            if moreGaps > 0 { text += "  and \(Format.count(moreGaps, "more time"))\n" }
        }
        if !missing.isEmpty { text += "\nWhat is missing\n" + missing.map { "  \($0)\n" }.joined() }
        return text
    }

    private static let mostExamples = 10

    private var facts: [String] {
        let from = first.map(Self.clock) ?? Format.unknown
        let to = last.map(Self.clock) ?? Format.unknown
        let schemas = schemas.map(String.init).joined(separator: ", ")
        return [
            "\(Format.count(snapshots, "snapshot")) from \(from) to \(to), \(Format.count(nodes, "node")); \(Format.count(lines, "line"))",
            "\(Format.count(raised, "alert")) raised, \(Format.count(pictures.count, "picture")), \(Format.count(acts, "act")), \(Format.count(marks, "mark"))",
            "recorded by cachewatch \(versions.joined(separator: ", ")), schema \(schemas); bundled by \(LibraryVersion.text)",
            isAnonymous
                ? "ids in keys, addresses and names are hashes: the same ones for the same ones in this bundle, and in no other"
                : "ids in keys, addresses and names are the deployment's own (--anonymous hashes them); values and passwords are nowhere in it",
        ]
    }

    private static func clock(_ time: WallTime) -> String { CivilClock.utc.dateAndClock(time) }

    /// As `--at` takes it, to the second: the next one has it.
    private static func argument(_ time: WallTime) -> String {
        "\(WallTime(seconds: time.secondsRoundedUp).iso8601.prefix(19))Z"
    }
}

/// A time of which nothing was recorded.
public struct RecordedStretch: Equatable, Sendable {
    public var from: WallTime
    public var to: WallTime
    /// nil where nobody has told.
    public var why: String?

    public init(from: WallTime, to: WallTime, why: String? = nil) { (self.from, self.to, self.why) = (from, to, why) }

    /// `2026-11-25 14:20:07 to 14:25:00 UTC: no space left on device`.
    public var words: String {
        let clock = CivilClock.utc
        return "\(clock.dateAndClock(from)) to \(clock.short(to, seenAt: from)) UTC" + (why.map { ": \($0)" } ?? "")
    }
}
