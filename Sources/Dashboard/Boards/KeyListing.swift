internal import CacheModel

/// The keys of the list, after filter and sort.
struct KeyListing: RandomAccessCollection, Sendable {
    fileprivate let rows: [KeyRow]
    /// Where they stand among ``rows``; nil for all of them, as they were found.
    fileprivate let places: [Int]?
    fileprivate let isReversed: Bool

    var startIndex: Int { 0 }
    var endIndex: Int { places?.count ?? rows.count }

    subscript(index: Int) -> KeyRow {
        let index = isReversed ? endIndex - 1 - index : index
        return places.map { rows[$0[index]] } ?? rows[index]
    }

    static func == (left: KeyListing, right: [KeyRow]) -> Bool { left.elementsEqual(right) }
}

/// Which keys are listed, and in which order; kept until keys, filter or order change.
struct KeyArrangement: Sendable {
    private(set) var filter = SearchText("")
    private(set) var order = KeyOrder.found
    private(set) var isReversed = false
    /// nil where all are listed as they were found.
    private var places: [Int]?
    /// Another one with every change of the list.
    private(set) var version = 0

    func listing(of rows: [KeyRow]) -> KeyListing { KeyListing(rows: rows, places: places, isReversed: isReversed) }

    mutating func reverse() {
        isReversed.toggle()
        version += 1
    }

    mutating func filter(by new: SearchText, _ rows: [KeyRow]) {
        guard new != filter else { return }
        let before = filter
        filter = new
        guard let places, new.isNarrower(than: before) else { return arrange(rows) }
        self.places = places.filter { new.isFound(inName: rows[$0].name) }
        version += 1
    }

    mutating func sort(by new: KeyOrder, _ rows: [KeyRow]) {
        guard new != order else { return }
        order = new
        arrange(rows)
    }

    /// All of them anew.
    mutating func arrange(_ rows: [KeyRow]) {
        version += 1
        places = isPlain ? nil : sorted(rows.indices.filter { filter.isFound(inName: rows[$0].name) }, rows)
    }

    /// Those from a place on are others now.
    mutating func replace(from first: Int, _ rows: [KeyRow]) {
        version += 1
        guard !isPlain, let places else { return places = nil }
        let kept = places.filter { $0 < first }
        let new = sorted((first..<rows.count).filter { filter.isFound(inName: rows[$0].name) }, rows)
        self.places = merged(kept, new, rows)
    }

    private var isPlain: Bool { filter.isEmpty && order == .found }

    private func sorted(_ places: [Int], _ rows: [KeyRow]) -> [Int] {
        switch order {
        case .found: places
        case .name, .bytes, .lifetime: places.sorted { precedes($0, $1, rows) }
        }
    }

    private func merged(_ left: [Int], _ right: [Int], _ rows: [KeyRow]) -> [Int] {
        if order == .found { return left + right }
        var merged: [Int] = []
        merged.reserveCapacity(left.count + right.count)
        var rest = right[...]
        for place in left {
            while let next = rest.first, precedes(next, place, rows) {
                merged.append(next)
                rest.removeFirst()
            }
            merged.append(place)
        }
        return merged + rest
    }

    /// Those that are equal stay as they were found.
    private func precedes(_ left: Int, _ right: Int, _ rows: [KeyRow]) -> Bool {
        switch order {
        case .found: return left < right
        case .name:
            let (first, second) = (rows[left].name, rows[right].name)
            if first.lexicographicallyPrecedes(second) { return true }
            return left < right && first == second
        case .bytes: return (-(rows[left].facts?.bytes ?? -1), left) < (-(rows[right].facts?.bytes ?? -1), right)
        case .lifetime: return (Self.rank(rows[left]), left) < (Self.rank(rows[right]), right)
        }
    }

    private static func rank(_ row: KeyRow) -> Int {
        switch row.facts?.lifetime {
        case .milliseconds(let milliseconds): milliseconds
        case .never: .max - 1
        case nil: .max
        }
    }
}
