import CacheModel
import Reports
import Support
import Testing

/// One key in full, headless: decoded as on the screen.
@Suite struct InspectionReportTests {
    private let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiIsImV4cCI6MTc5NTM1NzkyN30.c2lnbmF0dXJl"

    private func inspection(_ value: String, type: KeyType = .string) -> KeyInspection {
        var inspection = Sample.inspection(Array("session:1".utf8))
        (inspection.type, inspection.typeName, inspection.length) = (type, type.name, value.utf8.count)
        inspection.content.elements = [KeyContent.Element(value: Array(value.utf8))]
        return inspection
    }

    @Test func stringsAreDecoded() {
        let text = InspectionReport.text(inspection(#"{"name":"Caf\u00e9","at":1795357927}"#))
        #expect(text.contains("format    JSON\n"))
        #expect(text.contains("expires   2026-11-22 15:30:07 UTC\n"))
        #expect(text.hasSuffix("\n{\n  \"name\": \"Café\",\n  \"at\": 1795357927  (2026-11-22 14:32:07 UTC)\n}\n"))
    }

    @Test func tokensAreNeitherInTextNorInJSON() {
        for inspection in [inspection(token), inspection(#"{"t":"\#(token)"}"#), inspection("x \(token)", type: .set)] {
            for text in [InspectionReport.text(inspection), InspectionReport.json(inspection)] {
                #expect(!text.contains("c2lnbmF0dXJl") && !text.contains("eyJzdWI") && text.contains("***"))
                #expect(text.contains("HS256") || inspection.type == .set)
            }
        }
    }

    /// A field's name may be a token, too.
    @Test(arguments: [KeyType.hash, .zset, .list]) func tokensAreNoLabels(type: KeyType) {
        var inspection = inspection("value", type: type)
        inspection.content.elements[0].label = Array("of \(token)".utf8)
        for text in [InspectionReport.text(inspection), InspectionReport.json(inspection)] {
            #expect(!text.contains("c2lnbmF0dXJl") && !text.contains("eyJ") && text.contains("of ***"))
        }
    }

    /// Whatever page of a string it is, neither end of it shows a part of a token.
    @Test func tokensThatCrossPagesAreMasked() {
        var first = inspection("x \(token.prefix(18))")
        first.content.next = .position(20)
        var second = inspection(#"\#(token.dropFirst(18))","n":1}"#)
        second.content.offset = 20
        for inspection in [first, second] {
            for text in [InspectionReport.text(inspection), InspectionReport.json(inspection)] {
                #expect(!text.contains("c2lnbmF0dXJl") && !text.contains("eyJ") && text.contains("***"))
            }
        }
        var list = inspection("abcdef", type: .list)
        list.content.offset = 100
        #expect(InspectionReport.text(list).hasSuffix("\nabcdef\n"), "elements are whole")
    }

    @Test func binariesAreNamed() throws {
        var inspection = inspection("")
        inspection.content.elements = [KeyContent.Element(value: [0x1f, 0x8b, 0x08])]
        inspection.length = 1229
        let text = InspectionReport.text(inspection)
        #expect(text.contains("format    gzip, 1.20 KiB\n") && text.contains(#"\x1f\x8b\x08"#))
        let json = try JSONParser.parse(Array(InspectionReport.json(inspection).utf8))
        #expect(json["format"]?.string == "gzip, 1.20 KiB")
    }

    @Test func streamsHaveTheirGroups() throws {
        var inspection = inspection("n 1", type: .stream)
        inspection.content.elements[0].label = Array("1795357927412-0".utf8)
        var group = StreamGroup(name: Array("mailers\u{1b}".utf8))
        (group.consumers, group.pending, group.members) = (
            1, 3, [StreamGroup.Consumer(name: Array("worker".utf8), pending: 3, idle: .seconds(90))]
        )
        inspection.groups = .known([group], all: 1)
        let text = InspectionReport.text(inspection)
        #expect(text.contains(#"group mailers\x1b, pending 3, consumers 1, not delivered –"#))
        #expect(text.contains("  worker, pending 3, idle 1 min\n"))
        #expect(text.contains("1795357927412-0\t(2026-11-22 14:32:07 UTC)\tn 1\n"))
        let json = try JSONParser.parse(Array(InspectionReport.json(inspection).utf8))
        guard case .array(let groups)? = json["groups"] else {
            Issue.record("no groups")
            return
        }
        #expect(groups.first?["pending"]?.wholeNumber == 3 && groups.first?["lag"]?.wholeNumber == nil)
        inspection.groups = .unknown("NOPERM")
        #expect(InspectionReport.text(inspection).contains("groups not known: NOPERM"))
        let refused = try JSONParser.parse(Array(InspectionReport.json(inspection).utf8))
        #expect(refused["groups_doubt"]?.string == "NOPERM")
        guard case .null? = refused["groups"] else {
            Issue.record("not known is not none")
            return
        }
    }

    @Test func whatIsNotKnownIsNull() throws {
        let json = try JSONParser.parse(
            Array(InspectionReport.json(KeyInspection(key: [0xff], typeName: "none")).utf8))
        for name in ["expires_at", "format", "decoded", "groups", "ttl_ms"] {
            guard case .null? = json[name] else {
                Issue.record("\(name)")
                return
            }
        }
    }
}
