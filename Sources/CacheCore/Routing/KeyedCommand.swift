package import CacheWire
internal import RedisValues

/// A command about one key.
package struct KeyedCommand: Sendable {
    package var key: [UInt8]
    package var command: Command
    private let isProbe: Bool

    /// - Parameter isProbe: it changes nothing, whatever its name: its key is one that nobody has.
    package init(_ key: [UInt8], _ command: Command, isProbe: Bool = false) {
        (self.key, self.command, self.isProbe) = (key, command, isProbe)
    }

    /// A command whose only argument is the key.
    package init(_ name: String, _ key: [UInt8]) { self.init(key, Command([Array(name.utf8), key])) }

    /// Whether it may change anything: it is not sent again then once its answer was lost.
    package var writes: Bool { !isProbe && CommandTable.mayWrite(command) }
}
