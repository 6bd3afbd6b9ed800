import CacheModel
import Testing

@testable import CacheCore
@testable import CacheWatch

/// What a count keeps of the keys that it meets.
@Suite struct KeyCountTests {
    private let selection = KeySelection(.pattern("*"), "*", KeyClassifier())

    /// Those of a namespace are told from the others, however many beginnings there are.
    @Test func beyondTheBeginningsThatAreKeptNamespacesAreKept() {
        var sum = KeyCount.Sum(isCluster: false)
        for number in 0..<200 { sum.note(Array("own\(number):1".utf8), of: selection) }
        for number in 0..<30 { sum.note(Array("cart:\(number)".utf8), of: selection) }
        let parts = KeyCount.parts(sum.prefixes)
        #expect(parts.first == FlushPlan.Part(prefix: "…", keys: 136))
        #expect(parts.contains(FlushPlan.Part(prefix: "…", keys: 30, namespace: "cart")))
        #expect(parts.reduce(0) { $0 + $1.keys } == 230 && parts.count == 66)
    }

    @Test(arguments: [false, true]) func namesAreKeptWhileTheyAreFew(isCluster: Bool) {
        var sum = KeyCount.Sum(isCluster: isCluster)
        let names = (0..<100).map { Array("reco:\($0)".utf8) }
        for name in names { sum.note(name, of: selection) }
        #expect(Set(sum.suspects) == Set(names))
        sum.forget([sum.slot(of: names[0])])
        #expect(!sum.suspects.contains(names[0]))
        for name in names where sum.names?.contains(name) == false { sum.note(name, of: selection) }
        #expect(Set(sum.suspects) == Set(names) && sum.keys == 100)
        sum.note(Array("reco:100".utf8), of: selection)
        sum.note(bytes: Int64(LargeKeys.largestValue), of: names[7])
        #expect(sum.names == nil && sum.suspects == [names[7]], "a sample decides from then on")
    }
}
