/// The slots of a cluster in parts of equal size, for figures that can be taken back for some of them.
public enum SlotParts {
    public static let count = 64
    public static let slots = KeySlot.count / count

    public static func part(of slot: Int) -> Int { slot / slots }

    /// The slots of a part.
    public static func range(of part: Int) -> Range<Int> { part * slots..<(part + 1) * slots }
}
