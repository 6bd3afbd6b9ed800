import CacheModel
import Foundation

@testable import CacheWatch

/// Answers every question that the program asks as a real server does, by its words.
struct HonestServer {
    private let infos: [[UInt8]]
    private let statistics: [[UInt8]]
    let sentinel: [UInt8]

    /// Replies that were taken off the wire.
    init() {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Support/Fixtures/info")
        func read(_ names: [String]) -> [[UInt8]] {
            names.compactMap { name in
                (try? Data(contentsOf: folder.appendingPathComponent("\(name).txt"))).map { [UInt8]($0) }
            }
        }
        infos = read([
            "redis-7.0-primary", "redis-7.0-replica", "redis-6.2-standalone", "redis-6.2-replica-link-down",
            "redis-7.0-cluster-node", "valkey-9-primary", "valkey-9-replica", "valkey-9-cluster-node",
        ])
        statistics = read(["redis-6.2-commandstats", "redis-7.0-commandstats", "valkey-9-commandstats"])
        sentinel = read(["redis-7.0-sentinel"]).first ?? []
        precondition(infos.count == 8 && statistics.count == 3 && !sentinel.isEmpty, "the fixtures are not there")
    }

    static let keys: [[UInt8]] = {
        let names = [
            "session:4f3c", "session:4f3d", "token:blacklist:aa",
            "blacklist:token:0f8fad5b-d9cb-469f-a165-70867728950e", "blacklist:since:17", "cart:1", "cart:22",
            "product:9",
            "rate:limit:10.0.0.1", "other:thing:1", "plain", "\u{1b}[2J\u{202e}evil", "e\u{301}\u{200d}\u{1f600}",
            "a\nb",
        ]
        var keys: [[UInt8]] = [[0xff, 0xfe, 0x3a, 0x80]]
        for name in names { keys.append(Array(name.utf8)) }
        return keys
    }()

    private static func text(_ words: String) -> RESPValue { .string(Array(words.utf8)) }
    private static func list(_ words: String...) -> RESPValue { .array(words.map(text)) }

    func answer(_ command: [[UInt8]], _ dice: inout Dice) -> RESPValue {
        let words = command.map { String(decoding: $0, as: UTF8.self).uppercased() }
        let second = words.count > 1 ? words[1] : ""
        switch words.first ?? "" {
        case "INFO": return .string(second == "COMMANDSTATS" ? dice.pick(statistics) : dice.pick(infos))
        case "DBSIZE": return .integer(Int64(dice.below(100_000)))
        case "SLOWLOG": return second == "LEN" ? .integer(128) : slowlog(&dice)
        case "CONFIG": return Self.list("slowlog-log-slower-than", "10000", "slowlog-max-len", "128")
        case "ACL": return Self.text("watcher")
        case "CLIENT": return clients(&dice)
        case "CLUSTER": return cluster(second, &dice)
        case "SENTINEL": return sentinel(second)
        case "SCAN", "HSCAN", "SSCAN", "ZSCAN":
            let next = Self.text(String(dice.once(in: 3) ? 0 : dice.below(1 << 20)))
            return .array([next, .array((0..<dice.below(30)).map { _ in .string(dice.pick(Self.keys)) })])
        case "RANDOMKEY", "GET", "GETRANGE": return .string(dice.pick(Self.keys))
        case "DUMP": return .string((0..<20).map { _ in UInt8(dice.below(256)) })
        case "TYPE":
            return .status(Array(dice.pick(["string", "hash", "list", "set", "zset", "stream", "none", "tree"]).utf8))
        case "PTTL": return .integer(dice.pick([-1, -2, 5_000, 86_400_000, 3_600_000]))
        case "MEMORY", "STRLEN", "HLEN", "LLEN", "SCARD", "ZCARD", "XLEN": return .integer(Int64(dice.below(100_000)))
        case "OBJECT": return second == "ENCODING" ? Self.text("listpack") : .integer(Int64(dice.below(9_000)))
        case "EXISTS", "UNLINK", "WAIT": return .integer(Int64(dice.below(2)))
        case "LRANGE": return .array((0..<dice.below(9)).map { _ in .string(dice.pick(Self.keys)) })
        case "ZRANGE":
            return .array(
                (0..<dice.below(5)).flatMap { _ -> [RESPValue] in
                    [.string(dice.pick(Self.keys)), Self.text("1.5")]
                })
        case "XINFO":
            let figures = [
                Self.text("name"), .string(dice.pick(Self.keys)), Self.text("consumers"), .integer(2),
                Self.text("pending"), .integer(Int64(dice.below(9_000))), Self.text("idle"), .integer(90_000),
                Self.text("last-delivered-id"), Self.text("1-1"),
            ]
            return .array([.array(figures), .array(figures)])
        case "HGETALL":
            return Self.list(
                "checkout-api/product/hits", String(dice.below(100_000)), "checkout-api/product/misses", "7",
                "search/rate:limit/load_ms", String(dice.below(9_000)), "checkout-api/at", "1795357927", "odd", "x")
        case "XREVRANGE": return .array([.array([Self.text("1-1"), Self.list("field", "value")])])
        case "EVALSHA_RO": return sweep(&dice)
        case "EVAL": return Self.text("1112")
        case "SCRIPT": return Self.text("e0e1f9fabfc9d4800c877a703b823ac0578ff8db")
        default: return .status(Array("OK".utf8))
        }
    }

