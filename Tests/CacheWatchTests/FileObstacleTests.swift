import Foundation
import Glibc
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

/// Every way to write a file, against whatever may stand in its place.
@Suite struct FileObstacleTests {
    enum Way: String, CaseIterable, Sendable {
        /// The log, the ledger, and the audit where it belongs.
        case ours
        /// `audit_file`.
        case named
        case journal
        /// `--output`.
        case report

        func write(_ path: String) throws(CacheError) {
            let bytes = Array("new\n".utf8)
            switch self {
            case .ours: try OutputFile(path: path, exclusive: false, isPrivate: true).append(lines: bytes)
            case .named: try OutputFile(path: path, exclusive: false).append(lines: bytes)
            case .journal: try OutputFile(path: path, exclusive: true).write(bytes)
            case .report: try ReportFile.write("new\n", to: path)
            }
        }
    }

    enum Obstacle: String, CaseIterable, Sendable {
        case nothing, file, link, linkToNothing, pipe, folder, noFolder, belowAFile, fullDisk
    }

    /// What is said; nil where it is written.
    private static func due(_ way: Way, _ obstacle: Obstacle) -> String? {
        switch (way, obstacle) {
        case (_, .nothing): nil
        case (_, .noFolder): "make its folder first"
        case (_, .belowAFile): "Not a directory"
        case (.journal, _): "choose another name"
        case (_, .folder): "name a file in it"
        case (_, .fullDisk): "free some space"
        case (.report, _), (_, .file), (.named, .pipe): nil
        case (_, .link), (_, .linkToNothing): "it is a link"
        case (.ours, .pipe): "it is a pipe"
        }
    }

    private let folder: TemporaryFolder
    private var path: String { folder.path + "/target" }

    init() throws { folder = try TemporaryFolder() }

    /// - Returns: where it is to be written.
    private func arrange(_ obstacle: Obstacle) throws -> String {
        let manager = FileManager.default
        switch obstacle {
        case .nothing: break
        case .file: _ = try folder.write("before\n", to: "target", mode: 0o640)
        case .link, .linkToNothing:
            if obstacle == .link { _ = try folder.write("before\n", to: "led", mode: 0o640) }
            try manager.createSymbolicLink(atPath: path, withDestinationPath: "led")
        case .pipe: try #require(mkfifo(path, 0o600) == 0)
        case .folder: try manager.createDirectory(atPath: path, withIntermediateDirectories: false)
        case .noFolder: return folder.path + "/no/target"
        case .belowAFile: return try folder.write("before\n", to: "target") + "/below"
        case .fullDisk: return "/dev/full"
        }
        return path
    }

    private func text(_ name: String) -> String? {
        try? String(contentsOfFile: folder.path + "/" + name, encoding: .utf8)
    }

    private func mode(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: folder.path + "/" + name)[.posixPermissions] as? Int
    }

    @Test(arguments: Way.allCases, Obstacle.allCases)
    func itIsWrittenAsItShouldBeOrRefusedWithAWord(_ way: Way, _ obstacle: Obstacle) throws {
        let target = try arrange(obstacle)
        let reader = obstacle == .pipe ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1
        defer { if reader >= 0 { close(reader) } }
        if let words = Self.due(way, obstacle) {
            let error = #expect(throws: CacheError.self) { try way.write(target) }
            #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
            if obstacle == .link { #expect(text("led") == "before\n") }
            if obstacle == .linkToNothing { #expect(text("led") == nil) }
            if obstacle == .file { #expect(text("target") == "before\n") }
        } else {
            try way.write(target)
            switch obstacle {
            case .nothing:
                #expect(text("target") == "new\n")
                if way != .report { #expect(try mode("target") == 0o600) }
            case .file:
                #expect(text("target") == (way == .report ? "new\n" : "before\nnew\n"))
                #expect(try mode("target") == (way == .ours ? 0o600 : 0o640))
            case .link, .linkToNothing:
                #expect(text("led") == "new\n")
                if obstacle == .link { #expect(try mode("led") == 0o640) }
            case .pipe:
                var buffer = [UInt8](repeating: 0, count: 64)
                let count = read(reader, &buffer, buffer.count)
                #expect(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self) == "new\n")
            default: Issue.record("it should not be written")
            }
        }
        // What was there is of the kind that it was, and nothing is left beside it.
        switch obstacle {
        case .link, .linkToNothing:
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == "led")
        case .pipe:
            var status = stat()
            #expect(lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
        default: break
        }
        let names = Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
        #expect(names.isSubset(of: ["target", "led"]), "\(names)")
    }

    /// It could be replaced by another one of the same mode, and whoever made it so does not want that.
    @Test(.enabled(if: geteuid() != 0, "the administrator may write anywhere"), arguments: Way.allCases)
    func whatMayOnlyBeReadIsNotWritten(way: Way) throws {
        _ = try folder.write("before\n", to: "target", mode: 0o400)
        let error = #expect(throws: CacheError.self) { try way.write(path) }
        #expect(error?.description.contains(way == .journal ? "choose another name" : "check who owns it") == true)
        #expect(text("target") == "before\n")
    }

    /// Whoever owns a file may change what is noted in it; the administrator may in any case.
    @Test(
        arguments: [
            (S_IFREG, 1000, 1001, true), (S_IFREG, 1001, 1001, false), (S_IFREG, 0, 1001, false),
            (S_IFREG, 1000, 0, false), (S_IFCHR, 1000, 1001, false),
        ] as [(mode_t, uid_t, uid_t, Bool)])
    func aFileOfSomebodyElseIsNotOurs(kind: mode_t, owner: uid_t, user: uid_t, isForeign: Bool) {
        #expect(OutputFile.isForeign(kind, owner: owner, user: user) == isForeign)
    }

    @Test func aNameThatIsTakenIsRefusedWhateverHasIt() throws {
        try OperationFiles.requireNew(path)
        for obstacle in [Obstacle.linkToNothing, .pipe, .folder, .file] {
            _ = try arrange(obstacle)
            let error = #expect(throws: CacheError.self) { try OperationFiles.requireNew(path) }
            #expect(error?.description.contains("choose another name") == true)
            try FileManager.default.removeItem(atPath: path)
        }
    }

    // MARK: what is read

    @Test func aJournalIsAFile() throws {
        for obstacle in [Obstacle.pipe, .folder] {
            let target = try arrange(obstacle)
            let error = #expect(throws: CacheError.self) { _ = try JournalReader.check(path: target) }
            #expect(error?.description.contains("it is not a file") == true)
            try FileManager.default.removeItem(atPath: path)
        }
        #expect(throws: CacheError.self) { _ = try JournalReader.check(path: "/dev/zero") }
    }

    @Test func whatHasNoEndIsNotReadToIt() {
        for (path, words) in [
            ("/dev/zero", "larger than 1 MiB"), ("/dev", "it is a folder"), ("/nowhere/x", "there is no such file"),
            ("/dev/null/x", "Not a directory"),
        ] {
            let issue = #expect(throws: SettingsIssue.self) { _ = try TextFile.text(of: path) }
            #expect(issue?.message.contains(words) == true, "\(path): \(issue?.message ?? "")")
        }
    }
}
