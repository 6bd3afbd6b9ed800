internal import CacheCore
internal import CacheWire
internal import CacheModel

/// Looks in a hash, a set or a sorted set for the fields or members that match a pattern, a part at a time.
extension KeyBrowser {
    /// Elements that are walked over for one part, and for one call: some 0.2 ms of the server's time.
    private static let searchPlaces = 20_000
    private static let searchCount = 500
    /// Between two calls: what keeps the server's time at a fifteenth.
    private static let searchRest = Duration.milliseconds(3)
    private static let searchPatience = Duration.milliseconds(250)

    /// - Parameters:
    ///   - page: knows the key, its type, the pattern and where the walk goes on.
    ///   - length: elements of the collection; nil where nobody knows.
    func search(
        _ page: KeyPageReader, length: Int?, shown: Int, _ router: Router
    ) async throws(CacheError) -> KeyContent {
        var page = page
        page.limit = max(1, min(Self.searchCount, page.limit * Self.searchCount / Self.elementPage))
        var content = KeyContent()
        var walked = 0
        var bound = page.place.flatMap { self.bound(at: $0) } ?? ScanBound(keys: length)
        let start = ContinuousClock.now
        repeat {
            if walked > 0 { try? await Task.sleep(for: Self.searchRest) }
            let reply = try await router.ask(KeyedCommand(page.key, page.command))
            if let error = reply.cacheError { throw error }
            let part: KeyContent
            do throws(RESPShapeError) { part = try page.read(reply, length: length, shown: shown) } catch {
                throw .protocolError(error.description)
            }
            content.elements += part.elements
            content.next = part.next
            walked +|= max(page.limit, part.elements.count)
            guard case .matching(_, let position)? = part.next else { break }
            let refusal = bound.note(
                position, places: page.limit, found: part.elements.count, isFiltered: true, at: .now)
            if let refusal { throw .refused(refusal) }
            if let next = part.next { page.cursor = next }
        } while walked < Self.searchPlaces && content.elements.count < Self.elementPage
            && ContinuousClock.now - start < Self.searchPatience
        content.walked = content.next == nil ? max(walked, length ?? 0) : walked
        if content.next != nil, let place = page.place { note(bound, at: place) }
        return content
    }
}

extension KeyPageReader {
    /// Where a search stands, unlike all others; nil at its beginning.
    fileprivate var place: [UInt8]? {
        guard case .matching(let pattern, let position) = cursor, position != Self.beginning else { return nil }
        return Array("search\n".utf8) + key + [0x0a] + pattern + [0x0a] + position
    }
}
