internal import CacheModel

/// Words for people, without secrets; standard output is for data.
enum StandardError {
    /// What is secret in what this process was given.
    static let filter = SecretFilter(
        arguments: Array(CommandLine.arguments.dropFirst()), environment: Environment.all,
        commands: Cachewatch.commands)

    static func write(_ line: String) { FileDescriptor.write(2, filter.redact(line) + "\n") }

    /// As it is, for a line that is written over.
    static func show(_ text: String) { FileDescriptor.write(2, text) }
}
