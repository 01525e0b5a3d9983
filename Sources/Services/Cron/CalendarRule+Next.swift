internal import Glibc
internal import RFC22Idset

extension CalendarRule {
    /// Days that are looked at before a rule counts as never due again: two years.
    private static let horizon = 731

    /// The first second after `time` that the rule names; nil when there is none within two years.
    ///
    /// - Parameter time: seconds since 1970-01-01 UTC. Dates are those of the process's time zone.
    package func next(after time: Double) -> Double? {
        var now = time_t(time.rounded(.down))
        var day = tm()
        localtime_r(&now, &day)
        day.tm_hour = 12
        for _ in 0...Self.horizon {
            // Noon exists on every day, and mktime makes the thirty-second of a month the first of the next.
            day.tm_isdst = -1
            guard mktime(&day) != -1 else { return nil }
            if names(day), let found = first(on: day, after: now) { return Double(found) }
            day.tm_mday += 1
        }
        return nil
    }

    /// Whether the rule names this day.
    private func names(_ day: tm) -> Bool {
        has(.mday, day.tm_mday) && has(.month, day.tm_mon) && has(.weekday, day.tm_wday) && has(.year, day.tm_year)
    }

    private func has(_ unit: Unit, _ value: Int32) -> Bool {
        UInt32(exactly: value).map { values[unit]?.contains($0) == true } ?? false
    }

    /// The first moment of the day that the rule names and that is later than `now`.
    private func first(on day: tm, after now: time_t) -> time_t? {
        for hour in values[.hour] ?? [] {
            for minute in values[.minute] ?? [] {
                for second in values[.second] ?? [] where second < 60 {
                    var moment = day
                    (moment.tm_hour, moment.tm_min, moment.tm_sec) = (Int32(hour), Int32(minute), Int32(second))
                    moment.tm_isdst = -1
                    let found = mktime(&moment)
                    if found > now { return found }
                    // Hours and minutes that are over are skipped as a whole.
                    if found + (59 - time_t(second)) < now { break }
                }
            }
        }
        return nil
    }
}
