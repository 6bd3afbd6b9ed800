import Recording
import Testing

@Suite struct LineHeadTests {
    @Test func aHeadIsReadOfTheFirstBytesAlone() {
        let head = LineHead(reading: Array(#"{"t":1764061200123,"m":5012345,"k":"snapshot","nodes":[]}"#.utf8))
        #expect(head?.time.milliseconds == 1_764_061_200_123)
        #expect(head?.monotonic == 5_012_345)
        #expect(head?.kind == .snapshot)
    }
}
