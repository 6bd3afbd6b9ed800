internal import CacheModel

/// How a value is shown.
enum ValueView: CaseIterable, Sendable {
    case text, json, hex

    var words: String {
        switch self {
        case .text: "text"
        case .json: "JSON"
        case .hex: "hex"
        }
    }

    var next: ValueView {
        switch self {
        case .text: .json
        case .json: .hex
        case .hex: .text
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
    private(set) var inspection: KeyInspection?
    private(set) var complaint: (key: [UInt8], words: String)?
    private(set) var inspecting: [UInt8]?
    /// Of the last question for a key: answers to older ones are of another page, or of another server.
    private var inspectTicket = 0
    var view = ValueView.text
    /// The key whose value the keys of the keyboard go to; nil while they go to the list.
    private(set) var opened: [UInt8]?
    var valueOffset = 0
    /// Pages of the value before this one, to go back to.
    private(set) var trail: [KeyCursor] = []
    private var shownCursor = KeyCursor.start
    /// The key has changed since it was asked for.
    private var isOutdated = false

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

    /// Begins to list another scope.
    mutating func open(_ scope: KeyScope) {
        let before = self
        self = KeyBoard(limit: limit)
        (self.scope, view, arrangement) = (scope, before.view, before.arrangement)
        (ticket, inspectTicket) = (before.ticket + 1, before.inspectTicket + 1)
        arrangement.arrange(rows)
    }

    /// - Returns: what is to be asked for, where more is wanted and may be.
    mutating func askForMore(wanted: Int) -> Effect? {
        guard !isLoading, !isFull, refusal == nil, !hasBegun || cursor != nil else { return nil }
        isLoading = true
        (early, earlyBytes) = (rows.count, bytes)
        return .browse(scope, from: cursor, wanted: wanted, ticket: ticket)
    }

    /// What was refused may be asked again.
    mutating func retry() {
        (refusal, complaint) = (nil, nil)
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
            total = page.total ?? total
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
            self.inspection = inspection
            valueOffset = 0
        case .notInspected(let key, let words, let ticket):
            guard ticket == inspectTicket, inspecting == key else { return }
            inspecting = nil
            (inspection, complaint) = (nil, (key, words))
        }
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

    mutating func sort(by order: KeyOrder) { arrangement.sort(by: order, rows) }

    // MARK: the key that is shown

    mutating func openValue(of key: [UInt8]) {
        opened = key
        if knownKey != key { valueOffset = 0 }
    }

    mutating func closeValue() { opened = nil }

    /// - Returns: what is to be asked for, where another key is wanted than the one that is shown, or that one anew.
    mutating func follow(_ key: [UInt8]?) -> Effect? {
        guard inspecting == nil, let key else { return nil }
        guard isOutdated || (inspection?.key != key && complaint?.key != key) else { return nil }
        return inspect(key, .start)
    }

    mutating func inspect(_ key: [UInt8], _ cursor: KeyCursor) -> Effect? {
        guard inspecting == nil else { return nil }
        if cursor == .start { trail = [] }
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

    mutating func nextPage() -> Effect? {
        guard inspecting == nil, let inspection = shown, let next = inspection.content.next else { return nil }
        trail.append(shownCursor)
        return inspect(inspection.key, next)
    }

    mutating func previousPage() -> Effect? {
        guard inspecting == nil, let inspection = shown, let before = trail.popLast() else { return nil }
        let trail = trail
        let effect = inspect(inspection.key, before)
        self.trail = trail
        return effect
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
