/// Where a node of a cluster sends whoever asks about a key that it does not hold.
public enum Redirection: Equatable, Sendable {
    /// The slot belongs to another node.
    case moved(slot: Int, address: String)
    /// The slot is on its way, and the key, if there is one, is at its destination already.
    case ask(slot: Int, address: String)
    /// Some of several keys are here, and some there.
    case tryAgain

    /// - Returns: nil for every other reply.
    public init?(_ reply: RESPValue) {
        guard case .error(let words) = reply else { return nil }
        self.init(words: words)
    }

    /// - Parameter words: of an error, without the sign in front.
    public init?(words: some Collection<UInt8>) {
        guard words.count < 300 else { return nil }
        let parts = words.split(separator: UInt8(ascii: " "), maxSplits: 3)
        guard let kind = parts.first else { return nil }
        if kind.elementsEqual("TRYAGAIN".utf8) {
            self = .tryAgain
            return
        }
        let (isMoved, isAsk) = (kind.elementsEqual("MOVED".utf8), kind.elementsEqual("ASK".utf8))
        guard isMoved || isAsk, parts.count == 3, let slot = Int(String(decoding: parts[1], as: UTF8.self)),
            (0..<KeySlot.count).contains(slot)
        else { return nil }
        let address = Printable.escape(Array(parts[2]), limit: 200)
        self = isMoved ? .moved(slot: slot, address: address) : .ask(slot: slot, address: address)
    }
}
