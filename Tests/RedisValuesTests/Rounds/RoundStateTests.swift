import RedisValues
import Support
import Testing

@Suite struct RoundStateTests {
    /// Milliseconds after which somebody answers; nil: never.
    struct Answer {
        var name: String
        var after: Int?
        /// nil where the answer does not count.
        var roundTrip: Int? = 1
        var mustWait = false
    }

    struct Schedule: CustomStringConvertible {
        var what: String
        var grace: RoundState.Grace
        var answers: [Answer]
        /// In milliseconds; nil: not before all have answered.
        var ends: Int?
        var late: [String] = []

        var description: String { what }
    }

    private static let watcher = RoundState.Grace(.milliseconds(150), factor: 4)
    private static let cluster = RoundState.Grace(.milliseconds(50))

    @Test(arguments: [
        Schedule(
            what: "all answer", grace: watcher, answers: [Answer(name: "a", after: 1), Answer(name: "b", after: 90)],
            ends: 90),
        Schedule(
            what: "one hangs", grace: watcher, answers: [Answer(name: "a", after: 1), Answer(name: "b")],
            ends: 151, late: ["b"]),
        Schedule(
            what: "one hangs, and the other one is far away", grace: watcher,
            answers: [Answer(name: "a", after: 100, roundTrip: 100), Answer(name: "b")], ends: 500, late: ["b"]),
        Schedule(
            what: "the first one to answer has connected for long", grace: watcher,
            answers: [Answer(name: "a", after: 800, roundTrip: 2), Answer(name: "b")], ends: 950, late: ["b"]),
        Schedule(
            what: "a refusal shows nothing", grace: watcher,
            answers: [Answer(name: "a", after: 1, roundTrip: nil), Answer(name: "b", after: 2000)], ends: 2000),
        Schedule(
            what: "nobody answers that counts", grace: watcher,
            answers: [Answer(name: "a", after: 1, roundTrip: nil), Answer(name: "b")], ends: nil),
        Schedule(what: "nobody answers", grace: watcher, answers: [Answer(name: "a"), Answer(name: "b")], ends: nil),
        Schedule(
            what: "one that was never seen is waited for", grace: watcher,
            answers: [
                Answer(name: "a", after: 1), Answer(name: "b", after: 3000, roundTrip: nil, mustWait: true),
                Answer(name: "c"),
            ], ends: 3150, late: ["c"]),
        Schedule(
            what: "the grace begins when it has answered", grace: watcher,
            answers: [
                Answer(name: "a", after: 1), Answer(name: "b", after: 100, roundTrip: nil, mustWait: true),
                Answer(name: "c"),
            ], ends: 250, late: ["c"]),
        Schedule(
            what: "also by its own slowness", grace: watcher,
            answers: [
                Answer(name: "a", after: 1), Answer(name: "b", after: 300, roundTrip: 200, mustWait: true),
                Answer(name: "c"),
            ], ends: 1100, late: ["c"]),
        Schedule(
            what: "nodes of a cluster", grace: cluster,
            answers: [Answer(name: "a", after: 5), Answer(name: "b", after: 54), Answer(name: "c", after: 56)],
            ends: 55, late: ["c"]),
        Schedule(what: "nobody is asked", grace: cluster, answers: [], ends: 0),
        Schedule(
            what: "the same name twice", grace: cluster,
            answers: [Answer(name: "a", after: 5), Answer(name: "a", after: 7)], ends: 5),
    ])
    func roundEndsInTime(_ schedule: Schedule) {
        var round = RoundState(grace: schedule.grace)
        let names = schedule.answers.map(\.name)
        let mustWait = Set(schedule.answers.filter(\.mustWait).map(\.name))
        var (wake, ended): (Duration?, Duration?)
        func take(_ effects: [RoundState.Effect], at now: Duration) {
            for effect in effects {
                switch effect {
                case .wake(let instant, _): wake = instant
                case .end: ended = now
                case .ask, .news: continue
                }
            }
        }
        take(round.begin(names, mustWait: mustWait, now: .zero), at: .zero)
        for millisecond in 0...5000 where ended == nil {
            let now = Duration.milliseconds(millisecond)
            if wake == now { take(round.woken(round.round), at: now) }
            for answer in schedule.answers where answer.after == millisecond && ended == nil {
                let roundTrip = Duration.milliseconds(answer.roundTrip ?? 0)
                take(
                    round.answered(answer.name, counts: answer.roundTrip != nil, roundTrip: roundTrip, now: now),
                    at: now)
            }
        }
        #expect(ended == schedule.ends.map { .milliseconds($0) })
        #expect(round.isUnderWay == (ended == nil))
        #expect(round.late.keys.sorted() == (ended == nil ? [] : schedule.late))
    }

