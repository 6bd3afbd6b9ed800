// Times what the dashboard works out, without a terminal and a server: a key press to its frame, and a poll to its frame.
// Run by `scripts/bench dashboard`. Arguments: how many keys are listed, one or more.
import CacheModel
import Dashboard
import Glibc
import TerminalUI

/// Milliseconds of this thread's CPU.
func time(_ body: () -> Void) -> Double {
    func now() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
        return Double(now.tv_sec) * 1e3 + Double(now.tv_nsec) / 1e6
    }
    let start = now()
    body()
    return now() - start
}

func words(_ times: [Double]) -> String {
    let sorted = times.sorted()
    return [sorted[sorted.count / 2], sorted[sorted.count * 99 / 100], sorted[sorted.count - 1]].map { time in
        let hundredths = Int((time * 100).rounded())
        let text = "\(hundredths / 100)." + (hundredths % 100 < 10 ? "0" : "") + "\(hundredths % 100)"
        return String(repeating: " ", count: max(0, 8 - text.count)) + text
    }.joined()
}

struct Scene {
    var state: DashboardState
    var seconds = 0
    let info: ServerInfo
    /// The key whose value was asked for last.
    var asked: (key: [UInt8], ticket: Int)?

    init(keys: Int, info: ServerInfo) {
        self.info = info
        let start = WallTime(milliseconds: 1_795_357_927_412)
        var options = DashboardOptions(target: "redis://cache-1:6379/0", themes: ["dark"])
        options.mostKeys = keys
        state = DashboardState(options: options, interval: .seconds(1), theme: "dark", now: start)
        _ = state.update(.terminal(.resize(Size(columns: 120, rows: 36))))
        poll()
        press(.character("3"))
        fill(keys, ticket: 0)
    }

    /// Answers what the list asks for.
    mutating func fill(_ keys: Int, ticket: Int) {
        for begin in stride(from: 0, to: keys, by: 1000) {
            var page = KeyPage()
            page.rows = (begin..<min(keys, begin + 1000)).map { number in
                KeyRow(
                    name: Array("session:user:\(number &* 7919 % 1_000_003):cart".utf8),
                    facts: KeyFacts(
                        type: .string, lifetime: .milliseconds(number &* 7919 % 3_600_000),
                        bytes: number &* 104_729 % 10_000))
            }
            page.cursor = [49]
            (page.total, page.examined) = (5_000_000, 1000)
            note(state.update(.keys(.page(page, ticket: ticket))))
            press(.end)
        }
        press(.home)
    }

    mutating func press(_ key: Key) { draw(.terminal(.key(key))) }

    mutating func poll() {
        seconds += 1
        var node = NodeSnapshot(address: "cache-1:6379")
        node.info = info
        node.keys = 5_000_000
        node.slowlog = (0..<128).map {
            SlowlogEntry(
                id: seconds * 4 + $0, at: WallTime(milliseconds: 1_795_357_927_412), duration: .milliseconds(12 + $0),
                command: ["KEYS", "product:*"], client: "10.0.3.7:4411", clientName: "shop")
        }
        draw(
            .snapshotArrived(
                Snapshot(
                    takenAt: WallTime(milliseconds: 1_795_357_927_412 + Int64(seconds) * 1000),
                    elapsed: .seconds(seconds), target: "redis://cache-1:6379/0", nodes: [node])))
    }

    private mutating func note(_ effects: [Effect]) {
        for case .inspect(let key, _, let ticket) in effects { asked = (key, ticket) }
    }

    /// Shows as much of a string as is fetched at once, whichever key is asked for.
    mutating func open(_ value: [UInt8]) {
        guard let (key, ticket) = asked else { return }
        asked = nil
        defer { if asked != nil { open(value) } }
        var inspection = KeyInspection(key: key, typeName: "string")
        (inspection.type, inspection.length) = (.string, value.count)
        inspection.content.elements = [KeyContent.Element(value: value)]
        draw(.keys(.inspected(inspection, ticket: ticket)))
    }

    mutating func draw(_ action: Action) {
        note(state.update(action))
        state.noteDrawn(state.render(), at: .seconds(seconds))
    }

    mutating func measure(_ what: String, _ keys: [Key], count: Int = 200) {
        var times: [Double] = []
        for index in 0..<count { times.append(time { press(keys[index % keys.count]) }) }
        var polls: [Double] = []
        for _ in 0..<count { polls.append(time { poll() }) }
        let title = what + String(repeating: " ", count: max(0, 34 - what.count))
        print("\(title) key\(words(times))   poll\(words(polls))")
    }
}

for count in CommandLine.arguments.dropFirst().compactMap({ Int($0) }) {
    print("\(count) keys listed; ms of CPU: p50, p99, max")
    var scene = Scene(keys: count, info: ServerInfo())
    scene.measure("keys", [.down])
    scene.press(.character("/"))
    scene.measure(
        "keys, typing a filter",
        [
            .character("u"), .character("s"), .character("e"), .character("r"), .character(":"), .character("1"),
            .backspace, .backspace, .backspace, .backspace, .backspace, .backspace,
        ], count: 192)
    for character in "user:1" { scene.press(.character(character)) }
    scene.press(.enter)
    scene.fill(count, ticket: 1)
    scene.press(.home)
    scene.measure("keys, filtered", [.down])
    for (order, words) in [(1, "name"), (2, "size"), (3, "TTL")] {
        _ = order
        scene.press(.character("o"))
        scene.measure("keys, filtered, by \(words)", [.down])
    }
    let item = #"{"sku":"A-17","name":"Caf\u00e9","at":1795357927,"tags":[]}"#
    let json = "[" + Array(repeating: item, count: 65_000 / item.utf8.count).joined(separator: ",") + "]"
    scene.open(Array(json.utf8))
    scene.measure("value of 64 KiB, opened, closed", [.enter, .escape])
    scene.press(.enter)
    scene.measure("value of 64 KiB", [.down, .pageDown, .end, .home])
    scene.measure("value of 64 KiB, as text, hex, JSON", [.character("v")])
    scene.press(.escape)
    for (screen, name) in [
        ("1", "overview"), ("2", "namespaces"), ("4", "slow log"), ("5", "clients"), ("6", "commands"), ("7", "nodes"),
        ("8", "alerts"),
    ] {
        scene.press(.character(Character(screen)))
        scene.measure(name, [.character("]"), .character("[")])
    }
    scene.press(.character("4"))
    scene.press(.character("/"))
    for character in "keys" { scene.press(.character(character)) }
    scene.press(.enter)
    scene.measure("slow log, filtered", [.down])
}