    private func clients(_ dice: inout Dice) -> RESPValue {
        let lines = (0..<dice.below(40)).map { number in
            let name = dice.pick(["checkout-7f9c-\(number)", "", "cachewatch", "sentinel-6f1c0c2b-cmd"])
            return
                "id=\(number + dice.below(9)) addr=10.0.0.\(dice.below(4)):\(4000 + number) laddr=10.0.0.9:6379 fd=8 "
                + "name=\(name) age=\(dice.below(9_000)) idle=\(dice.below(900)) flags=\(dice.pick(["N", "b", "S", "P"])) "
                + "db=0 sub=0 psub=0 multi=-1 qbuf=26 omem=\(dice.below(1 << 22)) tot-mem=22298 events=r cmd=get "
                + "user=shop lib-name=jedis lib-ver=5.1 tot-net-in=\(dice.below(900)) tot-net-out=9 tot-cmds=3\n"
        }
        return Self.text(lines.joined())
    }

    private func slowlog(_ dice: inout Dice) -> RESPValue {
        .array(
            (0..<dice.below(6)).map { index in
                .array([
                    .integer(Int64(100 - index)), .integer(1_795_357_927), .integer(Int64(dice.below(1_000_000))),
                    dice.pick([Self.list("KEYS", "*"), Self.list("GET", "session:1"), Self.list("FLUSHALL")]),
                    Self.text("10.0.0.1:5000"), Self.text("web-1"),
                ])
            })
    }

    private func cluster(_ question: String, _ dice: inout Dice) -> RESPValue {
        func node(_ number: Int, _ role: String) -> RESPValue {
            .array([
                Self.text("id"), Self.text(String(repeating: "\(number)", count: 40)), Self.text("port"),
                .integer(Int64(7000 + number)), Self.text("ip"), Self.text("10.0.0.\(number)"), Self.text("endpoint"),
                Self.text("10.0.0.\(number)"), Self.text("role"), Self.text(role), Self.text("replication-offset"),
                .integer(72_156), Self.text("health"), Self.text("online"),
            ])
        }
        switch question {
        case "SHARDS":
            var shards: [RESPValue] = []
            for (index, first) in [0, 5461, 10923].enumerated() {
                let slots: [RESPValue] = [.integer(Int64(first)), .integer(Int64(min(16383, first + 5460)))]
                let nodes: [RESPValue] = [node(index, "master"), node(index + 3, "replica")]
                shards.append(.array([Self.text("slots"), .array(slots), Self.text("nodes"), .array(nodes)]))
            }
            return .array(shards)
        case "SLOTS":
            return .array([
                .array([
                    .integer(0), .integer(16383),
                    .array([Self.text("10.0.0.1"), .integer(7001), Self.text("abc"), .array([])]),
                    .array([Self.text("10.0.0.2"), .integer(7002), Self.text("abd"), Self.list("hostname", "b")]),
                ])
            ])
        case "INFO":
            return Self.text(
                "cluster_state:ok\r\ncluster_slots_fail:0\r\ncluster_slots_pfail:0\r\ncluster_current_epoch:6\r\n")
        case "NODES":
            return Self.text(
                "\(String(repeating: "a", count: 40)) 10.0.0.1:7001@17001 myself,master - 0 0 9 connected 0-99 200 [99->-bb]\n"
            )
        default: return .array((0..<dice.below(20)).map { _ in .string(dice.pick(Self.keys)) })
        }
    }

    private func sentinel(_ question: String) -> RESPValue {
        func member(_ number: Int, _ flags: String) -> RESPValue {
            Self.list(
                "name", "mymaster", "ip", "10.0.0.\(number)", "port", "6379", "flags", flags, "quorum", "2",
                "config-epoch", "7")
        }
        switch question {
        case "MASTER": return member(1, "master")
        case "REPLICAS": return .array([member(2, "slave"), member(3, "slave,s_down")])
        case "SENTINELS": return .array([member(4, "sentinel"), member(5, "sentinel")])
        case "CKQUORUM": return .status(Array("OK 3 usable Sentinels".utf8))
        default: return Self.list("10.0.0.1", "6379")
        }
    }

    /// What ``SweepScript`` returns.
    private func sweep(_ dice: inout Dice) -> RESPValue {
        func number(_ limit: Int) -> RESPValue { .integer(Int64(dice.below(limit))) }
        func list(_ values: RESPValue...) -> RESPValue { .array(values) }
        func key() -> RESPValue { .string(dice.pick(Self.keys)) }
        var parts: [RESPValue] = [Self.text("0"), number(99), number(99)]
        for _ in 0..<dice.below(4) {
            var row = [number(12)]
            for _ in 0..<12 { row.append(number(500)) }
            row.append(list(number(300), number(9), number(300), number(9)))
            row.append(list(number(66), number(9)))
            row.append(list(number(8), number(9)))
            row.append(list(key()))
            row.append(list(key(), number(1 << 30), number(8)))
            row.append(list(key(), .integer(-1)))
            parts.append(.array(row))
        }
        let sums = (0..<7).map { _ in number(999) }
        parts.append(list(.array([key()] + sums)))
        return .array(parts)
    }
}
