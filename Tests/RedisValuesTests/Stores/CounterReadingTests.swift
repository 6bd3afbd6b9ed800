import RedisValues
import Testing

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

private func reply(_ pairs: [(String, String)]) -> RESPValue {
    .array(pairs.flatMap { [RESPValue.string(bytes($0.0)), .string(bytes($0.1))] })
}

@Suite struct CounterReadingTests {
    @Test(arguments: [
        ("checkout-api/product/hits", CounterField.figure(service: "checkout-api", namespace: "product", .hits)),
        ("a/rate:limit/misses", .figure(service: "a", namespace: "rate:limit", .misses)),
        ("a/of/two/load_ms", .figure(service: "a", namespace: "of/two", .loadMilliseconds)),
        ("a/at", .publishedAt(service: "a")), ("söhne/at", .publishedAt(service: "söhne")),
    ])
    func fieldIsReadAsItIsWritten(name: String, field: CounterField) {
        #expect(CounterField(bytes(name)) == field)
        #expect(field.name == name)
    }

    @Test(arguments: [
        "", "/", "//", "a", "a/", "/at", "a/hits", "a//hits", "a/product/", "a/product/hit", "a/product/HITS",
        "a/product/at", "a\n/at", "a/pro\u{1b}duct/hits", String(repeating: "s", count: 65) + "/at",
        "a/" + String(repeating: "n", count: 65) + "/hits", String(repeating: "x/", count: 5_000) + "hits",
    ])
    func whatIsNotOfOurShapeIsNoField(name: String) { #expect(CounterField(bytes(name)) == nil) }

    @Test func bytesThatAreNoTextAreNoField() {
        #expect(CounterField([0xff, 0x2f] + bytes("at")) == nil)
        #expect(CounterField(bytes("a/") + [0xc3] + bytes("/hits")) == nil)
    }

    @Test func figuresAreToldApartByServiceAndNamespace() throws {
        let reading = try CounterReading(
            reply([
                ("a/product/hits", "7"), ("a/product/misses", "3"), ("b/product/hits", "1"), ("a/at", "1700000000"),
            ]))
        #expect(reading.services["a"]?.namespaces["product"]?.hits == 7)
        #expect(reading.services["a"]?.namespaces["product"]?.hitRatio == 0.7)
        #expect(reading.services["a"]?.publishedAt == 1_700_000_000 && reading.services["b"]?.publishedAt == nil)
        #expect(reading.strange == 0 && reading.leftOut == 0)
    }

    @Test(arguments: ["-1", "", "x", "1.5", "9223372036854775808", "99999999999999999999999999"])
    func valueThatIsNoCountIsLeftOut(value: String) throws {
        let reading = try CounterReading(reply([("a/product/hits", value), ("a/product/misses", "2")]))
        #expect(reading.strange == 1)
        #expect(reading.services["a"]?.namespaces["product"]?.misses == 2)
    }

    @Test func hugeNumbersAddUpToTheLargest() throws {
        let most = "9223372036854775807"
        let reading = try CounterReading(
            reply([
                ("a/product/hits", most), ("a/product/misses", most), ("a/product/loads", "1"),
                ("a/product/load_ms", most),
            ]))
        let counts = try #require(reading.services["a"]?.namespaces["product"])
        #expect(counts.lookups == .max && counts.hitRatio == 1)
        #expect(counts.meanLoad != nil)
        var sum = counts
        sum.add(counts)
        #expect(sum.misses == .max)
    }

    @Test func aMillionFieldsAreReadToTheLimit() throws {
        let pair = [RESPValue.string(bytes("a/product/hits")), .string(bytes("5"))]
        let reading = try CounterReading(.array(Array(repeating: pair, count: 1_000_000).flatMap { $0 }))
        #expect(reading.leftOut == 1_000_000 - CounterReading.mostFields)
        #expect(reading.services["a"]?.namespaces["product"]?.hits == 5)
    }

    @Test func noKeyIsEmptyAndAnythingElseIsAnError() throws {
        #expect(try CounterReading(.array([])).isEmpty)
        #expect(try CounterReading(.array([.string(bytes("a/at"))])).isEmpty, "half a pair")
        #expect(try CounterReading(.array([.null, .array([])])).strange == 1)
        for odd in [RESPValue.null, .integer(3), .string(bytes("x")), .error(bytes("WRONGTYPE"))] {
            #expect(throws: RESPShapeError.self) { try CounterReading(odd) }
        }
    }

    @Test(arguments: [
        ("", ServiceName.Problem.empty), ("a/b", .forbiddenCharacters), ("a\u{7}", .forbiddenCharacters),
        ("\u{85}", .forbiddenCharacters), (String(repeating: "ä", count: 33), .tooLong(66)),
    ])
    func badServiceNameSaysWhy(name: String, problem: ServiceName.Problem) {
        #expect(throws: problem) { try ServiceName(name) }
    }

    @Test func figureThatFellWasCountedAnew() {
        var (before, now) = (StoreCounts(), StoreCounts())
        for (index, figure) in StoreFigure.allCases.enumerated() {
            before[figure] = index
            now[figure] = index + 10
        }
        for figure in StoreFigure.allCases { #expect(now.since(before)?[figure] == 10) }
        now.drops = 0
        #expect(now.since(before) == nil)
    }
}
