internal import RedisValues

/// A number that is probably a point in time.
enum UnixTime {
    /// 2010 to 2099: what programs of today write; other numbers of ten or thirteen digits are something else.
    private static let plausible = WallTime(seconds: 1_262_304_000)..<WallTime(seconds: 4_102_444_800)
    private static let longest = 24

    /// - Parameter text: seconds of ten digits, with or without a fraction, or milliseconds of thirteen.
    static func instant(_ text: some Collection<UInt8>) -> WallTime? {
        guard (10...longest).contains(text.count),
            text.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }),
            let time = TimeText.parse(String(decoding: Array(text), as: UTF8.self)), plausible.contains(time)
        else { return nil }
        return time
    }

    /// The id of a stream's entry, which begins with milliseconds.
    static func instant(ofStreamID id: [UInt8]) -> WallTime? {
        let digits = id.prefix { $0 != UInt8(ascii: "-") }
        return digits.count == 13 && digits.count < id.count ? instant(digits) : nil
    }
}
