import CommandLineModel
import Testing

/// Another server than a journal's is meant only where an option names it.
@Suite struct TargetSourceTests {
    @Test(
        arguments: [
            ("redis://a", "file", "redis://b", TargetSource.url, true), ("redis://a", nil, nil, .url, true),
            (nil, "file", "redis://b", .environment, false), (nil, nil, "redis://b", .environment, false),
            (nil, "file", "", .namedFile, true), (nil, "file", nil, .namedFile, true),
            (nil, nil, nil, .defaults, false),
            (nil, nil, "", .defaults, false),
        ] as [(String?, String?, String?, TargetSource, Bool)])
    func whatTheTargetComesFromNamesIt(
        url: String?, configuration: String?, environmentURL: String?, source: TargetSource, isNamed: Bool
    ) {
        let found = TargetSource(url: url, configuration: configuration, environmentURL: environmentURL)
        #expect(found == source)
        #expect(found.isNamed == isNamed)
    }
}
