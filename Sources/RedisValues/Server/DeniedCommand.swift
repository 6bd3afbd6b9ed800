/// A command that this connection may not use.
public struct DeniedCommand: Codable, Equatable, Sendable {
    /// Upper case, such as `SLOWLOG GET`.
    public var command: String
    /// What `ACL SETUSER` would need, such as `+slowlog|get`; nil where the server has no such command.
    public var needs: String?

    public init(command: String, needs: String?) {
        self.command = command
        self.needs = needs
    }
}
