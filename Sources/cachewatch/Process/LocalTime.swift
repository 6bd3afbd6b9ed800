internal import Glibc

enum LocalTime {
    /// Seconds east of UTC, now.
    static var offset: Int {
        var seconds = time(nil)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return parts.tm_gmtoff
    }
}
