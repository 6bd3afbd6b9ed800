public import CacheWire
public import RedisValues

/// A request, as far as a cache has to know it.
public struct ResponseRequest: Equatable, Sendable {
    /// Such as `GET`, the only one whose responses are kept.
    public var method: String
    /// Path and query, such as `/v1/products?page=2`.
    public var target: String
    /// Names in any case.
    public var headers: [String: String]

    public init(_ method: String = "GET", _ target: String, headers: [String: String] = [:]) {
        (self.method, self.target, self.headers) = (method, target, headers)
    }
}

/// A response that may be kept.
public struct CachedResponse: Equatable, Sendable {
    public var status: Int
    public var contentType: String
    /// Without `Content-Type`.
    public var headers: [String: String]
    public var body: [UInt8]

    public init(status: Int = 200, contentType: String, headers: [String: String] = [:], body: [UInt8]) {
        (self.status, self.contentType, self.headers, self.body) = (status, contentType, headers, body)
    }
}

/// How a route's responses are kept.
public struct ResponseRules: Equatable, Sendable {
    /// Five minutes are the contract of the guide, which production sets to ten.
    public var life: Duration
    /// Names of headers by which responses differ. Who sends `Authorization` or a cookie is served from the cache only
    /// where it is among them.
    public var vary: Set<String>
    /// How long 404 and 410 are kept; nil for not at all.
    public var negative: Duration?
    /// As ``CacheSpace/lease``.
    public var lease: Duration?

    public init(
        life: Duration = .seconds(300), vary: Set<String> = [], negative: Duration? = nil, lease: Duration? = nil
    ) {
        (self.life, self.vary, self.negative, self.lease) = (life, vary, negative, lease)
    }
}

/// Keeps responses of GET requests, and has those made that are not there.
///
/// A query is the same in whatever order its parts are. What a response forbids is not kept and given to nobody but who
/// asked for it: one that sets a cookie, that is private or not to be stored, or that varies by a header that
/// ``ResponseRules/vary`` does not name. Errors are not kept; they go to all who wait for them.
///
/// The front end's records are read in both layouts. It makes them with its own key to the API, whoever asks: do not read
/// them where others may see less than the front end does.
public protocol ResponseCache: Sendable {
    /// The response to a request, from the cache or else made: see ``ValueCache``.
    ///
    /// - Throws: what `make` throws; ``CacheError/input(_:)`` for a path that is empty or holds control characters, and
    ///   times that make no sense; ``CacheError/timedOut(_:)``, ``CacheError/cancelled``.
    func response(
        to request: ResponseRequest, _ rules: ResponseRules, within deadline: Duration?,
        make: @escaping @Sendable () async throws -> CachedResponse
    ) async throws -> CachedResponse

    /// Removes the response to a request, in both layouts.
    ///
    /// - Throws: ``CacheError`` where it may still be there.
    func remove(_ request: ResponseRequest, _ rules: ResponseRules) async throws(CacheError)
}

extension ResponseCache {
    public func response(
        to request: ResponseRequest, _ rules: ResponseRules = ResponseRules(),
        make: @escaping @Sendable () async throws -> CachedResponse
    ) async throws -> CachedResponse {
        try await response(to: request, rules, within: nil, make: make)
    }

    public func remove(_ request: ResponseRequest) async throws(CacheError) {
        try await remove(request, ResponseRules())
    }
}

/// Responses on a server: see ``ResponseCache``.
public struct RedisResponseCache: ResponseCache {
    let loading: ResponseLoading

    /// - Parameter layout: in which responses are written; in the deployed one, what the front end can read and the rest
    ///   as in the guide's.
    public init(
        _ calls: any CacheCalls, layout: StoreLayout = .guide, tally: any StoreTally = NoTally(),
        clock: any StoreClock = SystemClock()
    ) {
        loading = ResponseLoading(RedisStorage(calls: calls), layout, tally, clock)
    }

    public func response(
        to request: ResponseRequest, _ rules: ResponseRules, within deadline: Duration?,
        make: @escaping @Sendable () async throws -> CachedResponse
    ) async throws -> CachedResponse {
        try await loading.response(to: request, rules, within: deadline, make: make)
    }

    public func remove(_ request: ResponseRequest, _ rules: ResponseRules) async throws(CacheError) {
        try await loading.remove(request, rules)
    }
}

/// Responses in this process: see ``ResponseCache``.
public struct MemoryResponseCache: ResponseCache {
    let loading: ResponseLoading

    public init(_ memory: StoreMemory, layout: StoreLayout = .guide, tally: any StoreTally = NoTally()) {
        loading = ResponseLoading(MemoryStorage(memory: memory), layout, tally, memory.clock)
    }

    public func response(
        to request: ResponseRequest, _ rules: ResponseRules, within deadline: Duration?,
        make: @escaping @Sendable () async throws -> CachedResponse
    ) async throws -> CachedResponse {
        try await loading.response(to: request, rules, within: deadline, make: make)
    }

    public func remove(_ request: ResponseRequest, _ rules: ResponseRules) async throws(CacheError) {
        try await loading.remove(request, rules)
    }
}
