internal import RedisValues

/// A password or a key: prints as `***` wherever it ends up.
public struct Secret: Equatable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let value: String

    public init(_ value: String) { self.value = value }

    /// The secret itself, for the wire only.
    public func reveal() -> String { value }

    /// Takes it out of what a server says: some repeat what they were sent, whole or its beginning.
    func masked(in words: [UInt8]) -> [UInt8] {
        let (secret, mask) = (Array(value.utf8), Array(SecretFilter.mask.utf8))
        // Shorter ones would be found in every word.
        guard secret.count > 2, words.count >= secret.count else { return words }
        var masked: [UInt8] = []
        var rest = words[...]
        while let byte = rest.first {
            let isSecret = rest.starts(with: secret)
            masked += isSecret ? mask : [byte]
            rest = rest.dropFirst(isSecret ? secret.count : 1)
        }
        return masked
    }

    public var isEmpty: Bool { value.isEmpty }
    public var description: String { "***" }
    public var debugDescription: String { "***" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
