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
}
