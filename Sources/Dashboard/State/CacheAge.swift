internal import CacheModel

/// How long ago, in words.
enum CacheAge {
    static func words(_ age: Duration) -> String { age < .seconds(1) ? "just now" : "\(Format.age(age)) ago" }
}
