internal import CacheWire
internal import RedisValues

extension MemoryGate {
    /// Whether a server without memory refuses it.
    static func isHungry(_ command: Command) -> Bool {
        guard let name = command.arguments.first else { return false }
        return hungry.contains(String(decoding: name, as: UTF8.self).uppercased())
    }

    /// Whether it needed memory, and was done.
    static func isDone(_ command: Command, _ reply: RESPValue) -> Bool {
        if case .error = reply { return false }
        return isHungry(command)
    }
}
