internal import CacheCore
package import CacheWire
internal import CacheModel
internal import FoundationEssentials

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

    /// - Throws: ``SettingsIssue`` for a file that cannot be read and for any wrong value.
    public func settings() throws(SettingsIssue) -> Settings {
        var (settings, passwordFile) = try fileSettings()
        if let passwordFile, settings.endpoint.password == nil {
            settings.endpoint.password = try password(file: passwordFile)
        }
        if let password = nonEmpty("REDIS_PASSWORD") { settings.endpoint.password = Secret(password) }
        if let password = nonEmpty("REDIS_SENTINEL_PASSWORD") { settings.sentinelPassword = Secret(password) }
        if let text = nonEmpty("REDIS_URL") { try apply(url: text, from: "REDIS_URL", to: &settings) }
        if let url { try apply(url: url, from: "--url", to: &settings) }
        if let askedPassword { settings.endpoint.password = askedPassword }
        return settings
    }

    /// True where somebody said which server is meant.
    public var namesServer: Bool {
        url != nil || nonEmpty("REDIS_URL") != nil || configurationPath != nil
            || defaultPath.map(FileManager.default.fileExists(atPath:)) == true
    }

    private func nonEmpty(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private var defaultPath: String? {
        let base = nonEmpty("XDG_CONFIG_HOME") ?? nonEmpty("HOME").map { $0 + "/.config" }
        return base.map { $0 + "/cachewatch/config.toml" }
    }

    private func fileSettings() throws(SettingsIssue) -> (Settings, passwordFile: String?) {
        guard
            let path = configurationPath
                ?? defaultPath.flatMap({ FileManager.default.fileExists(atPath: $0) ? $0 : nil })
        else { return (Settings(), nil) }
        let file = try ConfigurationFile(text: try Self.text(of: path), source: path)
        var settings = file.settings
        if file.holdsSecret, Self.othersMayRead(path) {
            settings.warnings.append(
                SettingsIssue(
                    source: path, message: "holds a password and others can read it; chmod 600 \(path)"))
        }
        return (settings, file.passwordFile.map { Self.expand($0, environment) })
    }

    /// A URL replaces the server that the file names. The file's password goes to that server only; the other sources
    /// of a password, and `username`, hold for whatever the URL leaves out.
    private func apply(url: String, from source: String, to settings: inout Settings) throws(SettingsIssue) {
        let before = settings.endpoint
        do throws(EndpointURLError) {
            settings.endpoint = try Endpoint(url: url)
        } catch { throw SettingsIssue(source: source, message: "not a usable URL: \(error.message)") }
        if settings.endpoint.password == nil {
            let sameServer = settings.endpoint.address == before.address
            settings.endpoint.password =
                nonEmpty("REDIS_PASSWORD").map(Secret.init) ?? (sameServer ? before.password : nil)
            settings.endpoint.username = settings.endpoint.username ?? before.username
        }
    }

    private func password(file: String) throws(SettingsIssue) -> Secret {
        let text = try Self.text(of: file)
        let line = text.prefix { $0 != "\n" && $0 != "\r\n" }
        guard !line.isEmpty else {
            throw SettingsIssue(source: file, message: "the password file's first line is empty")
        }
        return Secret(String(line))
    }

    /// - Throws: for what is missing, unreadable, larger than 1 MiB or not UTF-8.
    package static func text(of path: String) throws(SettingsIssue) -> String {
        let data: Data
        do { data = try Data(contentsOf: URL(filePath: path)) } catch let error as CocoaError {
            let reason =
                switch error.code {
                case .fileReadNoSuchFile, .fileNoSuchFile: "there is no such file"
                case .fileReadNoPermission: "it may not be read by this user"
                default: "it cannot be read"
                }
            throw SettingsIssue(source: path, message: reason)
        } catch { throw SettingsIssue(source: path, message: "it cannot be read") }
        guard data.count <= 1 << 20 else { throw SettingsIssue(source: path, message: "it is larger than 1 MiB") }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw SettingsIssue(source: path, message: "it is not UTF-8 text")
        }
        return text
    }

    private static func othersMayRead(_ path: String) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let mode = attributes?[.posixPermissions] as? Int else { return false }
        return mode & 0o044 != 0
    }

    private static func expand(_ path: String, _ environment: [String: String]) -> String {
        guard path.hasPrefix("~/"), let home = environment["HOME"] else { return path }
        return home + path.dropFirst()
    }
}
