internal import CacheModel
internal import TerminalUI

/// How a value is shown.
enum ValueView: CaseIterable, Sendable {
    /// As what it is: JSON indented, JWTs and times by what they say.
    case decoded
    case text, hex

    var next: ValueView {
        switch self {
        case .decoded: .text
        case .text: .hex
        case .hex: .decoded
        }
    }
}

/// What the list of keys is sorted by.
enum KeyOrder: CaseIterable, Sendable {
    case found, name, bytes, lifetime

    var words: String {
        switch self {
        case .found: "as found"
        case .name: "by name"
        case .bytes: "by size"
        case .lifetime: "by TTL"
        }
    }

    var next: KeyOrder {
        let all = Self.allCases
        return all[(all.firstIndex(of: self).map { $0 + 1 } ?? 0) % all.count]
    }
}

/// The keys that are listed, and the one that is shown.
struct KeyBoard: Sendable {
    /// No more are listed: nobody reads them, and memory stays bounded.
    static let mostRows = 10_000
    /// What a row may take on average, beside what it is made of.
    private static let mostBytes = 420

    private let limit: Int
    private(set) var scope = KeyScope.pattern("*")
    /// nil for all keys of the scope.
    private(set) var narrowing: KeyNarrowing?
    /// True while a walk rests that goes on by itself.
    private(set) var isStopped = false
    private(set) var rows: [KeyRow] = []
    private var arrangement = KeyArrangement()
    /// Where the walk goes on; nil before the first page and at the end.
    private(set) var cursor: [UInt8]?
    private(set) var examined = 0
    private(set) var total: Int?
    private(set) var refusal: Refusal?
    private(set) var hasBegun = false
    private(set) var isLoading = false
    private(set) var isWhole = false
    /// Nodes that have left with keys that were not walked over.
    private(set) var gone: [String] = []
    /// Of all rows, and of those before ``early``.
    private var (bytes, earlyBytes) = (0, 0)
    /// Told apart from answers to what was asked before.
    private var ticket = 0
    /// Rows that came with the names of the page under way.
    private var early = 0

    /// The key that is shown, and what has come of it.
    private(set) var inspection: KeyInspection? { didSet { valueVersion += 1 } }
    private(set) var complaint: (key: [UInt8], words: String)?
    /// Another one with every value that is shown.
    private(set) var valueVersion = 0
    /// What is looked for in the collection that is open.
    private(set) var search: ValueSearch?
    private(set) var inspecting: [UInt8]?
    /// Of the last question for a key: answers to older ones are of another page, or of another server.
    private var inspectTicket = 0
    var view = ValueView.decoded
    /// The key whose value the keys of the keyboard go to; nil while they go to the list.
    private(set) var opened: [UInt8]?
    var valueOffset = 0
    /// Pages of the value before this one, to go back to.
    private(set) var trail: [(cursor: KeyCursor, rank: Int)] = []
    /// Elements on the pages before this one.
    private(set) var rank = 0
    private var shownCursor = KeyCursor.start
    /// The key has changed since it was asked for.
    private var isOutdated = false
    /// The same page is asked for again: whoever reads it stays where he is.
    private var asksAgain = false

    init(limit: Int = mostRows) { self.limit = limit }

    var isOpen: Bool { opened != nil }
    /// The key whose value, or the reason why there is none, is at hand.
    var knownKey: [UInt8]? { inspection?.key ?? complaint?.key }
    /// What the screen shows: of the open key, and of no other; without one, what was asked for last.
    var shown: KeyInspection? { opened == nil || opened == inspection?.key ? inspection : nil }
    var shownComplaint: (key: [UInt8], words: String)? {
        opened == nil || opened == complaint?.key ? complaint : nil
    }

    var isFull: Bool { rows.count >= limit || bytes >= limit * Self.mostBytes }

    /// Begins to list another scope, or those of its keys that match.
    mutating func open(_ scope: KeyScope, narrowedTo narrowing: KeyNarrowing? = nil) {
        let before = self
        self = KeyBoard(limit: limit)
        (self.scope, self.narrowing, view, arrangement) = (scope, narrowing, before.view, before.arrangement)
        (ticket, inspectTicket) = (before.ticket + 1, before.inspectTicket + 1)
        valueVersion = before.valueVersion + 1
        arrangement.arrange(rows)
    }

    /// Lists the same anew.
    mutating func reopen() { open(scope, narrowedTo: narrowing) }

