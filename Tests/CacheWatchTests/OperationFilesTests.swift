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

    @Test func whatIsAppendedToStands() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/lines"
        for line in ["one\n", "two\n"] {
            try OutputFile(path: path, exclusive: false, isPrivate: true).append(lines: Array(line.utf8))
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "one\ntwo\n")
        #expect(throws: CacheError.self) { try OutputFile(path: path, exclusive: true) }
    }
}
