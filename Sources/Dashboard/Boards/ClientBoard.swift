internal import CacheModel

/// The lines of the clients' screen.
enum ClientLines: Equatable, Sendable {
    case groups([ClientGroup])
    /// The connections of one group.
    case members([ClientMember])

    var count: Int {
        switch self {
        case .groups(let groups): groups.count
        case .members(let members): members.count
        }
    }
}

/// What is known of the clients, and how it is listed.
struct ClientBoard: Sendable {
    private(set) var memory = ClientMemory()
    /// What alerts take from the same looks; nil where nobody has worked it out.
    private(set) var study: ClientStudy?
    private(set) var grouping = ClientGrouping.name
    /// The group whose connections are listed; nil lists the groups.
    var opened: ClientGroup.ID?
    private(set) var isLooking = false
    /// When the latest look began; nil before the first one.
    private var began: Duration?

    var look: ClientLook? { memory.latest }

    /// - Parameters:
    ///   - clients: of all nodes, as they say themselves; nil where they do not.
    ///   - isWatched: whether they are on the screen.
    /// - Returns: true where a look is to begin now.
    mutating func isDue(at now: Duration, clients: Int?, isWatched: Bool) -> Bool {
        guard !isLooking, let interval = ClientCadence.interval(clients: clients ?? look?.count, isWatched: isWatched),
            began.map({ now - $0 >= interval }) ?? true
        else { return false }
        return begin(at: now)
    }

    /// - Returns: false where one is under way.
    mutating func begin(at now: Duration) -> Bool {
        guard !isLooking else { return false }
        (isLooking, began) = (true, now)
        return true
    }

    mutating func record(_ memory: ClientMemory, _ study: ClientStudy?) {
        isLooking = false
        (self.memory, self.study) = (memory, study)
    }

    /// A look that came with a snapshot.
    mutating func adopt(_ look: ClientLook) { memory.note(look) }

    /// Another server answers: its clients are others.
    mutating func forget() { (memory, study, began) = (ClientMemory(), nil, nil) }

    /// What was refused may be allowed now.
    mutating func retry() { began = nil }

    /// Groups them by something else.
    mutating func regroup() {
        let all = ClientGrouping.allCases
        (grouping, opened) = (all[(all.firstIndex(of: grouping).map { $0 + 1 } ?? 0) % all.count], nil)
    }

    /// Lists the group's connections, or the groups of its kind.
    mutating func show(_ id: ClientGroup.ID, isOpen: Bool) { (grouping, opened) = (id.grouping, isOpen ? id : nil) }

    func groups(by grouping: ClientGrouping, on node: String?) -> [ClientGroup] {
        memory.groups(by: grouping, on: node)
    }

    mutating func list(as other: ClientBoard) { (grouping, opened) = (other.grouping, other.opened) }

    /// - Parameter node: of connections that lead to it; nil for all nodes.
    func lines(_ search: SearchText, on node: String?) -> ClientLines {
        if let opened {
            let members = look?.members(of: opened, on: node) ?? []
            return .members(search.isEmpty ? members : members.filter { search.isFound(in: Self.text($0.entry)) })
        }
        let groups = memory.groups(by: grouping, on: node)
        return .groups(
            search.isEmpty ? groups : groups.filter { search.isFound(in: "\($0.name) \($0.command ?? "")") })
    }

    private static func text(_ entry: ClientEntry) -> String {
        [entry.address, entry.name, entry.user ?? "", entry.library ?? "", entry.command ?? ""].joined(separator: " ")
    }
}
