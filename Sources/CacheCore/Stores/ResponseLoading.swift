internal import CacheWire
internal import RedisValues

/// What both response caches do, wherever the responses are.
struct ResponseLoading: Sendable {
    private let loader: Loader
    private let layout: StoreLayout
    private let draw: @Sendable () -> Double

    /// By which responses are known to whoever counts.
    static let namespace = "api:cache"

    /// - Parameter draw: shortens lives, see ``CacheSpace/life(isNegative:draw:)``.
    init(
        _ storage: any ValueStorage, _ layout: StoreLayout, _ tally: any StoreTally, _ clock: any StoreClock,
        draw: @escaping @Sendable () -> Double = { .random(in: 0...1) }
    ) {
        loader = Loader(
            storage, clock: clock, notes: StoreNotes(tally, Self.namespace), flights: Flights(clock: clock))
        (self.layout, self.draw) = (layout, draw)
    }

    func response(
        to request: ResponseRequest, _ rules: ResponseRules, within deadline: Duration?,
        make: @escaping @Sendable () async throws -> CachedResponse
    ) async throws -> CachedResponse {
        try rules.life.storeLife("the life of responses")
        try rules.negative?.storeLife("the negative time")
        try rules.lease?.storeLife("the lease")
        guard let key = try key(request, rules) else { return try await make() }
        let response = try await loader.value(plan(key, rules), within: deadline) { try await make() }
        // No plan that takes no nothing brings it.
        if let response { return response }
        return try await make()
    }

    func remove(_ request: ResponseRequest, _ rules: ResponseRules) async throws(CacheError) {
        guard let key = try key(request, rules) else { return }
        try await loader.remove(keys(key))
    }

    private func key(_ request: ResponseRequest, _ rules: ResponseRules) throws(CacheError) -> ResponseKey? {
        do throws(StoreProblem) {
            return try ResponseKey(
                method: request.method, target: request.target, headers: request.headers, vary: rules.vary)
        } catch { throw CacheError(error) }
    }

    private func keys(_ key: ResponseKey) -> [[UInt8]] {
        guard let deployed = key.deployed else { return [key.guide] }
        return layout == .guide ? [key.guide, deployed] : [deployed, key.guide]
    }

    private func plan(_ key: ResponseKey, _ rules: ResponseRules) -> LoadPlan<CachedResponse> {
        let keys = keys(key)
        return LoadPlan(
            keys: keys, lease: rules.lease, takesNothing: false,
            decode: { bytes, index in
                let isOfFrontEnd = keys[index] == key.deployed
                let response = isOfFrontEnd ? CachedResponse(ofFrontEnd: bytes) : CachedResponse(bytes)
                return response.map { LoadPlan.Found(value: $0, freshUntil: nil, stale: .zero) }
            },
            encode: { [layout, draw] response, now in
                guard let response, let life = Self.life(of: response, rules, draw: draw()) else { return nil }
                if layout == .deployed, let deployed = key.deployed, let record = response.ofFrontEnd(at: now) {
                    return ValueRecord(key: deployed, bytes: record, life: life)
                }
                return (try? StoreJSON.encode(ResponseRecord(response))).map {
                    ValueRecord(key: key.guide, bytes: $0, life: life)
                }
            },
            isForAll: { $0.map { ResponseRule.isForAll($0.headers, vary: rules.vary) } ?? true })
    }

    /// nil for what is not kept.
    private static func life(of response: CachedResponse, _ rules: ResponseRules, draw: Double) -> Duration? {
        guard ResponseRule.isForAll(response.headers, vary: rules.vary) else { return nil }
        let isNegative = ResponseRule.isNegative(response.status)
        guard isNegative || ResponseRule.keeps(response.status) else { return nil }
        let space = CacheSpace(namespace, fresh: rules.life, negative: rules.negative)
        return space.life(isNegative: isNegative, draw: draw)?.whole
    }
}

extension CachedResponse {
    fileprivate init?(_ bytes: [UInt8]) {
        guard let record = StoreJSON.decode(bytes, as: ResponseRecord.self) else { return nil }
        self = record.response
    }

    fileprivate init?(ofFrontEnd bytes: [UInt8]) {
        guard let record = FrontEndRecord(bytes) else { return nil }
        self.init(contentType: record.contentType, body: record.body)
    }

    /// nil for what the front end could not say, or not read: another status, headers, a body that is no JSON.
    fileprivate func ofFrontEnd(at now: WallTime) -> [UInt8]? {
        guard status == 200, headers.isEmpty, FrontEndRecord.canHold(body, contentType: contentType) else {
            return nil
        }
        return FrontEndRecord(body: body, contentType: contentType, cachedAt: now.iso8601).bytes
    }
}
