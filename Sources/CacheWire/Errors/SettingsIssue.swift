internal import RedisValues

/// Something wrong in the settings: where, what was found, what is expected.
public struct SettingsIssue: Error, Equatable, Sendable, CustomStringConvertible {
    /// A file's path, `REDIS_URL`, or an option such as `--url`.
    public var source: String
    /// From 1; nil outside of files.
    public var line: Int?
    /// Such as `cache.redis_pool_size`; nil where the file as a whole is meant.
    public var key: String?
    public var message: String

    public init(source: String, line: Int? = nil, key: String? = nil, message: String) {
        self.source = source
        self.line = line
        self.key = key
        self.message = message
    }

    public var description: String {
        let place = line.map { "\(source):\($0)" } ?? source
        return key.map { "\(place): \($0): \(message)" } ?? "\(place): \(message)"
    }
}
