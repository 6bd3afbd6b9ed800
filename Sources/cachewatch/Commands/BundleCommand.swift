internal import ArgumentParser
internal import CacheModel
internal import CacheWatch
internal import Glibc
internal import Recording

/// A part of a recording for a ticket.
struct BundleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Cut a part out of a recording, for a ticket: one file with all that tells of it.",
        discussion: """
            A tar file, packed by gzip unless its name ends with .tar: the lines themselves, which cachewatch replay \
            opens; what was raised, with its evidence and who it was; what was done and marked; and the Overview as it \
            was at each alert. What recordings leave out is not in it: values, passwords. The same part gives the same \
            bytes. Exit status: 0, 1 where there is nothing or nothing can be written, 64 for usage.
            """)

    @OptionGroup var recording: RecordingArgument

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Begin at 14:20, 2026-11-25T14:20, or so far before the recording's end: -30m. Else with the recording.",
            valueName: "time"))
    var from: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "End then: the same, or so long after --from: +10m. Else with the recording.", valueName: "time"))
    var to: String?

    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp(
            "The file that is written, such as incident.tar.gz; - is standard output.", valueName: "file"),
        transform: Environment.path)
    var output: String

    @Flag(help: "Write hashes in the place of ids in keys, of addresses and of names.")
    var anonymous = false

    @Flag(help: "Replace a file that is there.")
    var force = false

    func validate() throws {
        if output.isEmpty { throw ValidationError("--output: a file's name, please") }
        for (option, time) in [("--from", from), ("--to", to)] {
            if let time, TimeWish.parse(time, from: .now, LocalTime.clock) == nil {
                throw ValidationError(Self.times(option, time))
            }
        }
        if output == "-", force { throw ValidationError("--force belongs to a file") }
    }

    private static func times(_ option: String, _ time: String) -> String {
        "\(option) \(Printable.escape(time)): a time is 14:20, 14:20:07, 2026-11-25T14:20, or so far back: -10m"
    }

    func run() throws {
        if output == "-", isatty(1) != 0 {
            throw Exit.usage("standard output is a terminal, and a bundle is no text: name a file, or pipe it on")
        }
        do {
            if output != "-" { try BundleFile.requireRoom(at: output, replaces: force) }
            let archive = try RecordArchive.open(recording.path)
            let bundler = try Bundler(archive, window(archive), isAnonymous: anonymous)
            if output == "-" {
                var isRead = true
                try BundleFile.pack { try bundler.write(to: $0) }.read { bytes in
                    if isRead { isRead = try StandardOutput.write(bytes) }
                }
            } else {
                try BundleFile.write(to: output, replaces: force) { try bundler.write(to: $0) }
            }
            StandardError.write("\(Printable.escape(output == "-" ? "bundled" : output)): \(bundler.summary.words)")
        } catch let error as RecordError {
            throw Exit.failure(error)
        } catch let error as CacheError { throw Exit.failure(error) }
    }

    private func window(_ archive: RecordArchive) throws -> ClosedRange<WallTime> {
        let reader = ReplayReader(archive: archive)
        guard let span = try reader.span() else { throw RecordError.foreign(path: recording.path, "holds no snapshot") }
        let whole = try reader.ends(around: span)
        do throws(RecordWindow.Problem) {
            return try RecordWindow.parse(from: from, to: to, within: span, of: whole, LocalTime.clock)
        } catch {
            switch error {
            case .noTime(let option, let text): throw Exit.usage(Self.times(option, text))
            case .turned(let from, let to):
                let clock = LocalTime.clock
                throw Exit.usage("--from \(clock.full(from)) is after --to \(clock.full(to))")
            }
        }
    }
}
