internal import Glibc

/// Times as the log writes them.
public enum Timestamp {
    /// `2026-11-21T00:04:25.297891Z` for seconds since 1970-01-01 UTC.
    public static func utc(_ seconds: Double) -> String {
        let micros = Int64((seconds * 1e6).rounded(.down))
        var whole = time_t(micros / 1_000_000)
        var parts = tm()
        gmtime_r(&whole, &parts)
        return "\(pad(parts.tm_year + 1900, 4))-\(pad(parts.tm_mon + 1, 2))-\(pad(parts.tm_mday, 2))"
            + "T\(pad(parts.tm_hour, 2)):\(pad(parts.tm_min, 2)):\(pad(parts.tm_sec, 2))"
            + ".\(pad(Int32(micros % 1_000_000), 6))Z"
    }

    static func pad(_ number: Int32, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
