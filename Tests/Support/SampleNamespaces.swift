public import CacheModel

/// Looks at a shop's keyspace, made of keys that were really counted.
extension Sample {
    /// An estimate of the busy snapshot's five million keys.
    public static var estimate: NamespaceReport {
        var told = circumstances(commands: 25_004)
        told.budget = 1.8e9
        return .estimate(tally(keys: 5000, hostile: false), keys: 5_012_345, told)
    }

    /// The same of a server that says that its keys take far more than the drawn ones tell.
    public static var giants: NamespaceReport {
        var told = circumstances(commands: 25_004)
        told.budget = 2.6e9
        return .estimate(tally(keys: 5000, hostile: false), keys: 5_012_345, told)
    }

    /// All keys of a small server, each asked for everything.
    public static var fullSweep: NamespaceReport {
        .sweep(
            tally(keys: 20_000, hostile: false), full: true, complete: true, expected: 20_000,
            circumstances(commands: 61_204))
    }

    /// A sweep that has come to the middle.
    public static var halfSweep: NamespaceReport {
        .sweep(
            tally(keys: 10_000, hostile: false), full: false, complete: false, expected: 20_000,
            circumstances(commands: 12_004))
    }

    /// Keys that mean no good.
    public static var hostileEstimate: NamespaceReport {
        .estimate(tally(keys: 3000, hostile: true), keys: 3_000, circumstances(commands: 15_004))
    }

    private static func circumstances(commands: Int) -> NamespaceReport.Circumstances {
        var receipt = Receipt()
        receipt.commands = commands
        receipt.bytesSent = 1_113_573
        receipt.bytesReceived = 303_090
        receipt.serverTime = .microseconds(20_191)
        receipt.largestStall = .microseconds(2_086)
        receipt.hits = 14_991
        receipt.misses = 12
        return NamespaceReport.Circumstances(
            takenAt: WallTime(milliseconds: takenAt.milliseconds - 14_000), elapsed: elapsed - .seconds(14),
            took: .microseconds(37_178), receipt: receipt)
    }

    private static func tally(keys: Int, hostile: Bool) -> KeyspaceTally {
        var tally = KeyspaceTally(classifier: KeyClassifier())
        for number in 0..<keys {
            // Spread, and the same every time.
            let draw = Int((UInt64(number) &* 0x9e37_79b9_7f4a_7c15) >> 44) % 1000
            let isHostile = hostile && draw < 300
            let key = isHostile ? hostileKey(number) : name(draw, number)
            let namespace = tally.count(key.span)
            var facts = facts(draw, number)
            if isHostile { facts.bytes = 100_000 + number }
            tally.note(facts, key: key.span, namespace: namespace)
        }
        return tally
    }

    private static func name(_ draw: Int, _ number: Int) -> [UInt8] {
        let text =
            switch draw {
            case ..<382: "product:\(number)"
            case ..<622: "session:\(String(number &* 7919, radix: 16))"
            case ..<720: "cart:user:\(number)"
            case ..<800: "rate:limit:ip:10.0.\(number % 256).\(draw)"
            case ..<815: "token:blacklist:\(String(number &* 104_729, radix: 16))"
            case ..<825: "blacklist:token:\(String(number &* 104_729, radix: 16))"
            case ..<905: "api:cache:/v1/products?page=\(number)"
            case ..<950: "ws:session/\(number)"
            case ..<985: "sessions:\(number)"
            default: "feature-flag-\(number)"
            }
        return Array(text.utf8)
    }

    private static func hostileKey(_ number: Int) -> [UInt8] {
        let heads: [[UInt8]] = [
            Array("session:\u{1b}[2J".utf8), Array("\u{1b}]0;owned\u{7}:".utf8), [0x00, 0xff, 0xfe, 0x3a],
            Array("product:\u{202e}gnp".utf8), Array("line\nbreak:".utf8), Array("商品:".utf8),
        ]
        return heads[number % heads.count] + Array(String(number).utf8)
    }

    private static func facts(_ draw: Int, _ number: Int) -> KeyFacts {
        let spread = Int((UInt64(number) &* 0xd6e8_feb8_6659_fd93) >> 40) % 1000
        let isCounter = draw >= 720 && draw < 800
        let lifetime: KeyFacts.Lifetime =
            isCounter && spread < 20 || draw >= 950
            ? .never : .milliseconds(draw < 382 && spread < 200 ? 720_000 : (1 + spread) * 3_500)
        let size = draw < 382 ? 200 + spread : spread == 7 ? 40_000 : 60 + spread % 90
        return KeyFacts(
            type: draw < 622 ? .string : draw < 720 ? .hash : .string, lifetime: lifetime, bytes: size,
            idle: spread < 120 ? 7200 : 30)
    }
}
