import CacheModel
import Testing

@Suite struct InvocationTests {
    @Test func isAsAShellReadsIt() {
        #expect(Invocation().undo("/a/b.journal") == "cachewatch undo /a/b.journal")
        #expect(
            Invocation(options: ["--config", "/etc/it's here.toml"]).undo("/a b")
                == #"cachewatch undo --config '/etc/it'\''s here.toml' '/a b'"#)
        #expect(Invocation().undo("") == "cachewatch undo ''")
    }

    /// Every path as a shell takes it apart again.
    @Test(arguments: [
        (#"/home/CORP\alice/flush.journal"#, #"'/home/CORP\alice/flush.journal'"#),
        (#"/a\nb\"#, #"'/a\nb\'"#), ("~/a", "'~/a'"), ("$HOME/a`id`", "'$HOME/a`id`'"), ("a\"b", "'a\"b'"),
        ("it's", #"'it'\''s'"#), ("-rf", "./-rf"), ("--url=redis://other/0", "./--url=redis://other/0"),
        ("- a", "'./- a'"), ("/a\nb", #"$'/a\nb'"#), ("/a\u{1b}[2J1", #"$'/a\033[2J1'"#),
        ("/\\'\t\r", #"$'/\\\'\t\015'"#), ("/a\u{202e}b", #"$'/a\342\200\256b'"#), ("/Übung 1", "'/Übung 1'"),
    ])
    func everyPathIsNamedAsItIs(path: String, word: String) {
        #expect(Invocation().undo(path) == "cachewatch undo \(word)")
    }
}
