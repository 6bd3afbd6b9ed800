internal import CacheModel
internal import Glibc

enum LocalTime {
    /// The clock of this place, in all seasons.
    static let clock = CivilClock(offsetAt: { time in
        var seconds = time_t(time.seconds)
        var parts = tm()
        // Nobody has a calendar for years that far away.
        guard localtime_r(&seconds, &parts) != nil else { return 0 }
        return parts.tm_gmtoff
    })
}
