internal import RedisValues
internal import NIOCore

/// A command for a server: its name and arguments, as bytes.
public struct Command: Equatable, Sendable, CustomStringConvertible {
    public var arguments: [[UInt8]]

    public init(_ arguments: [[UInt8]]) { self.arguments = arguments }
    public init(_ words: String...) { arguments = words.map { Array($0.utf8) } }

    /// Escaped and without secrets: fit for logs and screens.
    public var description: String {
        CommandRedaction.redact(arguments.map { Printable.escape($0) }).joined(separator: " ")
    }

    /// Writes the command as an array of bulk strings.
    func encode(into buffer: inout ByteBuffer) {
        buffer.writeStaticString("*")
        buffer.writeString(String(arguments.count))
        buffer.writeStaticString("\r\n")
        for argument in arguments {
            buffer.writeStaticString("$")
            buffer.writeString(String(argument.count))
            buffer.writeStaticString("\r\n")
            buffer.writeBytes(argument)
            buffer.writeStaticString("\r\n")
        }
    }
}