    @Test func whoIsLateIsNotAskedTwiceAndTakenWhenItComes() {
        var round = RoundState(grace: Self.cluster)
        #expect(round.begin(["a", "b"], now: .zero) == [.ask(["a", "b"])])
        let first = round.round
        #expect(round.answered("a", counts: true, now: .milliseconds(1)) == [.wake(at: .milliseconds(51), first)])
        #expect(round.woken(first) == [.end(first)])
        #expect(round.late == ["b": .zero])
        // The next one asks only the other, and still waits for both.
        #expect(round.begin(["a", "b"], now: .seconds(1)) == [.ask(["a"])])
        #expect(round.late.isEmpty)
        #expect(round.answered("b", counts: true, roundTrip: .seconds(1), now: .milliseconds(1010)).count == 1)
        #expect(round.answered("b", counts: true, now: .milliseconds(1011)) == [])
        #expect(round.answered("a", counts: true, now: .milliseconds(1012)) == [.end(round.round)])
        // Late, and taken between two rounds.
        _ = round.begin(["a", "b"], now: .seconds(2))
        _ = round.answered("a", counts: true, now: .seconds(2))
        _ = round.woken(round.round)
        #expect(round.answered("b", counts: true, now: .seconds(3)) == [.news("b")])
        #expect(round.late.isEmpty)
        #expect(round.begin(["a", "b"], now: .seconds(4)) == [.ask(["a", "b"])])
    }

    /// One that was late is no measure for how long the others may take.
    @Test func lateAnswerStretchesNoGrace() {
        var round = RoundState(grace: Self.watcher)
        _ = round.begin(["a", "b", "c"], now: .zero)
        _ = round.answered("a", counts: true, now: .zero)
        _ = round.woken(round.round)
        _ = round.begin(["a", "b", "c"], now: .seconds(1))
        let effects = round.answered("b", counts: true, roundTrip: .seconds(1), now: .milliseconds(1010))
        #expect(effects == [.wake(at: .milliseconds(1160), round.round)])
    }

    @Test func timerOfAnOlderRoundEndsNothing() {
        var round = RoundState(grace: Self.cluster)
        _ = round.begin(["a", "b"], now: .zero)
        let first = round.round
        _ = round.answered("a", counts: true, now: .milliseconds(1))
        #expect(round.answered("b", counts: true, now: .milliseconds(45)) == [.end(first)])
        _ = round.begin(["a", "b"], now: .milliseconds(46))
        #expect(round.round != first)
        #expect(round.woken(first) == [])
        #expect(round.woken(round.round) == [], "nor one that nobody has set")
        #expect(round.isUnderWay && round.late.isEmpty)
        _ = round.answered("a", counts: true, now: .milliseconds(47))
        #expect(round.woken(round.round) == [.end(round.round)])
        #expect(round.woken(round.round) == [])
    }

