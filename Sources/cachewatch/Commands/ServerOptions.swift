internal import ArgumentParser
internal import CacheCore
internal import CacheModel
internal import Glibc

/// Which server is meant and how it is reached.
struct ServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("redis://, rediss:// or unix:// URL; goes before REDIS_URL and the file.", valueName: "url"))
    var url: String?

    @Option(
        help: ArgumentHelp("The platform's TOML file; its [cache] and [cachewatch] tables are read.", valueName: "file")
    )
    var config: String?

    @Flag(help: "Ask for the password on the terminal.")
    var askPassword = false

    @Flag(help: "Allow nothing that changes the server.")
    var readOnly = false

    /// True where the command line itself says which server is meant.
    var namesServer: Bool { url != nil || config != nil }

    /// Settings from file, environment and these options; warnings go to standard error.
    ///
    /// - Throws: an exit with 64 for what is wrong and 78 where there is nothing to watch.
    func settings() throws -> Settings {
        let sources = SettingsSources(
            url: url, configurationPath: config, environment: Environment.all,
            askedPassword: try askPassword ? PasswordPrompt.ask() : nil)
        var settings: Settings
        do { settings = try sources.settings() } catch { throw Exit.usage("\(error)") }
        settings.readOnly = settings.readOnly || readOnly
        settings.invocation = invocation(settings)
        for warning in settings.warnings {
            StandardError.write("cachewatch: warning: \(Printable.escape("\(warning)"))")
        }
        guard settings.cacheType == .redis else {
            throw Exit.configuration(
                "cache_type is \"Memory\": the platform keeps its cache in its own process, there is nothing to watch")
        }
        return settings
    }

    /// How to name the same server in another command; a password that stands in the URL is asked for.
    private func invocation(_ settings: Settings) -> Invocation {
        var options = config.map { ["--config", $0] } ?? []
        var asks = askPassword
        if let url {
            options += ["--url", settings.endpoint.typed]
            if let typed = try? Endpoint(url: url), typed.password != nil { asks = true }
        }
        return Invocation(options: options + (asks ? ["--ask-password"] : []))
    }
}
