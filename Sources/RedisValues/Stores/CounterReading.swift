/// What ``CounterHash`` held when it was read.
///
/// Anybody may write there: what is not of its shape is counted and left out, and so is what goes beyond the limit.
public struct CounterReading: Codable, Equatable, Sendable {
    /// What the processes of one service have published.
    public struct Service: Codable, Equatable, Sendable {
        /// Unix seconds by the clock of whoever published last; nil where nobody says.
        public var publishedAt: Int?
        /// Since the hash began, by namespace.
        public var namespaces: [String: StoreCounts] = [:]

        public init(publishedAt: Int? = nil, namespaces: [String: StoreCounts] = [:]) {
            (self.publishedAt, self.namespaces) = (publishedAt, namespaces)
        }
    }

    /// By name, which is text without control characters and not escaped.
    public var services: [String: Service] = [:]
    /// Fields that are none of ours, or hold no count.
    public var strange = 0
    /// Fields beyond the limit, which nobody has read.
    public var leftOut = 0

    /// Fields that are read, four times what one process may publish.
    public static let mostFields = 1024

    public init() {}

    /// - Parameter reply: to `HGETALL`: fields and values in turn; empty where there is no such key.
    /// - Throws: ``RESPShapeError`` for anything but a list.
    public init(_ reply: RESPValue) throws(RESPShapeError) {
        let items = try reply.array
        let pairs = items.count / 2
        leftOut = max(0, pairs - Self.mostFields)
        for index in 0..<min(pairs, Self.mostFields) {
            guard let name = try? items[2 * index].bytes, let field = CounterField(name),
                let value = try? items[2 * index + 1].count
            else {
                strange += 1
                continue
            }
            switch field {
            case .publishedAt(let service): services[service, default: Service()].publishedAt = value
            case .figure(let service, let namespace, let figure):
                services[service, default: Service()].namespaces[namespace, default: StoreCounts()][figure] = value
            }
        }
    }

    public var isEmpty: Bool { services.isEmpty && strange == 0 && leftOut == 0 }
}
