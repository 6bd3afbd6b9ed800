internal import ArgumentParser
internal import CacheWatch

/// What every command takes that changes something, or looks at single keys.
struct ActingOptions: ParsableArguments {
    @OptionGroup var server: ServerOptions

    @Option(help: ArgumentHelp("How hard it may lean on the server.", valueName: "gentle|fast"))
    var pace = SweepPace.gentle

    /// - Throws: an exit with 78 where there is no place for journals and audit.
    func operations() throws -> CacheOperations { try operations(server.settings()) }

    func operations(_ settings: Settings) throws -> CacheOperations {
        CacheOperations(settings: settings, files: try Operator.files(), actor: Operator.actor)
    }
}
