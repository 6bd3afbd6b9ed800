internal import ArgumentParser
internal import CacheWatch
internal import Recording

/// Records what is watched, without a terminal.
struct RecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Record what is watched, without a terminal, until it is told to end.",
        discussion: """
            JSON lines, an hour or 64 MiB a file; closed files are packed by gzip where there is one. About 270 MB a day \
            and node until they are packed, 25 MB then. A disk that is full is a gap in the recording, which goes on as \
            soon as there is room. What programs that share the audit (audit_file) do to the cache is recorded, too. \
            SIGTERM and Ctrl-C end it with 0.
            """)

    @OptionGroup var server: ServerOptions

    @Argument(
        help: ArgumentHelp("A folder for files by the hour, or one file that ends with .jsonl.", valueName: "path"),
        transform: Environment.path)
    var path: String?

    @Flag(help: "Print the lines instead of writing them to files.")
    var stream = false

    @Option(
        help: ArgumentHelp("Remove files of the folder that are older, such as 7d.", valueName: "duration"))
    var keep: DurationArgument?

    @Option(
        help: ArgumentHelp(
            "Remove the oldest files where all together are larger, such as 2G.", valueName: "bytes"))
    var maxSize: SizeArgument?

    @Flag(help: "Write hashes in the place of ids in keys, of addresses and of names.")
    var anonymous = false

    @Option(help: ArgumentHelp("Seconds between polls, 0.2 to 60.", valueName: "seconds"))
    var interval: DurationArgument?

    @Option(
        help: ArgumentHelp("Time between two looks at the keyspace, 5s to 24h, or 0 for none.", valueName: "duration"))
    var estimateEvery: DurationArgument?

    @Flag(help: "Print no log lines on standard error.")
    var quiet = false

    func validate() throws {
        if let words = idle.first(where: \.isGiven)?.words { throw ValidationError(words) }
        // Seconds are what nobody means who types a number alone, and they would take all that was kept.
        if let keep, keep.duration < .seconds(3600), keep.text.allSatisfy(\.isNumber) {
            throw ValidationError(
                "--keep: \(keep.text) without a unit is \(keep.text) seconds: \(keep.text)d, or \(keep.text)s")
        }
        if let interval, !Settings.intervalRange.contains(interval.duration) {
            throw ValidationError("--interval: \(interval.text) is not from 0.2 to 60 seconds")
        }
        if let every = estimateEvery, every.duration != .zero, !Settings.estimateRange.contains(every.duration) {
            throw ValidationError("--estimate-every: \(every.text) is neither 0 nor from 5s to 24h")
        }
    }

    private var idle: [(isGiven: Bool, words: String)] {
        [
            (path == nil && !stream, "record: a folder's or a file's name, or --stream, please"),
            (path?.isEmpty == true, "record: a folder's or a file's name, please"),
            (path != nil && stream, "a path and --stream: one of them, please"),
            (stream && keep != nil, "--keep belongs to a folder"),
            (stream && maxSize != nil, "--max-size belongs to a folder"),
        ]
    }

    func run() async throws {
        var settings = try server.settings()
        settings.interval = interval?.duration ?? settings.interval
        if let every = estimateEvery { settings.estimateEvery = every.duration == .zero ? nil : every.duration }
        let files = Operator.filesOrNone
        let sink = try sink(settings, files)
        try await RecordLoop(settings: settings, files: files, isQuiet: quiet).run(sink)
    }

    private func sink(_ settings: Settings, _ files: OperationFiles) throws -> RecordSink {
        let order = RecordOrder(
            path: path ?? "", settings, files, isAnonymous: anonymous,
            retention: Retention(age: keep?.duration, size: maxSize?.size.bytes))
        if !quiet, let words = order.auditTail?.complaint { StandardError.write("cachewatch: warning: \(words)") }
        guard path != nil else { return .stream(try RecordStream(order)) }
        if !order.isFolder, order.retention != Retention() {
            throw Exit.usage("--keep and --max-size belong to a folder, and \(Printable.escape(order.path)) is a file")
        }
        if !quiet, let words = Self.others(order) { StandardError.write("cachewatch: warning: \(words)") }
        do throws(RecordError) { return .files(try Recorder.open(order)) } catch { throw Exit.failure(error) }
    }

    /// That lines of another server stand there already; nil where none do.
    private static func others(_ order: RecordOrder) -> String? {
        // A single file may be long, and is not read for this.
        guard order.isFolder, let archive = try? RecordArchive.open(order.path) else { return nil }
        let reader = ReplayReader(archive: archive)
        guard let last = try? reader.end(isLast: true), let header = try? reader.header(at: last),
            !header.isAnonymous, header.target != order.header.target
        else { return nil }
        return
            "\(Printable.escape(order.path)) was recorded under another address, \(header.target): what follows may be of another server"
    }
}

/// A number of bytes as people type it: `500M`, `2G`.
struct SizeArgument: ExpressibleByArgument, Equatable {
    let size: ByteCount

    init?(argument: String) {
        guard let size = SizeText.parse(argument), size > 0 else { return nil }
        self.size = size
    }
}
