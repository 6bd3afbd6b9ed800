import CommandLineModel
import Testing

@Suite struct DeliveryTests {
    @Test(
        arguments: [
            (Delivery.written, Delivery.Content.data, nil), (.written, .snapshot, nil), (.readerGone, .data, nil),
            (.readerGone, .snapshot, nil), (.lost("No space left on device"), .data, .notDone),
            (.lost("Bad file descriptor"), .snapshot, .unknown),
        ] as [(Delivery, Delivery.Content, ProgramStatus?)])
    func dataThatNobodyGotIsNoSuccess(delivery: Delivery, content: Delivery.Content, status: ProgramStatus?) {
        #expect(delivery.status(of: content) == status)
        #expect((delivery.complaint == nil) == (status == nil), "a status of its own is explained, and nothing else is")
    }

    /// Half done is worse than words that nobody got, and done is not.
    @Test(
        arguments: [
            (.written, .done, .done), (.readerGone, .done, .done), (.lost("full"), .done, .notDone),
            (.lost("full"), .halfWay, .halfWay), (.lost("full"), .refused, .refused), (.written, .halfWay, .halfWay),
        ] as [(Delivery, ProgramStatus, ProgramStatus)])
    func anActsOwnStatusGoesBeforeThatOfItsReceipt(delivery: Delivery, of act: ProgramStatus, status: ProgramStatus) {
        #expect(delivery.status(of: Outcome(lines: ["x"], status: act, hasChanged: true)) == status)
    }

    @Test func complaintSaysWhy() {
        #expect(Delivery.lost("No space left on device").complaint?.contains("No space left on device") == true)
    }
}
