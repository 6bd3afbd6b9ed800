/// The hash in which servers publish what their stores have counted: see ``CounterField`` for its fields.
public enum CounterHash {
    /// Behind the deployment's prefix.
    public static let name = "cachecore:counters"
    /// By which it is read.
    public static let command = "HGETALL"
    /// Fields of one process at most.
    public static let mostFields = 256
    /// How long it stays when nobody publishes any more.
    public static let lifetime = Duration.seconds(86_400)

    public static func key(prefix: [UInt8] = []) -> [UInt8] { prefix + Array(name.utf8) }
}

/// A field of the hash.
public enum CounterField: Hashable, Sendable {
    /// `<service>/<namespace>/<figure>`: what all processes of a service have counted since the hash began.
    case figure(service: String, namespace: String, StoreFigure)
    /// `<service>/at`: when one of them has published for the last time, in Unix seconds by its own clock.
    case publishedAt(service: String)

    public var name: String {
        switch self {
        case .figure(let service, let namespace, let figure): "\(service)/\(namespace)/\(figure.rawValue)"
        case .publishedAt(let service): "\(service)/at"
        }
    }

    /// Bytes of a namespace's name at most.
    public static let longestNamespace = 64
    private static let longest = ServiceName.limit + longestNamespace + 16
    private static let slash = UInt8(ascii: "/")

    /// - Returns: nil for what is none of these.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.longest, let first = bytes.firstIndex(of: Self.slash),
            let last = bytes.lastIndex(of: Self.slash),
            let service = String(validating: bytes[..<first], as: UTF8.self),
            let figure = String(validating: bytes[(last + 1)...], as: UTF8.self),
            service.utf8.count <= ServiceName.limit, Self.isName(service, withSlashes: false)
        else { return nil }
        guard first < last else {
            guard figure == "at" else { return nil }
            self = .publishedAt(service: service)
            return
        }
        guard let namespace = String(validating: bytes[(first + 1)..<last], as: UTF8.self),
            Self.isNamespace(namespace), let figure = StoreFigure(rawValue: figure)
        else { return nil }
        self = .figure(service: service, namespace: namespace, figure)
    }

    /// Whether a namespace may stand in a field.
    public static func isNamespace(_ name: String) -> Bool {
        name.utf8.count <= longestNamespace && isName(name, withSlashes: true)
    }

    static func isName(_ text: String, withSlashes: Bool) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value) && (withSlashes || scalar != "/")
            }
    }
}
