internal import CacheModel

/// Words for people, without secrets; standard output is for data.
enum StandardError {
    static func write(_ line: String) { FileDescriptor.write(2, SecretFilter.redact(line) + "\n") }

    /// As it is, for a line that is written over.
    static func show(_ text: String) { FileDescriptor.write(2, text) }
}
