/// Who waits, in the order in which they came. Leaving costs the same wherever one stands.
struct WaitQueue: Sendable {
    private var order: [PoolState.WaiterID?] = []
    /// The first one that may be there still.
    private var head = 0
    /// How many were taken off ``order`` so far.
    private var gone = 0
    /// Where each one stands, by its number: its index in ``order`` and ``gone``.
    private var places: [Int: Int] = [:]

    var count: Int { places.count }
    var isEmpty: Bool { places.isEmpty }

    mutating func append(_ waiter: PoolState.WaiterID) {
        places[waiter.number] = gone + order.count
        order.append(waiter)
    }

    /// - Returns: false where it does not wait.
    mutating func remove(_ waiter: PoolState.WaiterID) -> Bool {
        guard let place = places.removeValue(forKey: waiter.number) else { return false }
        order[place - gone] = nil
        trim()
        return true
    }

    mutating func popFirst() -> PoolState.WaiterID? {
        trim()
        guard head < order.count, let first = order[head] else { return nil }
        places[first.number] = nil
        order[head] = nil
        trim()
        return first
    }

    /// All of them, in their order; nobody waits then.
    mutating func removeAll() -> [PoolState.WaiterID] {
        let all = order[head...].compactMap { $0 }
        self = WaitQueue()
        return all
    }

    /// Passes those who have left; what lies before is given back when it is the larger half.
    private mutating func trim() {
        while head < order.count, order[head] == nil { head += 1 }
        if head == order.count {
            gone += head
            order.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 64, head > order.count / 2 {
            gone += head
            order.removeFirst(head)
            head = 0
        }
    }
}
