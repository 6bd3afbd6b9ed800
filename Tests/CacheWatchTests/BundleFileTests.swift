import CacheModel
import Foundation
import Glibc
import Support
import Testing

@testable import CacheWatch

/// A file that is whole or not there.
@Suite struct BundleFileTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/b.tar.gz" }
    private static let time = WallTime(seconds: 1_795_597_200)

    init() throws {
        folder = try TemporaryFolder()
        // As the program does: a gzip that has ended is no reason to end.
        signal(SIGPIPE, SIG_IGN)
    }

    private static func fill(_ tar: TarWriter) throws {
        try tar.folder("F", at: time)
        try tar.file("F/one.txt", "one\n", at: time)
        let spool = try Spool()
        // More than one read of it.
        for number in 0..<20_000 { try spool.append("line \(number) of many, so that it is long\n") }
        try tar.file("F/many.txt", spool, at: time)
        try tar.file("F/none.txt", "", at: time)
    }

    private func write(
        _ path: String? = nil, replaces: Bool = false, gzip: String = "gzip", hasNameless: Bool = true
    ) throws {
        try BundleFile.write(
            to: path ?? self.path, replaces: replaces, gzip: gzip, hasNameless: hasNameless, Self.fill)
    }

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
    }

    /// What the system's tar makes of it.
    private func unpacked(_ path: String) throws -> [String: String] {
        let into = folder.path + "/into"
        try FileManager.default.createDirectory(atPath: into, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: into) }
        let result = try Program.run(["tar", "xf", path, "-C", into])
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        var files: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: into + "/F") {
            files[name] = try String(contentsOfFile: "\(into)/F/\(name)", encoding: .utf8)
        }
        return files
    }

    @Test(arguments: ["b.tar.gz", "b.tgz", "b.tar", "bundle"]) func tarReadsIt(name: String) throws {
        let path = folder.path + "/" + name
        try write(path)
        let files = try unpacked(path)
        #expect(files.keys.sorted() == ["many.txt", "none.txt", "one.txt"])
        #expect(files["one.txt"] == "one\n" && files["none.txt"]?.isEmpty == true)
        let lines = files["many.txt"]?.split(separator: "\n") ?? []
        #expect(lines.count == 20_000 && lines.last == "line 19999 of many, so that it is long")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect((bytes.prefix(2) == Data([0x1f, 0x8b])) == (name != "b.tar"))
        // No time and no name stands in what gzip writes in front.
        if name != "b.tar" { #expect(bytes[3] == 0 && bytes[4..<8].allSatisfy { $0 == 0 }) }
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        try write(path, replaces: true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes && names == [name])
    }

    @Test func nothingIsReplacedUnasked() throws {
        try Data("mine".utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: "nowhere")
        for path in [path, folder.path + "/link", folder.path] {
            #expect(throws: CacheError.self) { try write(path) }
            #expect(throws: CacheError.self) { try BundleFile.requireRoom(at: path, replaces: false) }
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine" && names == ["b.tar.gz", "link"])
        // A link leads where it led.
        try FileManager.default.removeItem(atPath: folder.path + "/link")
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: "b.tar.gz")
        try write(folder.path + "/link", replaces: true)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.path + "/link") == "b.tar.gz")
        #expect(try unpacked(path).count == 3 && names == ["b.tar.gz", "link"])
        #expect(throws: CacheError.self) { try write(folder.path, replaces: true) }
    }

    /// Somebody may have put one there while it was made.
    @Test func oneThatCameMeanwhileStays() throws {
        #expect(throws: CacheError.self) {
            try BundleFile.write(to: path, replaces: false) { tar in
                try Self.fill(tar)
                try Data("mine".utf8).write(to: URL(fileURLWithPath: path))
            }
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine" && names == ["b.tar.gz"])
    }

    /// Some file systems know none without a name: there it has another one until it is whole.
    @Test func aFileSystemWithoutNamelessFilesIsNone() throws {
        try write(hasNameless: false)
        #expect(try unpacked(path).count == 3 && names == ["b.tar.gz"])
        #expect(throws: CacheError.self) { try write(hasNameless: false) }
        try write(replaces: true, hasNameless: false)
        #expect(throws: CacheError.self) { try write(folder.path + "/c.tgz", gzip: "false", hasNameless: false) }
        #expect(try names == ["b.tar.gz"])
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    private struct Stop: Error {}

    @Test func whatIsNotWholeIsNotThere() throws {
        for name in ["b.tar.gz", "b.tar"] {
            #expect(throws: Stop.self) {
                try BundleFile.write(to: folder.path + "/" + name, replaces: true) { tar in
                    try Self.fill(tar)
                    throw Stop()
                }
            }
        }
        #expect(try names.isEmpty)
    }

    @Test func whatCannotBeWrittenIsNamed() throws {
        func words(_ path: String, _ gzip: String = "gzip") -> String {
            do { try write(path, gzip: gzip) } catch { return "\(error)" }
            return ""
        }
        #expect(words("/dev/full").contains("free some space"))
        #expect(words(folder.path + "/no/b.tgz").contains("make its folder first"))
        #expect(words("/proc/b.tgz").contains("cannot be written"))
        #expect(words("/dev/null").isEmpty)
        #expect(words(path, "no-gzip").contains("a name that ends with .tar is written unpacked"))
        #expect(words(path, "false").contains("false failed"))
        #expect(words(folder.path + "/b.tar", "no-gzip").isEmpty)
        #expect(try names == ["b.tar"])
    }

    @Test func theSameComesForStandardOutput() throws {
        try write()
        var bytes: [UInt8] = []
        try BundleFile.pack(Self.fill).read { bytes += $0 }
        #expect(try Data(bytes) == Data(contentsOf: URL(fileURLWithPath: path)))
    }
}
