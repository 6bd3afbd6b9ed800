internal import CacheModel

/// What servers have counted: the JSON report's `counters`, and what each namespace has of it.
enum JSONCounters {
    static func value(_ snapshot: Snapshot) -> JSONValue {
        guard let report = snapshot.counters else {
            guard let why = snapshot.whyNotCounted else { return .null }
            return .object([("unknown", .string(why.sentence))])
        }
        let age = report.age(at: snapshot.takenAt)
        return .object([
            ("age_seconds", JSONValue(age.map { $0 / .seconds(1) })),
            (
                "services",
                .array(
                    report.services.map { service in
                        .object([
                            ("name", .string(service.name)), ("published_at", JSONValue(service.publishedAt?.iso8601)),
                        ])
                    })
            ),
            ("others_lookups_per_second", JSONValue(report.others?.lookups)),
            ("others_misses_per_second", JSONValue(report.others?.misses)),
            ("fields_not_read", .integer(report.strange +| report.leftOut)),
        ])
    }

    /// The members of a namespace; null where nobody counts it.
    static func members(of name: String, _ report: CounterReport?) -> [(name: String, value: JSONValue)] {
        let traffic = report?.traffic(in: name)
        let services = report?.services(in: name) ?? []
        let list = services.map { service in
            JSONValue.object([("service", .string(service.name))] + figures(service.traffic))
        }
        return figures(traffic) + [("counted_by", traffic == nil ? .null : .array(list))]
    }

    /// Null as well where two publications were not seen yet.
    private static func figures(_ traffic: StoreTraffic?) -> [(name: String, value: JSONValue)] {
        [
            ("hit_ratio", JSONValue(traffic?.hitRatio)), ("lookups_per_second", JSONValue(traffic?.lookups)),
            ("misses_per_second", JSONValue(traffic?.misses)), ("loads_per_second", JSONValue(traffic?.loads)),
            ("load_us", JSONValue(microseconds: traffic?.meanLoad)),
            ("stale_per_second", JSONValue(traffic?.stale)), ("drops_per_second", JSONValue(traffic?.drops)),
        ]
    }
}
