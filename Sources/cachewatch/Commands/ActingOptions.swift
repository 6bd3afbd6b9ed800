internal import ArgumentParser
internal import CacheWatch

/// What every command takes that changes something.
struct ActingOptions: ParsableArguments {
    @OptionGroup var server: ServerOptions

    /// - Throws: an exit with 78 where there is no place for journals and audit.
    func operations() throws -> CacheOperations { try operations(server.settings()) }

    func operations(_ settings: Settings) throws -> CacheOperations {
        CacheOperations(settings: settings, files: try Operator.files(), actor: Operator.actor)
    }
}

/// What a command takes that walks over keys; others send a few questions, and have no pace.
struct PaceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How hard it may lean on the server.", valueName: "gentle|fast"))
    var pace = SweepPace.gentle
}

/// The name of a journal that is to be written.
enum JournalName {
    static func check(_ name: String?) throws {
        guard let name else { return }
        if name.isEmpty { throw ValidationError("--journal: a file's name, please") }
        if name == "-" { throw ValidationError("--journal: a journal is a file; - is none") }
    }
}
