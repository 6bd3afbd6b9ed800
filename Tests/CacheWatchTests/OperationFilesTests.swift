import Foundation
import Support
import Testing

@testable import CacheCore
@testable import CacheWatch
@testable import CacheWire

@Suite struct OperationFilesTests {
    @Test(arguments: [
        ("/a/b", "/a"), ("/a", "/"), ("/", "/"), ("a", "."), ("a/b", "a"), ("/a/b/", "/a"), ("/a//b", "/a"),
        ("./a", "."),
    ])
    func everyFileHasAFolder(path: String, folder: String) { #expect(Folder.parent(of: path) == folder) }

    /// A power cut takes no folder back that holds a journal: each that gets a new name in it goes to the disk, too.
    @Test(
        arguments: [
            ("/s/cachewatch/journals", ["/", "/s"], ["/s", "/s/cachewatch"]),
            ("/s/cachewatch/journals", ["/", "/s", "/s/cachewatch"], ["/s/cachewatch"]),
            ("/s/cachewatch/journals", ["/", "/s", "/s/cachewatch", "/s/cachewatch/journals"], []),
            ("state/journals", ["."], [".", "state"]), ("/x", [], ["/"]), ("x", [], ["."]),
        ] as [(String, [String], [String])])
    func namesOfNewFoldersAreSynchronized(path: String, there: [String], parents: [String]) {
        #expect(OperationFiles.parents(ofNew: path) { there.contains($0) } == parents)
    }

    @Test func foldersAreMadeForTheirOwnerAlone() throws {
        let folder = try TemporaryFolder()
        try OperationFiles.makeFolder(folder.path + "/a/b")
        for name in ["/a", "/a/b"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.path + name)
            #expect(attributes[.posixPermissions] as? Int == 0o700)
        }
        try Folder.synchronize(folder.path)
        try Folder.synchronize(folder.path + "/not-there")
    }

    /// Whoever may write there could change what undo brings back.
    @Test func foldersThatAreThereAreTakenFromOthers() throws {
        let folder = try TemporaryFolder()
        let files = OperationFiles(directory: folder.path + "/state")
        for mode in [0o777, 0o755, 0o770] {
            for path in [files.directory, files.journals] {
                try OperationFiles.makeFolder(path)
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            }
            var settings = Settings()
            settings.endpoint = try Endpoint(url: "redis://127.0.0.1:1")
            _ = CacheOperations(settings: settings, files: files, actor: AuditLog.Actor(user: "tester"))
            for path in [files.directory, files.journals] {
                let attributes = try FileManager.default.attributesOfItem(atPath: path)
                #expect(attributes[.posixPermissions] as? Int == 0o700, "\(path)")
            }
        }
        // What a link leads to is its owner's business, and what is not there is not made.
        let (elsewhere, linked) = (folder.path + "/elsewhere", OperationFiles(directory: folder.path + "/linked"))
        try OperationFiles.makeFolder(elsewhere)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: elsewhere)
        try FileManager.default.createSymbolicLink(atPath: linked.directory, withDestinationPath: elsewhere)
        linked.closeToOthers()
        #expect(try FileManager.default.attributesOfItem(atPath: elsewhere)[.posixPermissions] as? Int == 0o755)
        #expect(!FileManager.default.fileExists(atPath: linked.journals))
    }

    @Test func whatIsAppendedToStands() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/lines"
        for line in ["one\n", "two\n"] {
            try OutputFile(path: path, exclusive: false, isPrivate: true).append(lines: Array(line.utf8))
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "one\ntwo\n")
        #expect(throws: CacheError.self) { try OutputFile(path: path, exclusive: true) }
    }

    /// A line to copy is the user's alone, and goes into no file that somebody has put in its place.
    @Test func aLineToCopyIsKeptForTheUserAlone() throws {
        let folder = try TemporaryFolder()
        let files = OperationFiles(directory: folder.path)
        let other = try folder.write("mine", to: "other.txt")
        #expect(symlink(other, files.remedy) == 0)
        #expect(try files.keep("redis-cli PING") == files.remedy)
        #expect(try files.keep("redis-cli INFO") == files.remedy)
        #expect(try String(contentsOfFile: files.remedy, encoding: .utf8) == "redis-cli INFO\n")
        #expect(try String(contentsOfFile: other, encoding: .utf8) == "mine")
        var status = stat()
        #expect(lstat(files.remedy, &status) == 0 && status.st_mode & 0o7777 == 0o600)
        #expect(throws: CacheError.self) { try OperationFiles(directory: "/nowhere").keep("x") }
    }
}
