internal import CacheCore
package import CacheWire
internal import CacheModel
internal import FoundationEssentials
internal import Glibc

/// Where settings come from, in rising order of precedence: defaults, file, environment, command line.
public struct SettingsSources: Sendable {
    /// `--url`.
    public var url: String?
    /// `--config`; without it the file of the XDG configuration directory is read where there is one.
    public var configurationPath: String?
    public var environment: [String: String]
    /// What `--ask-password` was answered.
    public var askedPassword: Secret?

    public init(
        url: String? = nil, configurationPath: String? = nil, environment: [String: String] = [:],
        askedPassword: Secret? = nil
    ) {
        self.url = url
        self.configurationPath = configurationPath
        self.environment = environment
        self.askedPassword = askedPassword
    }

    /// What a source of higher rank replaces is not asked for: a password file need not be there where the password
    /// comes from elsewhere.
    ///
    /// - Throws: ``SettingsIssue`` for a file that cannot be read and for any wrong value.
    public func settings() throws(SettingsIssue) -> Settings {
        let file = try configurationFile()
        var settings = file?.settings ?? Settings()
        var isServerOfTheFile = true
        if let named = try namedServer() {
            isServerOfTheFile = try settings.follow(named, besides: file, home: nonEmpty("HOME"))
        } else if let password = password("REDIS_PASSWORD") {
            settings.endpoint.password = password
        }
        if let username = nonEmpty("REDIS_SENTINEL_USERNAME") { settings.sentinelUsername = username }
        if let password = password("REDIS_SENTINEL_PASSWORD") { settings.sentinelPassword = password }
        if let askedPassword {
            settings.endpoint.password = askedPassword
        } else if settings.endpoint.password == nil, isServerOfTheFile, let path = file?.passwordFile {
            settings.endpoint.password = try password(file: path)
            if Self.othersMayRead(path) {
                let words = "holds the password and others can read it; chmod 600 \(path)"
                settings.warnings.append(SettingsIssue(source: path, message: words))
            }
        }
        // A group of those who may use a key is usual.
        if let path = settings.tls.keyFile, Self.othersMayRead(path, 0o004) {
            let words = "holds a private key and everybody can read it; chmod 600 \(path)"
            settings.warnings.append(SettingsIssue(source: path, message: words))
        }
        settings.warnings += idle(settings)
        return settings
    }

    /// What was said and does nothing.
    private func idle(_ settings: Settings) -> [SettingsIssue] {
        var issues: [SettingsIssue] = []
        if url == nil, environment["REDIS_URL"] == "" {
            issues.append(
                SettingsIssue(source: "REDIS_URL", message: "is empty, and left alone; \(settings.target) is watched"))
        }
        let tls = [
            ("tls_ca_file", settings.tls.caFile), ("tls_server_name", settings.tls.serverName),
        ].first { $0.1 != nil }
        if let tls, !settings.endpoint.usesTLS {
            let words = "does nothing: the connection is without TLS, which rediss:// or use_tls asks for"
            issues.append(SettingsIssue(source: tls.0, message: words))
        }
        return issues
    }

    /// True where somebody said which server is meant.
    public var namesServer: Bool {
        url != nil || nonEmpty("REDIS_URL") != nil || configurationPath != nil
            || (try? defaultPath) != nil
    }

    private func nonEmpty(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Without the end of the line that files and templates leave behind a value.
    private func password(_ name: String) -> Secret? {
        guard let value = nonEmpty(name) else { return nil }
        let password = Self.withoutLineEnds(value)
        return password.isEmpty ? nil : Secret(password)
    }

    static func withoutLineEnds(_ text: String) -> String {
        var text = text[...]
        while let last = text.last, last == "\n" || last == "\r\n" || last == "\r" { text.removeLast() }
        return String(text)
    }

    /// The file of the configuration folder; nil where there is none.
    ///
    /// - Throws: ``SettingsIssue`` for a folder that somebody has named and that leads nowhere.
    private var defaultPath: String? {
        get throws(SettingsIssue) {
            let named = nonEmpty("XDG_CONFIG_HOME")
            guard let base = named ?? nonEmpty("HOME").map({ $0 + "/.config" }) else { return nil }
            let folder: String
            do throws(HomePath.Problem) { folder = try HomePath.expand(base, home: nonEmpty("HOME")) } catch {
                if named == nil { return nil }
                throw SettingsIssue(source: "XDG_CONFIG_HOME", message: error.description)
            }
            let path = folder + "/cachewatch/config.toml"
            var status = stat()
            if stat(path, &status) == 0 { return path }
            // Where somebody has named the folder, one that may not be looked at is complained of when it is read. A home
            // that is another's, as services and containers have it, says nothing of a file.
            return named != nil && errno != ENOENT && errno != ENOTDIR ? path : nil
        }
    }

    private func configurationFile() throws(SettingsIssue) -> ConfigurationFile? {
        // What is named need not be looked for.
        let found = configurationPath == nil ? try defaultPath : nil
        guard let path = configurationPath ?? found else { return nil }
        var file = try ConfigurationFile(text: try TextFile.text(of: path), source: path, home: nonEmpty("HOME"))
        if file.holdsSecret, Self.othersMayRead(path) {
            file.warn("holds a password and others can read it; chmod 600 \(path)")
        }
        return file
    }

    /// The server of the highest URL, `--url` or `REDIS_URL`, with the password that the environment has for it.
    private func namedServer() throws(SettingsIssue) -> NamedServer? {
        let ambient = nonEmpty("REDIS_URL")
        guard let text = url ?? ambient else { return nil }
        let source = url == nil ? "REDIS_URL" : "--url"
        var named: NamedServer
        do throws(EndpointURLError) { named = NamedServer(url: try EndpointURL(text), source: source) } catch {
            throw SettingsIssue(source: source, message: "not a usable URL: \(error.message)")
        }
        guard !named.hasItsOwnPassword else { return named }
        named.endpoint.password = password("REDIS_PASSWORD")
        // REDIS_URL may know more of the same server.
        if url != nil, let ambient = ambient.flatMap({ try? EndpointURL($0) })?.endpoint,
            ambient.address.canonical == named.endpoint.address.canonical
        {
            named.endpoint.password = named.endpoint.password ?? ambient.password
            named.endpoint.username = named.endpoint.username ?? ambient.username
        }
        return named
    }

    private func password(file: String) throws(SettingsIssue) -> Secret {
        let text = try TextFile.text(of: file)
        let line = text.drop { $0 == "\u{feff}" }.prefix { $0 != "\n" && $0 != "\r\n" && $0 != "\r" }
        guard !line.isEmpty else {
            throw SettingsIssue(source: file, message: "the password file's first line is empty")
        }
        return Secret(String(line))
    }

    /// Of what a link leads to: links themselves are open to everybody.
    private static func othersMayRead(_ path: String, _ others: mode_t = 0o044) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & others != 0
    }
}

extension SettingsSources: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// By their names alone: a URL and an environment hold secrets that nobody has read yet.
    public var description: String {
        let names = ["REDIS_URL", "REDIS_PASSWORD", "REDIS_SENTINEL_USERNAME", "REDIS_SENTINEL_PASSWORD"]
        let set =
            (url == nil ? [] : ["--url"]) + [configurationPath].compactMap { $0 } + names.filter { nonEmpty($0) != nil }
        return "settings from \(set.isEmpty ? "nowhere" : set.joined(separator: ", "))"
    }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["sources": description]) }
}
