internal import ArgumentParser
internal import CacheWatch
internal import CacheModel
internal import CommandLineModel
internal import Glibc

/// Which server is meant and how it is reached.
struct ServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "redis://, rediss://, valkey:// or unix:// URL; goes before REDIS_URL and the file.", valueName: "url"))
    var url: String?

    @Option(
        help: ArgumentHelp(
            "The platform's TOML file; its [cache] and [cachewatch] tables are read.", valueName: "file"),
        transform: Environment.path)
    var config: String?

    @Option(
        help: ArgumentHelp(
            "The URL is a sentinel's, or the file lists some: watch the service of this name.", valueName: "service"))
    var sentinel: String?

    @Flag(help: "The URL is that of any node of a cluster: watch all of them.")
    var cluster = false

    @Flag(help: "Ask for the password on the terminal.")
    var askPassword = false

    @Flag(help: "Allow nothing that changes the server.")
    var readOnly = false

    /// False where nobody has said which server is meant, neither here nor in a file nor in the environment.
    var namesServer: Bool {
        SettingsSources(url: url, configurationPath: config, environment: Environment.all).namesServer
    }

    /// What says which server is meant.
    var targetSource: TargetSource {
        TargetSource(url: url, configuration: config, environmentURL: Environment["REDIS_URL"])
    }

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
        if cluster, sentinel != nil { throw Exit.usage("--cluster and --sentinel: one of them, please") }
        let named = url.flatMap { try? EndpointURL($0) }
        if let sentinel { try follow(sentinel, named, &settings) }
        if cluster {
            if case .sentinel = named?.deployment { throw Exit.usage("--cluster, and a URL of sentinels") }
            if named != nil, named?.deployment == nil { settings.clusterNodes = [] }
            (settings.sentinelEnabled, settings.clusterEnabled) = (false, true)
        }
        settings.invocation = invocation(settings, named)
        Exit.name(server: settings.target)
        for warning in settings.warnings {
            StandardError.write("cachewatch: warning: \(Printable.escape("\(warning)"))")
        }
        guard settings.cacheType == .redis else {
            throw Exit.configuration(
                "cache_type is \"Memory\": the platform keeps its cache in its own process, there is nothing to watch")
        }
        return settings
    }

    private func follow(_ service: String, _ named: EndpointURL?, _ settings: inout Settings) throws {
        guard EndpointURL.isService(service) else {
            throw Exit.usage("--sentinel: a service's name has no blanks and no @, such as mymaster")
        }
        switch named?.deployment {
        case .cluster: throw Exit.usage("--sentinel, and a URL of a cluster")
        case .sentinel(let other, _):
            guard other == service else { throw Exit.usage("--sentinel and the URL name two services") }
        // A URL on the command line names a sentinel; the file's own are asked where there is none.
        case nil: if named != nil { settings.sentinelNodes = [] }
        }
        (settings.sentinelEnabled, settings.clusterEnabled, settings.sentinelService) = (true, false, service)
    }

    /// How to name the same server in another command; a password that stands in the URL is asked for.
    private func invocation(_ settings: Settings, _ named: EndpointURL?) -> Invocation {
        var options = config.map { ["--config", OperationFiles.absolute($0)] } ?? []
        var asks = askPassword
        // Another shell, or this one tomorrow, may have another environment.
        let ambient = url == nil ? Environment["REDIS_URL"].flatMap { try? EndpointURL($0) } : nil
        if let named = named ?? ambient {
            options += ["--url", named.typed(by: settings.endpoint.username)]
            if named.endpoint.password != nil { asks = true }
        }
        if let sentinel { options += ["--sentinel", sentinel] }
        if cluster { options.append("--cluster") }
        return Invocation(options: options + (asks ? ["--ask-password"] : []))
    }
}
