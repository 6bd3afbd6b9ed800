internal import CacheModel

/// Counts the keys of a filter and what they take: the dry run of everything that walks.
struct KeyCount: Sendable {
    let node: OperationNode
    let filter: KeyFilter
    let pace: SweepPace
    let control: SweepControl

    struct Sum: Sendable {
        var keys = 0
        /// nil where `MEMORY USAGE` is denied.
        var bytes: Int? = 0
        var scan: MatchingScan
        var isWhole = false
        var took = Duration.zero
        var receipt = Receipt()
    }

    /// - Throws: ``CacheError``; nothing was changed.
    func run(
        _ opened: OperationNode.Opened, tell: @Sendable (OperationProgress) -> Void
    ) async throws(CacheError) -> Sum {
        var course = OperationCourse(pace: pace, control: control, link: node.link)
        try await course.calibrate(on: node)
        var sum = Sum(scan: MatchingScan(filter))
        if await node.link.denied.contains(.memoryUsage) { sum.bytes = nil }
        var found: [[UInt8]] = []
        var sizes = KeyQuestions()
        (sizes.type, sizes.lifetime, sizes.idle) = (false, false, false)
        while !control.isCancelled, !sum.scan.isDone || !found.isEmpty {
            var flight = FlightBuffer()
            let asked = sum.bytes == nil ? [] : found
            for key in asked { flight.ask(sizes, of: key[...]) }
            flight.countAsked(sizes, times: asked.count)
            found = []
            let scans = !sum.scan.isDone
            sum.scan.append(to: &flight, count: course.governor.count)
            if flight.isEmpty { break }
            let replies = try await course.fly(flight, on: node)
            var position = 0
            for _ in asked { try await size(replies, &position, &sum) }
            if scans {
                found = try sum.scan.receive(replies, at: &position)
                sum.keys += found.count
            }
            if course.isTimeToTell() { tell(progress(sum, course, opened.keys)) }
            await course.rest()
        }
        sum.isWhole = sum.scan.isDone && !control.isCancelled
        (sum.took, sum.receipt) = (course.elapsed, course.receipt)
        tell(progress(sum, course, opened.keys))
        return sum
    }

    private func size(_ replies: ReplyArena, _ position: inout Int, _ sum: inout Sum) async throws(CacheError) {
        if case .error(let words) = replies.nodes[position] {
            await node.link.note(.memoryUsage, error: Array(replies.bytes[words]))
            sum.bytes = nil
            position += 1
            return
        }
        let bytes = try replies.integer(at: &position) ?? 0
        sum.bytes = sum.bytes.map { $0 + Int(max(0, min(Int64(KeyFacts.largest), bytes))) }
    }

    private func progress(_ sum: Sum, _ course: OperationCourse, _ expected: Int) -> OperationProgress {
        var progress = OperationProgress()
        progress.examined = sum.scan.examined
        progress.expected = max(expected, 1)
        (progress.matched, progress.bytes) = (sum.keys, sum.bytes ?? 0)
        progress.elapsed = course.elapsed
        return progress
    }
}
