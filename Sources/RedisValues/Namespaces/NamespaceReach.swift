/// Which namespaces a pattern may take keys of, whatever keys there are.
extension KeyClassifier {
    /// By index into the rules; none too few, also where a longer prefix of another rule takes the keys.
    public func reach(of glob: Glob) -> Set<Int> {
        Set(
            prefixes.filter { prefix in
                parts(prefix.bytes, prefix.afterSegment).contains { GlobPart.overlap(glob.parts, $0) }
            }.map(\.namespace))
    }

    /// Names of the protected namespaces of which it may take keys, in the order of the rules; those of a deployment
    /// without a prefix count as well.
    public func protectedReach(of glob: Glob) -> [String] {
        let anyones = keyPrefix.isEmpty ? [] : KeyClassifier(rules: rules).reach(of: glob)
        return reach(of: glob).union(anyones).sorted().map { rules[$0] }.filter(\.protected).map(\.name)
    }

    /// All keys that a rule's prefix takes: the prefix alone, and with a separator and whatever follows.
    private func parts(_ prefix: [UInt8], _ afterSegment: Bool) -> [[GlobPart]] {
        func literal(_ bytes: [UInt8]) -> [GlobPart] { bytes.map { .one(ByteSet([$0])) } }
        let segment = ByteSet.separators.inverted
        let front: [GlobPart] =
            afterSegment ? literal(keyPrefix) + [.one(segment), .many(segment), .one(.separators)] : []
        let alone = front + literal(prefix)
        return [alone, alone + [.one(.separators), .many(.all)]]
    }
}
