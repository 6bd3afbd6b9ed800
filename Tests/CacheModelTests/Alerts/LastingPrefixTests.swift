import Support
import Testing

@testable import CacheModel

/// Keys of no namespace that never expire: an alert where they surely hold much.
@Suite struct LastingPrefixTests {
    private struct Group {
        var prefix: String
        var keys: Int
        var bytes: Int
        /// Of its keys, the first so many.
        var never = 0
        var isTimed = true

        init(_ prefix: String, _ keys: Int, _ bytes: Int, never: Int = 0, isTimed: Bool = true) {
            (self.prefix, self.keys, self.bytes, self.never, self.isTimed) = (prefix, keys, bytes, never, isTimed)
        }
    }

    private func tally(_ groups: [Group]) -> KeyspaceTally {
        var tally = KeyspaceTally(classifier: KeyClassifier())
        for group in groups {
            for number in 0..<group.keys {
                let key = Array("\(group.prefix)\(number)".utf8)
                let lifetime: KeyFacts.Lifetime? =
                    !group.isTimed ? nil : number < group.never ? .never : .milliseconds(60_000)
                tally.note(
                    KeyFacts(type: .string, lifetime: lifetime, bytes: group.bytes), key: key.span,
                    namespace: tally.count(key.span))
            }
        }
        return tally
    }

    private func circumstances(_ budget: Double?) -> NamespaceReport.Circumstances {
        var told = NamespaceReport.Circumstances(takenAt: Sample.takenAt, elapsed: .seconds(1), took: .zero)
        told.budget = budget
        return told
    }

    private func swept(_ groups: [Group]) -> NamespaceReport {
        .sweep(tally(groups), full: true, complete: true, expected: 0, circumstances(nil))
    }

    private func estimated(_ groups: [Group], keys: Int, account: Double?) -> NamespaceReport {
        .estimate(tally(groups), keys: keys, circumstances(account))
    }

    private func alert(_ report: NamespaceReport) -> Alert? {
        var engine = AlertEngine()
        var snapshot = Sample.healthy
        snapshot.elapsed = .seconds(2)
        snapshot.namespaces = report
        _ = engine.evaluate(snapshot)
        return engine.raised.first { $0.id == .prefixNeverExpires }
    }

    private let session = Group("session:", 3000, 10_000)

    @Test func countedKeysAreNamedWithTheirFigure() throws {
        let found = try #require(alert(swept([session, Group("reco:home:", 1000, 30_000, never: 1000)])))
        #expect(found.level == .warning && found.node == nil)
        let words =
            "reco:home: 28.6 MiB that never expire, 50.0 % of all keys' memory, in 1,000 keys of no namespace"
        #expect(found.message == words)
        #expect(found.value == 0.5)
        #expect(found.remedy.contains { $0.contains("reco:home: keys with SET … EX") })
    }

    @Test func onlyWhatIsSureAndMuchIsSaid() {
        #expect(alert(swept([session, Group("reco:home:", 1000, 30_000)])) == nil, "they expire")
        #expect(alert(swept([session, Group("reco:home:", 1000, 30_000, isTimed: false)])) == nil, "nobody knows")
        #expect(alert(swept([session, Group("reco:home:", 1000, 3000, never: 1000)])) == nil, "3 MiB of 33")
        #expect(alert(swept([Group("reco:home:", 9, 30_000, never: 9)])) == nil, "a server that holds nothing else")
        #expect(
            alert(swept([session, Group("cart:", 1000, 30_000, never: 1000)])) == nil, "a namespace has a contract")
        let half = Group("reco:home:", 1000, 30_000, never: 200)
        #expect(alert(swept([session, half])) == nil, "5.7 MiB of it never expire")
    }

    @Test func anEstimateSaysWhatItIsSureOf() throws {
        let groups = [session, Group("reco:home:", 1000, 30_000, never: 1000)]
        let found = try #require(alert(estimated(groups, keys: 400_000, account: 6.1e9)))
        #expect(found.message.hasPrefix("reco:home: about 2.79 GiB that never expire, at least 4"))
        #expect(found.message.hasSuffix("in about 100,000 keys of no namespace"))
        #expect((found.value ?? 1) < 0.49 && (found.value ?? 0) > 0.4)
        #expect(alert(estimated(groups, keys: 400_000, account: nil)) == nil, "of how much nobody knows")
        #expect(alert(estimated(groups, keys: 400_000, account: 60e9)) == nil, "the rest may hold far more")
        let few = [session, Group("reco:home:", 2, 3_000_000, never: 2)]
        #expect(alert(estimated(few, keys: 3002, account: 36e6)) == nil, "two draws are no proof")
    }

    /// Where no prefix is known singly, all of them together are what is sure.
    @Test func keysOfManyPrefixesAreSaidTogether() throws {
        let many = (0..<200).map { Group("p\(Self.letters($0)):", 10, 15_000, never: 10) }
        let found = try #require(alert(swept([session] + many)))
        #expect(found.message.hasPrefix("Keys without a namespace: 28.6 MiB"))
        let none = try #require(alert(swept([session, Group("flag-", 1000, 30_000, never: 1000)])))
        #expect(none.message.hasPrefix("Keys without a namespace: 28.6 MiB"))
    }

    /// Names, as numbers would not be prefixes.
    private static func letters(_ number: Int) -> String {
        String(decoding: [UInt8(97 + number / 26), UInt8(97 + number % 26)], as: UTF8.self)
    }

    @Test func whatStandsHoldsOnUntilItIsBelow() {
        var small = AlertThresholds()
        small.unexpiringPrefixBytes = 0
        let report = swept([Group("session:", 9000, 10_000), Group("reco:home:", 1000, 9_800, never: 1000)])
        #expect(LastingPrefix.found(in: report, beside: [], small).isEmpty, "9.8 %")
        #expect(LastingPrefix.found(in: report, beside: ["reco:home:"], small).map(\.prefix) == ["reco:home:"])
        small.unexpiringPrefix = 0.05
        #expect(LastingPrefix.found(in: report, beside: [], small).count == 1)
    }

    /// Prefixes that lost their place in the sketch leave no sums behind that are not theirs.
    @Test func sumsOfPrefixesAreNeverTooHigh() {
        var sketch = PrefixSketch(capacity: 4)
        for number in 0..<500 {
            let prefix = Array("p\(Self.letters(number % 90)):".utf8)
            sketch.add(prefix.span)
            sketch.note(KeyFacts(lifetime: .never, bytes: 10), of: prefix.span, key: prefix.span)
        }
        #expect(sketch.entries.count == 4)
        for entry in sketch.entries {
            #expect(entry.lasting.never <= entry.keys - entry.error && entry.lasting.bytes == 10 * entry.lasting.never)
        }
    }

    @Test func talliesOfTwoNodesAddUp() {
        let group = Group("reco:home:", 10, 7, never: 4)
        var (left, right) = (tally([group]), tally([group]))
        right.merge(left)
        left = tally([group, group])
        #expect(right.lasting == left.lasting && right.lasting.never == 8 && right.lasting.bytes == 56)
        #expect(right.prefixes.ranked.map(\.lasting) == left.prefixes.ranked.map(\.lasting))
    }
}
