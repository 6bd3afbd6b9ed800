internal import ArgumentParser
internal import CacheModel
internal import CacheWatch
internal import CommandLineModel
internal import Reports

/// Lists what can be taken back.
struct JournalsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journals",
        abstract: "List what flush, repair and delete can take back, the newest first; no server is asked.",
        discussion: "Each line says how: cachewatch undo FILE. Exit status: 0, 1 where the folder cannot be read.")

    @Option(help: "text or json.")
    var format = ListFormat.text

    func run() async throws {
        let files = try Operator.files()
        do {
            let list = try files.listedJournals()
            let undo = { (journal: ListedJournal) in
                Invocation(options: journal.header?.url.map { ["--url", $0] } ?? []).undo(journal.path)
            }
            try StandardOutput.write(
                format == .json
                    ? JournalsReport.json(list) : JournalsReport.text(list, clock: LocalTime.clock, undo: undo))
            // Those of JSON stand in it.
            if format == .text { StandardError.write(list.words) }
        } catch let error as CacheError { throw Exit.failure(error) }
    }
}
