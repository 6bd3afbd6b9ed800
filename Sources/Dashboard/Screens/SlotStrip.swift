internal import CacheModel
internal import TerminalUI

/// Who holds which slots, from the first to the last, in one line and its legend.
///
/// ```
/// slots  ███████████████████▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓░░░░░░░░░░░░░░░░░░
///        █ cache-1:6379  ▓ cache-2:6379  ░ cache-3:6379
/// ```
struct SlotStrip {
    let cluster: ClusterMap
    let silent: Set<String>
    let charset: Charset

    private var owners: [ClusterMap.Shard] { cluster.shards.filter { !$0.slots.isEmpty && $0.primary != nil } }

    private var marks: [Character] { charset == .unicode ? ["█", "▓", "▒", "░"] : ["#", "=", "+", "-"] }
    private var roles: [Role] { [.accent, .good, .info, .value] }

    private func look(_ index: Int) -> (mark: Character, role: Role) {
        let address = owners[index].primary?.address ?? ""
        guard !silent.contains(address) else { return (charset.critical, .critical) }
        return (marks[index % marks.count], roles[index % roles.count])
    }

    func render(in rect: Rect, into frame: inout Frame) {
        let label = "slots  "
        let width = rect.columns - label.count
        guard width >= 16 else { return }
        frame.write(label, at: Point(column: rect.column, row: rect.row), Style(.dim))
        for column in 0..<width {
            // The slot in the middle of what a column stands for.
            let slot = (2 * column + 1) * KeySlot.count / (2 * width)
            let index = owners.firstIndex { $0.slots.contains { $0.contains(slot) } }
            let (mark, role) = index.map(look) ?? (charset == .unicode ? "·" : ".", .critical)
            frame.write(
                String(mark), at: Point(column: rect.column + label.count + column, row: rect.row), Style(role))
        }
        var column = rect.column + label.count
        for (index, shard) in owners.enumerated() {
            let (mark, role) = look(index)
            let words = "\(mark) \(shard.primary?.address ?? "")"
            guard column + words.count <= rect.endColumn else { break }
            frame.write(words, at: Point(column: column, row: rect.row + 1), Style(role))
            column += words.count + 2
        }
    }
}
