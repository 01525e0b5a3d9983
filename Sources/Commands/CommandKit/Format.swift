internal import Glibc

/// Numbers and times as the C library writes them.
public enum Format {
    /// A number with a fixed count of decimals: `0.385`.
    public static func fixed(_ number: Double, _ decimals: Int) -> String {
        text("%.*f", [Int32(decimals), number])
    }

    /// Any printf format; `capacity` bounds the result.
    public static func text(_ format: String, _ arguments: [any CVarArg], capacity: Int = 512) -> String {
        withVaList(arguments) { list in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { area in
                let count = min(Int(vsnprintf(area.baseAddress, capacity, format, list)), capacity - 1)
                guard count > 0 else { return "" }
                return String(decoding: area[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            }
        }
    }

    /// A point in time in local time by a strftime format.
    public static func time(_ seconds: Double, _ format: String, utc: Bool = false) -> String {
        var whole = time_t(seconds.rounded(.down))
        var parts = tm()
        if utc { gmtime_r(&whole, &parts) } else { localtime_r(&whole, &parts) }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { area in
            guard let start = area.baseAddress else { return "" }
            let count = strftime(start, 256, format, &parts)
            return String(decoding: area[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    /// Seconds since 1970-01-01 UTC.
    public static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Seconds of a clock that never steps back.
    public static var monotonic: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
