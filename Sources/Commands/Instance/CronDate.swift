internal import FluxJSON
internal import Glibc

/// Dates as people and crontab(5) write them, as the arguments of a `datetime` entry.
enum CronDate {
    /// The moment that date(1) makes of the text; nil when it makes none, which it explains itself.
    static func schedule(_ text: String) -> JSON.Object? {
        let quoted = text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
        guard let pipe = popen("date +%s --date='\(quoted)'", "r") else { return nil }
        var line = [CChar](repeating: 0, count: 64)
        let isRead = fgets(&line, Int32(line.count), pipe) != nil
        guard pclose(pipe) == 0, isRead, var time = time_t(String(cString: line).split(separator: "\n").joined()) else {
            return nil
        }
        var date = tm()
        localtime_r(&time, &date)
        return [
            "second": .int(Int64(date.tm_sec)), "minute": .int(Int64(date.tm_min)), "hour": .int(Int64(date.tm_hour)),
            "mday": .int(Int64(date.tm_mday)), "month": .int(Int64(date.tm_mon)), "year": .int(Int64(date.tm_year)),
        ]
    }

    /// A line of five fields and a command; nil when it is none. What stands behind the last `#` is a comment.
    static func crontab(_ line: String) -> (schedule: JSON.Object, command: String)? {
        let text = line.lastIndex(of: "#").flatMap { $0 == line.startIndex ? nil : line[..<$0] } ?? line[...]
        let words = text.split(maxSplits: 5, whereSeparator: { $0.isWhitespace })
        guard words.count == 6 else { return nil }
        var schedule: JSON.Object = ["second": 0]
        for (unit, word) in zip(["minute", "hour", "mday", "month", "weekday"], words) { schedule[unit] = .string(String(word)) }
        // crontab(5) counts months from 1 and knows Sunday as 7, too; the service counts both from 0.
        schedule["month"] = .string(shifted(String(words[3])) { $0 - 1 })
        schedule["weekday"] = .string(shifted(String(words[4])) { $0 == 7 ? 0 : $0 })
        return (schedule, String(words[5]))
    }

    /// The list with every number changed, but for strides.
    private static func shifted(_ list: String, _ change: (Int) -> Int) -> String {
        list.split(separator: ",", omittingEmptySubsequences: false).map { part in
            let halves = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let range = (halves.first ?? "").split(separator: "-", omittingEmptySubsequences: false)
                .map { end in Int(end).map { "\(change($0))" } ?? String(end) }
            return ([range.joined(separator: "-")] + halves.dropFirst().map(String.init)).joined(separator: "/")
        }.joined(separator: ",")
    }
}
