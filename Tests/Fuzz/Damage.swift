import CacheModel

/// What somebody hostile, broken or of another make does to replies.
struct Damage {
    /// Of how many values one is damaged.
    let rarity: Int

    static let numbers: [Int64] = [
        .min, .min + 1, -1_000_000_000_000, -2, -1, 0, 1, 2, 1 << 31, 1 << 32, 1 << 42, 1 << 50, 1 << 53,
        1_000_000_000_000_000, 1_000_000_000_000_000_000, .max / 1000, .max / 2, .max - 1, .max,
    ]
    private static let numerals = [
        "-9223372036854775809", "9223372036854775808", "99999999999999999999999", "1e400", "-1e308", "1.7e308", "nan",
        "inf", "-inf", "-0", "+5", " 5", "5 ", "0x10", "", "-", "1.5", "٣", "1_000",
    ]
    private static let words: [[UInt8]] = {
        let texts = [
            "\u{1b}[2J\u{1b}]0;x\u{7}", "\u{202e}abc\u{2066}", "a\r\nb\tc\0d", "ok", "up", "master", "slave",
            "sentinel", "?",
            "none", "0", "10.0.0.1:70000", "[::1]:1", "a=1,b=2,c", "keys=1,expires=2,avg_ttl=3",
            "\u{85}\u{2028}\u{feff}", "\u{e000}",
        ]
        var words: [[UInt8]] = [[0xff, 0xc0, 0x80], [0x9b, 0x32, 0x4a], [UInt8](repeating: 0x61, count: 3000)]
        for text in texts { words.append(Array(text.utf8)) }
        return words
    }()
    private static let errors = [
        "ERR unknown command", "NOPERM this user has no permissions", "LOADING Redis is loading",
        "MOVED 1 10.0.0.9:7000",
        "ASK 99999 :0", "TRYAGAIN", "CLUSTERDOWN", "NOAUTH", "WRONGTYPE", "READONLY", "BUSY", "OOM", "\u{1b}[31mERR",
        "",
        "MOVED 16384 ?:1", "MASTERDOWN", "NOQUORUM no",
    ]

    func damaged(_ value: RESPValue, _ dice: inout Dice, depth: Int = 0) -> RESPValue {
        if dice.once(in: rarity) { return other(value, &dice, depth) }
        switch value {
        case .array(let items): return .array(items.map { damaged($0, &dice, depth: depth + 1) })
        case .string(let bytes) where bytes.count > 200: return .string(text(bytes, &dice))
        case .string(let bytes) where bytes.contains(0x3a) && bytes.contains(0x0a): return .string(text(bytes, &dice))
        default: return value
        }
    }

    /// Something else in its place.
    private func other(_ value: RESPValue, _ dice: inout Dice, _ depth: Int) -> RESPValue {
        if case .array(var items) = value, !dice.once(in: 3) {
            switch dice.below(6) {
            case 0 where !items.isEmpty: items.remove(at: dice.below(items.count))
            case 1 where !items.isEmpty: items.append(dice.pick(items))
            case 2 where items.count > 1: items.swapAt(dice.below(items.count), dice.below(items.count))
            case 3 where !items.isEmpty: items = (0..<dice.pick([50, 500, 3000])).map { items[$0 % items.count] }
            case 4: items = Array(items.prefix(dice.below(items.count)))
            default: items.insert(scalar(&dice), at: dice.below(items.count + 1))
            }
            return .array(items)
        }
        if dice.once(in: 6), depth < 5 {
            return .array((0..<dice.below(4)).map { _ in other(value, &dice, depth + 1) })
        }
        return scalar(&dice)
    }

    private func scalar(_ dice: inout Dice) -> RESPValue {
        switch dice.below(8) {
        case 0: .null
        case 1, 2: .integer(dice.pick(Self.numbers))
        case 3: .string(Array(dice.pick(Self.numerals).utf8))
        case 4: .string(Array(String(dice.pick(Self.numbers)).utf8))
        case 5: .string(dice.pick(Self.words))
        case 6: .error(Array(dice.pick(Self.errors).utf8))
        default: dice.once(in: 2) ? .status(dice.pick(Self.words)) : .array([])
        }
    }

    /// Lines of names and values: some with other numbers, other words, another line's name, or cut.
    private func text(_ bytes: [UInt8], _ dice: inout Dice) -> [UInt8] {
        var lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false).map(Array.init)
        for index in lines.indices where dice.once(in: rarity * 2) {
            switch dice.below(6) {
            case 0: lines[index] = dice.pick(lines)
            case 1: lines[index] = []
            case 2: lines[index] = Array(lines[index].prefix(dice.below(lines[index].count + 1)))
            case 3: lines[index] = Array(lines[index].prefix { $0 != 0x3a }) + [0x3a] + dice.pick(Self.words)
            default: lines[index] = numbers(in: lines[index], &dice)
            }
        }
        return Array(lines.joined(separator: [0x0a]))
    }

    /// Every number behind the name becomes another one.
    private func numbers(in line: [UInt8], _ dice: inout Dice) -> [UInt8] {
        let colon = line.firstIndex { $0 == 0x3a || $0 == 0x20 } ?? line.startIndex
        var result = Array(line[..<colon])
        var rest = line[colon...]
        while let first = rest.first {
            if (0x30...0x39).contains(first) {
                rest = rest.drop { (0x30...0x39).contains($0) || $0 == 0x2e }
                result += Array((dice.once(in: 3) ? dice.pick(Self.numerals) : String(dice.pick(Self.numbers))).utf8)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}

/// Values as bytes, as servers send them, or as those of another protocol do.
struct Wire {
    /// Of how many arrays, numbers and nulls one is written as RESP3 has it; nil for none.
    var resp3: Int?

    func bytes(_ value: RESPValue, _ dice: inout Dice) -> [UInt8] {
        func bulk(_ sign: String, _ bytes: [UInt8]) -> [UInt8] {
            Array("\(sign)\(bytes.count)\r\n".utf8) + bytes + [13, 10]
        }
        func line(_ sign: String, _ bytes: [UInt8]) -> [UInt8] {
            Array(sign.utf8) + bytes.filter { $0 != 13 && $0 != 10 } + [13, 10]
        }
        let isNew = resp3.map { dice.once(in: $0) } ?? false
        switch value {
        case .string(let bytes): return isNew ? bulk("=", Array("txt:".utf8) + bytes) : bulk("$", bytes)
        case .status(let bytes): return line("+", bytes)
        case .error(let bytes): return line("-", bytes)
        case .integer(let number):
            return isNew
                ? Array(dice.pick([",\(number).5\r\n", "#t\r\n", "(\(number)0000000000\r\n"]).utf8)
                : Array(":\(number)\r\n".utf8)
        case .null: return Array((isNew ? "_\r\n" : dice.once(in: 2) ? "$-1\r\n" : "*-1\r\n").utf8)
        case .array(let items):
            let sign = isNew ? dice.pick(["%", "~", ">"]) : "*"
            let count = sign == "%" ? items.count / 2 : items.count
            return Array("\(sign)\(count)\r\n".utf8) + items.flatMap { bytes($0, &dice) }
        }
    }
}
