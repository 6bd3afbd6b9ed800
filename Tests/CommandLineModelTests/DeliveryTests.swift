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

    @Test func complaintSaysWhy() {
        #expect(Delivery.lost("No space left on device").complaint?.contains("No space left on device") == true)
    }
}
