internal import CacheCore
internal import CacheWire
internal import CacheModel

extension CutOffScript {
    static func command(_ key: [UInt8], since: WallTime, lifetime: Duration) -> Command {
        let front = [Array("EVAL".utf8), Array(source.utf8), Array("1".utf8), key]
        return Command(front + arguments(since: since, lifetime: lifetime))
    }

    /// A command that tells whether scripts may run, and does nothing.
    static func probe(_ key: [UInt8]) -> Command {
        Command([Array("EVAL".utf8), Array("return 1".utf8), Array("1".utf8), key])
    }
}
