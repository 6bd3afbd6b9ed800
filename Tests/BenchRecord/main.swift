import CacheModel
import CacheWatch
import Foundation
import Recording

/// What a recording costs: `write URL FOLDER HOURS` makes one of a server's own snapshots, `read FOLDER` opens it.

let arguments = CommandLine.arguments
let clock = ContinuousClock()

func microseconds(_ duration: Duration) -> Double { duration / .microseconds(1) }

func print(_ what: String, _ figure: Double, _ unit: String) {
    let shown = String(format: figure < 100 ? "%.2f" : "%.0f", figure)
    print(what.padding(toLength: 44, withPad: " ", startingAt: 0) + shown + " " + unit)
}

/// The largest that this process has been, in MiB.
func peak() -> Double {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") } ?? ""
    return (Double(line.filter(\.isNumber)) ?? 0) / 1024
}

/// A minute of a server that is busy, and a look at its keys and at its clients.
func collect(_ url: String) async throws -> [Snapshot] {
    let settings = try SettingsSources(url: url, configurationPath: nil, environment: [:]).settings()
    let collector = SnapshotCollector(settings: settings)
    var snapshots: [Snapshot] = []
    let keys = await collector.surveyor.estimate()
    let clients = await collector.clients.look()
    for _ in 0..<60 {
        var snapshot = await collector.collect()
        (snapshot.namespaces, snapshot.clients) = (keys, clients)
        snapshots.append(snapshot)
        try await Task.sleep(for: .milliseconds(100))
    }
    await collector.close()
    return snapshots
}

/// Second by second, with counters that rise.
func second(_ number: Int, of snapshots: [Snapshot], from began: WallTime) -> Snapshot {
    var snapshot = snapshots[number % snapshots.count]
    snapshot.takenAt = began.adding(.seconds(number))
    snapshot.elapsed = .seconds(number) + .nanoseconds(number % 997 * 1001)
    snapshot.namespaces?.elapsed = .seconds(number / 60 * 60)
    snapshot.clients?.elapsed = .seconds(number / 10 * 10)
    for index in snapshot.nodes.indices {
        snapshot.nodes[index].info?.stats.commandsProcessed = 10_000_000 + number * 18_204 + number % 13
        snapshot.nodes[index].info?.stats.keyspaceHits = 9_000_000 + number * 16_100 + number % 7
        snapshot.nodes[index].info?.server.uptime = 100_000 + number
        snapshot.nodes[index].info?.server.time = snapshot.takenAt
    }
    return snapshot
}

func write(_ url: String, _ folder: String, hours: Int) async throws {
    let snapshots = try await collect(url)
    let header = RecordHeader(target: url)
    var course = RecordCourse(header)
    // 2026-11-25 00:00 UTC.
    let began = WallTime(seconds: 1_795_564_800)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var (lines, bytes, writing, noting) = (0, 0, Duration.zero, Duration.zero)
    var kinds: [RecordKind: (lines: Int, bytes: Int)] = [:]
    for hour in 0..<hours {
        let path = "\(folder)/\(SegmentName(at: began.adding(.seconds(hour * 3600))).text)"
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        guard let file = FileHandle(forWritingAtPath: path) else { fatalError(path) }
        for number in hour * 3600..<(hour + 1) * 3600 {
            let snapshot = second(number, of: snapshots, from: began)
            let start = clock.now
            let entries =
                (number % 3600 == 0 ? course.beginSegment() : []) + course.note(snapshot, [], raised: [])
            noting += clock.now - start
            for entry in entries {
                let start = clock.now
                let line = RecordLine.encode(entry, time: snapshot.takenAt, monotonic: .seconds(number))
                writing += clock.now - start
                (lines, bytes) = (lines + 1, bytes + line.count)
                kinds[entry.kind, default: (0, 0)].lines += 1
                kinds[entry.kind, default: (0, 0)].bytes += line.count
                try file.write(contentsOf: line)
            }
        }
        try file.close()
    }
    for (kind, sum) in kinds.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        print("\(kind.rawValue): bytes of a line", Double(sum.bytes) / Double(sum.lines), "B, \(sum.lines) lines")
    }
    print("what to write of a snapshot", microseconds(noting) / Double(hours * 3600), "µs")
    print("a line as bytes", microseconds(writing) / Double(lines), "µs")
    print("an hour, growing", Double(bytes) / Double(hours) / 1e6, "MB")
}

func read(_ folder: String) throws {
    var start = clock.now
    let archive = try RecordArchive.open(folder)
    print("opened, \(archive.segments.count) segments", microseconds(clock.now - start) / 1000, "ms")
    start = clock.now
    var lines = 0
    for segment in archive.segments.indices { lines += try archive.index(of: segment).lines.count }
    print("all indexed, \(lines) lines", microseconds(clock.now - start) / 1000, "ms")
    var (cold, warm, decoding) = ([Duration](), [Duration](), [Duration]())
    for turn in 0..<200 {
        let segment = turn < 20 ? turn * 7 % archive.segments.count : archive.segments.count - 1
        let start = clock.now
        let index = try archive.index(of: segment)
        guard let time = index.span.map({ $0.lowerBound.adding(.seconds(Int.random(in: 0..<3600))) }),
            let line = index.line(at: time)
        else { continue }
        var assembly = try archive.assembly(before: line, of: segment)
        let entry = clock.now
        guard let found = try archive.entry(line, of: segment), assembly.take(found) != nil else { fatalError() }
        decoding.append(clock.now - entry)
        if turn < 20 { cold.append(clock.now - start) } else { warm.append(clock.now - start) }
    }
    print("seek in another segment, slowest of 20", microseconds(cold.max() ?? .zero) / 1000, "ms")
    print("seek in the same, slowest of 180", microseconds(warm.max() ?? .zero) / 1000, "ms")
    print("a snapshot's line read, median", microseconds(decoding.sorted()[decoding.count / 2]), "µs")
    print("memory", peak(), "MiB")
}

switch arguments.dropFirst().first {
case "write": try await write(arguments[2], arguments[3], hours: Int(arguments[4]) ?? 24)
case "read": try read(arguments[2])
default: print("write URL FOLDER HOURS | read FOLDER")
}
