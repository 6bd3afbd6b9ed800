internal import CacheModel
internal import CommandLineModel
internal import NIOConcurrencyHelpers

/// Words for people, without secrets; standard output is for data.
enum StandardError {
    private static let commands = NIOLockedValueBox<Set<String>>([])

    /// Words of the command line that are meant wherever they stand; before anything is written.
    static func take(commands words: Set<String>) { commands.withLockedValue { $0 = words } }

    /// What is secret in what this process was given.
    static let filter = SecretFilter(
        arguments: Array(CommandLine.arguments.dropFirst()), environment: Environment.all,
        commands: commands.withLockedValue { $0 })

    static func write(_ line: String) { _ = tell([line]) }

    /// The same, for what somebody has to hear.
    static func tell(_ lines: [String]) -> Delivery {
        let text = lines.map { filter.redact($0) + "\n" }.joined()
        return FileDescriptor.deliver(2, text)
    }

    /// As it is, for a line that is written over.
    static func show(_ text: String) { FileDescriptor.write(2, text) }
}