    /// What acts on all that is listed are about: the scope, and not what a filter shows of it. Of all keys the filter is
    /// the scope, unless there is a token in it: plans and journals would show it.
    var listed: KeyScope {
        guard let narrowing, scope == .pattern("*"), TextField(narrowing.text).mask == nil else { return scope }
        return .pattern(narrowing.pattern)
    }

    /// - Returns: what is to be asked for, where more is wanted and may be.
    mutating func askForMore(wanted: Int) -> Effect? {
        guard !isLoading, !isFull, !isStopped, refusal == nil, !hasBegun || cursor != nil else { return nil }
        isLoading = true
        (early, earlyBytes) = (rows.count, bytes)
        return .browse(scope, matching: narrowing?.pattern, from: cursor, wanted: wanted, ticket: ticket)
    }

    /// Stops what walks by itself, or lets it go on: what is looked for in an open value, else the list.
    ///
    /// - Returns: false where there is nothing of the kind.
    mutating func toggleWalk() -> Bool {
        if isOpen, search != nil {
            guard isSearching || search?.isStopped == true else { return false }
            search?.isStopped.toggle()
            return true
        }
        guard isWalking || isHalted else { return false }
        isStopped.toggle()
        return true
    }

    /// What was refused may be asked again.
    mutating func retry() {
        (refusal, complaint, isStopped) = (nil, nil, false)
        // What a broken connection still owes does not come, or comes for nobody.
        if isLoading { ticket += 1 }
        (isLoading, inspecting) = (false, nil)
        if rows.isEmpty { hasBegun = false }
    }

    mutating func record(_ event: KeyEvent) {
        switch event {
        case .names(let page, let ticket):
            guard ticket == self.ticket, isLoading else { return }
            hasBegun = true
            // Of one of several nodes, perhaps: the page has the sum.
            total = total ?? page.total
            replaceEarly(with: page.rows)
        case .page(let page, let ticket):
            guard ticket == self.ticket else { return }
            (hasBegun, isLoading) = (true, false)
            replaceEarly(with: page.rows)
            // Where it broke off it may go on.
            cursor = page.refusal == nil ? page.cursor : page.cursor ?? cursor
            examined +|= page.examined
            total = page.total ?? total
            refusal = page.refusal
            gone += page.gone
            isWhole = cursor == nil && refusal == nil && gone.isEmpty
        case .inspected(let inspection, let ticket):
            guard ticket == inspectTicket, inspecting == inspection.key else { return }
            inspecting = nil
            complaint = nil
            show(inspection)
        case .notInspected(let key, let words, let ticket):
            guard ticket == inspectTicket, inspecting == key else { return }
            inspecting = nil
            (inspection, complaint) = (nil, (key, words))
        }
    }

    private mutating func show(_ new: KeyInspection) {
        var new = new
        var goesOn = inspection?.key == new.key && asksAgain
        if case .matching(_, let position) = shownCursor {
            search?.walked +|= new.content.walked ?? 0
            if position != Array("0".utf8), let before = inspection, before.key == new.key {
                new.content.elements = Array(
                    (before.content.elements + new.content.elements).prefix(ValueSearch.mostFound))
                goesOn = true
            }
        }
        inspection = new
        asksAgain = false
        if !goesOn { valueOffset = 0 }
    }

    private mutating func replaceEarly(with page: [KeyRow]) {
        rows.removeLast(max(0, rows.count - early))
        var known: Set<[UInt8]> = []
        // SCAN may return a key twice; near ones are the likely ones.
        for row in rows.suffix(2000) { known.insert(row.name) }
        bytes = earlyBytes
        for row in page where known.insert(row.name).inserted {
            rows.append(row)
            bytes += Self.size(of: row)
        }
        arrangement.replace(from: early, rows)
    }

    private static func size(of row: KeyRow) -> Int { row.name.count + 64 }

    // MARK: the list

    /// After filter and sort.
    var listing: KeyListing { arrangement.listing(of: rows) }
    /// Another one with every change of ``listing``.
    var version: Int { arrangement.version }
    var order: KeyOrder { arrangement.order }

    mutating func filter(by text: String) { arrangement.filter(by: SearchText(text), rows) }

    var isReversed: Bool { arrangement.isReversed }

    mutating func sort(by order: KeyOrder) { arrangement.sort(by: order, rows) }

    mutating func reverse() { arrangement.reverse() }

