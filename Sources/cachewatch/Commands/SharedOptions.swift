internal import ArgumentParser
internal import CacheWatch

/// How something is drawn or printed, of a server or of a recording.
struct ShowOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How --once prints, text where nothing is said: \(OutputFormat.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "format"))
    var format: OutputFormat?

    @Option(
        help: ArgumentHelp("A theme's name (see `cachewatch themes`) or a theme file.", valueName: "name"),
        transform: Environment.path)
    var theme: String?

    @Flag(help: "Draw with ASCII only.")
    var ascii = false
}

/// A recording that is read.
struct RecordingArgument: ParsableArguments {
    @Argument(
        help: ArgumentHelp("What cachewatch record has written: a folder, or one file.", valueName: "path"),
        transform: Environment.path)
    var path: String
}
