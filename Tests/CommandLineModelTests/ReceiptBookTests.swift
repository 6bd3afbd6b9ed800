import CommandLineModel
import Testing

/// Which receipts are on the terminal when the dashboard is gone.
@Suite struct ReceiptBookTests {
    private static func outcome(_ name: String, _ status: ProgramStatus = .done, hasChanged: Bool = true) -> Outcome {
        Outcome(lines: [name], status: status, hasChanged: hasChanged)
    }

    private func book(_ notes: [(Outcome, ReceiptBook.Place)]) -> ReceiptBook {
        var book = ReceiptBook()
        for (outcome, place) in notes { book.note(outcome, place) }
        return book
    }

    @Test func hiddenOnesAreTold() {
        // A flush was stopped and hidden, and another operation has ended since.
        let book = book([
            (Self.outcome("flush", .halfWay), .hidden), (Self.outcome("list", hasChanged: false), .watched),
        ])
        #expect(book.lines == ["flush"])
        #expect(book.status == .done, "a notice has told it before")
    }

    @Test func ofThoseThatWereReadTheLastIsEnough() {
        let book = book([
            (Self.outcome("first"), .watched), (Self.outcome("hidden"), .hidden), (Self.outcome("second"), .watched),
        ])
        #expect(book.lines == ["hidden", "second"])
    }

    @Test func whatEndsAfterwardsIsToldWhateverItIs() {
        let book = book([(Self.outcome("refused", .notDone, hasChanged: false), .afterwards)])
        #expect(book.lines == ["refused"])
        #expect(book.status == .notDone)
    }

    /// A dialog was told that its act has failed, and was left before it was drawn: nobody has read it.
    @Test func whatWasToldToAScreenThatWasLeftIsToldAgain() {
        var book = ReceiptBook()
        book.post(Self.outcome("refused", .notDone, hasChanged: false), number: 3, nil)
        book.post(Self.outcome("read", .notDone, hasChanged: false), number: 4, nil)
        #expect(book.lines.isEmpty, "what was read on the screen is enough")
        book.noteUnread([3, 17])
        #expect(book.lines == ["refused"] && book.status == .notDone)
    }

    /// Of lost revocations some are written again, and of those of users none is known.
    @Test func bothPartsOfAnActAreTold() {
        var book = ReceiptBook()
        book.post(Self.outcome("users", .halfWay), number: 1, nil)
        book.post(Self.outcome("tokens"), number: 1, nil)
        book.noteUnread([1])
        #expect(book.lines == ["users", "tokens"] && book.status == .halfWay)
    }

    @Test func receiptThatWasNotReadHasItsStatus() {
        var book = ReceiptBook()
        book.post(Self.outcome("flush", .halfWay), number: 1, .watched)
        book.noteUnread([1])
        #expect(book.lines == ["flush"] && book.status == .halfWay)
    }

    @Test func whatWasOnItsWayToTheScreenIsToldOnce() {
        let book = book([(Self.outcome("flush"), .watched), (Self.outcome("flush"), .afterwards)])
        #expect(book.lines == ["flush"])
    }

    @Test(
        arguments: [
            ([], .done), ([.done], .done), ([.done, .notDone], .notDone), ([.notDone, .halfWay, .done], .halfWay),
        ] as [([ProgramStatus], ProgramStatus)])
    func worstOfWhatNobodySawIsTheStatus(ends: [ProgramStatus], status: ProgramStatus) {
        #expect(book(ends.enumerated().map { (Self.outcome("\($0)", $1), .afterwards) }).status == status)
    }
}
