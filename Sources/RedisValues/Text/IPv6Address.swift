/// An IPv6 address, so that each has one spelling.
package struct IPv6Address: Hashable, Sendable, CustomStringConvertible {
    /// Eight.
    private let groups: [UInt16]
    /// The interface that a link-local address goes by; mostly empty.
    private let zone: String

    /// Takes all spellings: short or long, either case, with an IPv4 address at the end, with a zone.
    ///
    /// - Returns: nil for everything else, brackets included.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        zone = parts.count > 1 ? String(parts[1]) : ""
        guard parts.count == 1 || !zone.isEmpty, zone.utf8.allSatisfy(\.isHostSign) else { return nil }
        guard let gap = parts[0].firstRange(of: "::") else {
            guard let groups = Self.groups(parts[0]), groups.count == 8 else { return nil }
            self.groups = groups
            return
        }
        let (before, after) = (parts[0][..<gap.lowerBound], parts[0][gap.upperBound...])
        guard let front = before.isEmpty ? [] : Self.groups(before, mayEndDotted: false),
            let back = after.isEmpty ? [] : Self.groups(after), front.count + back.count < 8
        else { return nil }
        groups = front + [UInt16](repeating: 0, count: 8 - front.count - back.count) + back
    }

    private static func groups(_ text: some StringProtocol, mayEndDotted: Bool = true) -> [UInt16]? {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
        var end: [UInt16] = []
        if mayEndDotted, let last = parts.last, last.contains(".") {
            let bytes = last.split(separator: ".", omittingEmptySubsequences: false).compactMap { part in
                part.utf8.count <= 3 && part.utf8.allSatisfy(\.isDigit) ? UInt8(part) : nil
            }
            guard bytes.count == 4, last.count(where: { $0 == "." }) == 3 else { return nil }
            end = [UInt16(bytes[0]) << 8 | UInt16(bytes[1]), UInt16(bytes[2]) << 8 | UInt16(bytes[3])]
            parts.removeLast()
        }
        let groups = parts.compactMap { part in
            (1...4).contains(part.utf8.count) && part.utf8.first != UInt8(ascii: "+") ? UInt16(part, radix: 16) : nil
        }
        return groups.count == parts.count ? groups + end : nil
    }

    /// True for what never leaves this machine.
    package var isOfThisMachine: Bool {
        guard groups[..<5].allSatisfy({ $0 == 0 }) else { return false }
        return groups[5] == 0xffff ? groups[6] >> 8 == 127 : groups[5] == 0 && groups[6] == 0 && groups[7] <= 1
    }

    /// Source: RFC 5952, section 4; an IPv4 address that is mapped ends in dots, by section 5.
    package var description: String { address + (zone.isEmpty ? "" : "%" + zone) }

    private var address: String {
        if groups[..<5].allSatisfy({ $0 == 0 }), groups[5] == 0xffff {
            return "::ffff:" + groups[6...].map { "\($0 >> 8).\($0 & 0xff)" }.joined(separator: ".")
        }
        guard let gap = longestGap else { return Self.text(groups[...]) }
        return Self.text(groups[..<gap.lowerBound]) + "::" + Self.text(groups[gap.upperBound...])
    }

    /// The first one of the longest runs of zeros; nil where none is longer than one.
    private var longestGap: Range<Int>? {
        var longest = 0..<1
        var start = 0
        for index in groups.indices {
            if groups[index] != 0 { start = index + 1 }
            if index + 1 - start > longest.count { longest = start..<index + 1 }
        }
        return longest.count > 1 ? longest : nil
    }

    private static func text(_ groups: ArraySlice<UInt16>) -> String {
        groups.map { String($0, radix: 16) }.joined(separator: ":")
    }
}

extension UInt8 {
    var isDigit: Bool { (0x30...0x39).contains(self) }

    /// What names of hosts are made of, the underscore of containers included.
    var isHostSign: Bool {
        isDigit || (0x41...0x5a).contains(self) || (0x61...0x7a).contains(self) || self == UInt8(ascii: "-")
            || self == UInt8(ascii: ".") || self == UInt8(ascii: "_")
    }
}