    @Test func wishDuringARoundIsRemembered() {
        var round = RoundState(grace: Self.cluster)
        #expect(!round.isDue)
        round.wish()
        #expect(round.isDue)
        _ = round.begin(["a"], now: .zero)
        #expect(!round.isDue)
        round.wish()
        // Whoever joins gets answers to what was asked before.
        _ = round.begin(["b"], now: .zero)
        #expect(round.isDue)
        _ = round.answered("a", counts: true, now: .zero)
        _ = round.answered("b", counts: true, now: .zero)
        #expect(round.isDue && !round.isUnderWay)
        _ = round.begin(["a"], now: .zero)
        #expect(!round.isDue)
    }

    @Test func severalWaitForTheSameRound() {
        var round = RoundState(grace: Self.cluster)
        _ = round.begin(["a", "b"], now: .zero)
        let first = round.round
        #expect(round.answered("a", counts: true, now: .milliseconds(1)).count == 1)
        #expect(round.begin(["a", "b"], now: .milliseconds(2)) == [])
        #expect(round.begin(["b", "c"], mustWait: ["c"], now: .milliseconds(3)) == [.ask(["c"])])
        #expect(round.round == first)
        // The timer was set for others; now all have their grace once more.
        #expect(round.woken(first) == [])
        #expect(
            round.answered("c", counts: false, now: .milliseconds(400)) == [.wake(at: .milliseconds(450), first)])
        #expect(round.woken(first) == [.end(first)])
        #expect(round.late == ["b": .zero])
    }

    /// Nodes that answer in any time, intervals of any length, timers that come late or never: no round lasts longer
    /// than it may, nobody is asked twice, and whoever is steady is never late.
    @Test func anySchedule() {
        var generator = SeededGenerator(seed: 3)
        let names = ["steady", "quick", "any", "slow", "hung"]
        var round = RoundState(grace: Self.watcher)
        var due: [String: Int] = [:]
        var timers: [(at: Duration, round: RoundState.RoundID)] = []
        var (firstAnswer, begun, next, rounds, news): (Int?, Int, Int, Int, Int) = (nil, 0, 0, 0, 0)
        func take(_ effects: [RoundState.Effect], at millisecond: Int) {
            for effect in effects {
                switch effect {
                case .ask(let asked):
                    for name in asked {
                        #expect(due[name] == nil, "asked twice")
                        let length =
                            switch name {
                            case "steady": 45
                            case "quick": 1
                            case "any": Int.random(in: 1...400, using: &generator)
                            case "slow": Int.random(in: 300...900, using: &generator)
                            default: 5000
                            }
                        due[name] = millisecond + length
                    }
                case .wake(let instant, let id):
                    #expect(id == round.round)
                    timers.append((instant, id))
                case .end(let id):
                    #expect(id == round.round)
                    #expect(round.late["steady"] == nil && round.late["quick"] == nil)
                    // The first round waits for nobody else, later ones for 45 ms times four at most.
                    #expect(millisecond - (firstAnswer ?? begun) <= 180)
                    #expect(Set(round.late.keys) == Set(due.keys))
                    rounds += 1
                    next = millisecond + Int.random(in: 1...300, using: &generator)
                case .news(let name):
                    #expect(name != "steady")
                    news += 1
                }
            }
        }
        for millisecond in 0..<200_000 {
            let now = Duration.milliseconds(millisecond)
            if millisecond >= next, !round.isUnderWay {
                (begun, firstAnswer) = (millisecond, nil)
                take(round.begin(names, now: now), at: millisecond)
            }
            for name in names where due[name] == millisecond {
                due[name] = nil
                let roundTrip = name == "steady" ? 45 : 1
                if round.isUnderWay { firstAnswer = firstAnswer ?? millisecond }
                take(round.answered(name, counts: true, roundTrip: .milliseconds(roundTrip), now: now), at: millisecond)
            }
            for timer in timers where timer.at <= now { take(round.woken(timer.round), at: millisecond) }
            timers.removeAll { $0.at + .seconds(1) <= now }
        }
        #expect(rounds > 400 && news > 50)
    }
}
