/// Where a node of a cluster sends whoever asks about a key that it does not hold.
package enum Redirection: Equatable, Sendable {
    /// The slot belongs to another node; nil where it does not know that node's host.
    case moved(slot: Int, to: NodeName?)
    /// The slot is on its way, and the key, if there is one, is at its destination already.
    case ask(slot: Int, to: NodeName?)
    /// Some of several keys are here, and some there.
    case tryAgain

    /// - Returns: nil for every other reply.
    package init?(_ reply: RESPValue) {
        guard case .error(let words) = reply else { return nil }
        self.init(words: words[...])
    }

    /// - Parameter words: of an error, without the sign in front.
    package init?(words: ArraySlice<UInt8>) {
        let kind = words.prefix { $0 != UInt8(ascii: " ") }
        if kind.elementsEqual("TRYAGAIN".utf8) {
            self = .tryAgain
            return
        }
        let isMoved = kind.elementsEqual("MOVED".utf8)
        guard isMoved || kind.elementsEqual("ASK".utf8), words.count < Self.longest else { return nil }
        let parts = words.split(separator: UInt8(ascii: " "), maxSplits: 3)
        guard parts.count == 3, let slot = Self.slot(parts[1]) else { return nil }
        var node: NodeName?
        do throws(NodeNameError) { node = try NodeName(announced: parts[2]) } catch {
            guard error == .unknownHost else { return nil }
        }
        self = isMoved ? .moved(slot: slot, to: node) : .ask(slot: slot, to: node)
    }

    private static let longest = 300

    private static func slot(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.count <= 5, digits.allSatisfy(\.isDigit) else { return nil }
        let slot = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return slot < KeySlot.count ? slot : nil
    }
}
