/// Where a walk over several nodes stands: one after the other, by name, each from its own beginning to its end.
///
/// Nodes come and go between two pages: one that is new is walked over, too, and one that has left is told.
struct NodeCursor: Equatable, Sendable {
    /// Whose keys come next; nil before the first node and behind the last.
    private(set) var node: String?
    /// Where its own walk goes on, as the server has it; nil at the beginning.
    private(set) var position: [UInt8]?
    /// The run id of the process whose cursor that is; nil where nobody knows.
    private(set) var process: String?
    private var walked: Set<String> = []
    /// By name, without the one whose keys come next.
    private var due: [String] = []

    private static let (walkedSign, dueSign): (Character, Character) = ("-", "+")
    private static let processSign: Character = "="

    /// - Parameter text: as ``text`` was; nil begins a walk.
    init(_ text: [UInt8]? = nil) {
        let lines = text.map { String(decoding: $0, as: UTF8.self) }?.split(
            separator: "\n", omittingEmptySubsequences: false)
        guard let lines, lines.count >= 2 else { return }
        position = lines[0].isEmpty ? nil : Array(lines[0].utf8)
        node = String(lines[1])
        for line in lines[2...] {
            if line.first == Self.walkedSign { walked.insert(String(line.dropFirst())) }
            if line.first == Self.dueSign { due.append(String(line.dropFirst())) }
            if line.first == Self.processSign { process = String(line.dropFirst()) }
        }
    }

    /// For the next page; nil at the end. Names hold no line break.
    var text: [UInt8]? {
        guard let node else { return nil }
        let lines =
            [position.map { String(decoding: $0, as: UTF8.self) } ?? "", node]
            + (process.map { ["\(Self.processSign)\($0)"] } ?? [])
            + walked.sorted().map { "\(Self.walkedSign)\($0)" } + due.map { "\(Self.dueSign)\($0)" }
        return Array(lines.joined(separator: "\n").utf8)
    }

    /// Takes the nodes that are there now.
    ///
    /// - Returns: those that have left before they were walked over to the end: their keys may be missing.
    mutating func take(nodes: [String]) -> [String] {
        let present = Set(nodes)
        var gone = due.filter { !present.contains($0) }
        if let node, !present.contains(node) {
            gone.append(node)
            (self.node, position, process) = (nil, nil, nil)
        }
        due = present.subtracting(walked).subtracting([node].compactMap { $0 }).sorted()
        if node == nil { begin() }
        return gone.sorted()
    }

    /// Takes where the walk over the node goes on; nil at its end.
    mutating func advance(to position: [UInt8]?) {
        self.position = position
        guard position == nil, let node else { return }
        process = nil
        walked.insert(node)
        begin()
    }

    /// Takes which process answers at the node now: to another one the cursor means nothing, and the node's walk begins anew.
    ///
    /// - Parameter runID: nil where it does not say so.
    /// - Returns: true where it begins anew.
    mutating func take(process runID: String?) -> Bool {
        guard let runID else { return false }
        defer { process = runID }
        guard position != nil, let process, process != runID else { return false }
        position = nil
        return true
    }

    private mutating func begin() {
        node = due.first
        due = Array(due.dropFirst())
    }
}