    // MARK: the key that is shown

    mutating func openValue(of key: [UInt8]) {
        opened = key
        if knownKey != key { valueOffset = 0 }
    }

    mutating func closeValue() {
        opened = nil
        // What was found is no page of the value.
        if search != nil { (search, isOutdated) = (nil, true) }
    }

    /// - Returns: what is to be asked for, where another key is wanted than the one that is shown, or that one anew.
    mutating func follow(_ key: [UInt8]?) -> Effect? {
        guard inspecting == nil, let key else { return nil }
        guard isOutdated || (inspection?.key != key && complaint?.key != key) else { return nil }
        return inspect(key, .start)
    }

    mutating func inspect(_ key: [UInt8], _ cursor: KeyCursor) -> Effect? {
        guard inspecting == nil else { return nil }
        if cursor == .start { (trail, rank, search) = ([], 0, nil) }
        (inspecting, shownCursor, isOutdated) = (key, cursor, false)
        inspectTicket += 1
        return .inspect(key, from: cursor, ticket: inspectTicket)
    }

    /// Shows a key anew after a change to it, where it is the one that is shown.
    mutating func again(_ key: [UInt8]) -> Effect? {
        guard inspecting != key else {
            // The answer under way may be of before the change.
            isOutdated = true
            return nil
        }
        return inspection?.key == key ? inspect(key, .start) : nil
    }

    /// Asks again for what is shown of a key, so that its figures are of now.
    mutating func refresh(_ key: [UInt8]) -> Effect? {
        guard trail.isEmpty, search == nil, let effect = inspect(key, .start) else { return nil }
        asksAgain = true
        return effect
    }

    /// The time to live of a key that was set from here.
    mutating func note(_ lifetime: KeyFacts.Lifetime, of key: [UInt8]) {
        guard let place = rows.firstIndex(where: { $0.name == key }) else { return }
        var facts = rows[place].facts ?? KeyFacts()
        facts.lifetime = lifetime
        rows[place].facts = facts
        arrangement.arrange(rows)
    }

    mutating func nextPage() -> Effect? {
        guard inspecting == nil, search == nil, let inspection = shown, let next = inspection.content.next else {
            return nil
        }
        trail.append((shownCursor, rank))
        rank += inspection.content.elements.count
        return inspect(inspection.key, next)
    }

    mutating func previousPage() -> Effect? {
        guard inspecting == nil, let inspection = shown, let before = trail.popLast() else { return nil }
        let trail = trail
        let effect = inspect(inspection.key, before.cursor)
        (self.trail, rank) = (trail, before.rank)
        return effect
    }

    // MARK: what is looked for in a value

    /// True while it goes on by itself.
    var isSearching: Bool {
        guard let search, let shown, !search.isStopped, shown.content.elements.count < ValueSearch.mostFound else {
            return false
        }
        if case .matching? = shown.content.next { return true }
        return inspecting != nil
    }

    /// Looks for the elements of the open collection that match.
    mutating func search(for new: ValueSearch) -> Effect? {
        guard let opened else { return nil }
        // An answer that is under way is of what nobody waits for any more.
        inspecting = nil
        (trail, rank, search) = ([], 0, new)
        let effect = inspect(opened, new.start)
        valueOffset = 0
        return effect
    }

    mutating func dropSearch() -> Effect? {
        guard let opened, search != nil else { return nil }
        inspecting = nil
        return inspect(opened, .start)
    }

    mutating func searchFurther() -> Effect? {
        guard isSearching, inspecting == nil, let opened, case .matching? = shown?.content.next,
            let next = shown?.content.next
        else { return nil }
        return inspect(opened, next)
    }

    /// As it was listed, or as it was measured when it was looked at; nil where that is not known.
    func bytes(of key: [UInt8]) -> Int? {
        if let shown, shown.key == key, let bytes = shown.bytes { return bytes }
        return rows.first { $0.name == key }?.facts?.bytes
    }

    /// A key that is not there any more.
    mutating func remove(_ key: [UInt8]) {
        while let place = rows.firstIndex(where: { $0.name == key }) {
            let size = Self.size(of: rows.remove(at: place))
            bytes -= size
            if place < early { (early, earlyBytes) = (early - 1, earlyBytes - size) }
            arrangement.arrange(rows)
        }
        if inspection?.key == key { inspection = nil }
        if complaint?.key == key { complaint = nil }
        if opened == key { opened = nil }
    }
}
