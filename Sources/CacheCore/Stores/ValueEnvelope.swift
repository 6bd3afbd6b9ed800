internal import RedisValues

/// A value as it is kept, in either of the words in which one is: see ``CacheSpace/Envelope``. Readers take both.
struct ValueEnvelope<Value: Codable & Sendable>: Codable {
    /// nil where it says that there is no such value.
    let value: Value?
    /// nil for as long as it is there.
    let freshUntil: WallTime?
    private let envelope: CacheSpace.Envelope
    private let key: String
    private let cachedAt: Int64
    private let seconds: Int64

    private enum Name: String, CodingKey {
        case freshUntil = "fresh_until"
        case value, data, fingerprint
        case cachedAt = "cached_at"
        case seconds = "ttl_secs"
    }

    init(_ value: Value?, _ space: CacheSpace, key: [UInt8], life: ValueLife, now: WallTime) {
        self.value = value
        freshUntil = now.adding(life.fresh)
        envelope = space.envelope
        self.key = String(decoding: key, as: UTF8.self)
        cachedAt = now.seconds
        seconds = max(1, Int64(life.fresh.wholeSeconds))
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        (key, envelope) = ("", .value)
        // Numbers that are none are as good as missing ones: the value is there, and has an end.
        func number(_ name: Name) -> Int64? { try? fields.decodeIfPresent(Int64.self, forKey: name) }
        (cachedAt, seconds) = (number(.cachedAt) ?? 0, number(.seconds) ?? 0)
        if fields.contains(.value) {
            value = try fields.decodeIfPresent(Value.self, forKey: .value)
            freshUntil = number(.freshUntil).map(WallTime.init(milliseconds:))
        } else {
            value = try fields.decode(Value.self, forKey: .data)
            let isTold = number(.cachedAt) != nil && number(.seconds) != nil
            freshUntil = isTold ? WallTime(seconds: cachedAt +| seconds) : nil
        }
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Name.self)
        switch envelope {
        case .value:
            try fields.encode(freshUntil?.milliseconds, forKey: .freshUntil)
            try fields.encode(value, forKey: .value)
        case .query:
            try fields.encode(value, forKey: .data)
            try fields.encode(cachedAt, forKey: .cachedAt)
            try fields.encode(seconds, forKey: .seconds)
            try fields.encode(key, forKey: .fingerprint)
        }
    }
}
