internal import CommandKit
internal import CSystemShims
internal import FluxJSON
internal import Glibc
internal import JobSubmission

extension SubmissionContext {
    /// The world of this process.
    static var process: SubmissionContext {
        var context = SubmissionContext(
            workingDirectory: Files.workingDirectory, environment: Environment.all, limits: processLimits,
            now: Format.now
        ) { path throws(FileFailure) in
            var status = stat()
            guard stat(path, &status) == 0 else { throw FileFailure(errno: errno, reason: SystemText.of(errno)) }
            do {
                return File(content: try Files.bytes(path), mode: status.st_mode)
            } catch {
                throw FileFailure(errno: EACCES, reason: SystemText.of(EACCES))
            }
        }
        context.isTerminal = CommandKit.isTerminal(0)
        context.readStandardInput = { (try? Files.standardInputBytes()) ?? [] }
        context.parseDate = { DateText.parse($0) }
        context.parseTOML = { try? ConfigurationFile.parse(toml: $0) }
        return context
    }

    /// Soft limits by name; -1 is unlimited.
    private static var processLimits: [String: Int64] {
        let numbers: [(String, Int32)] = [
            ("cpu", 0), ("fsize", 1), ("data", 2), ("stack", 3), ("core", 4), ("rss", 5), ("nproc", 6), ("nofile", 7),
            ("memlock", 8), ("as", 9), ("sigpending", 11), ("msgqueue", 12), ("nice", 13), ("rtprio", 14),
            ("rttime", 15), ("ofile", 7),
        ]
        var result: [String: Int64] = [:]
        for (name, number) in numbers {
            var soft: UInt64 = 0
            var hard: UInt64 = 0
            guard flux_get_limit(number, &soft, &hard) == 0 else { continue }
            result[name] = soft > UInt64(Int64.max) ? -1 : Int64(soft)
        }
        return result
    }
}

/// Points in time as people type them.
enum DateText {
    /// Seconds since 1970: `1795219209`, `2026-11-21`, `2026-11-21 08:00`, `8:30`, `8am`, `now`, `today`, `tomorrow 8am`.
    static func parse(_ text: String, now: Double = Format.now) -> Double? {
        if let seconds = Double(text) { return seconds }
        var words = text.lowercased().split(whereSeparator: { $0 == " " || $0 == "T" || $0 == "t" && text.contains("-") })
            .map(String.init)
        if words == ["now"] { return now }
        var day = time_t(now)
        var parts = tm()
        localtime_r(&day, &parts)
        parts.tm_isdst = -1
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (0, 0, 0)
        switch words.first {
        case "today": words.removeFirst()
        case "tomorrow":
            parts.tm_mday += 1
            words.removeFirst()
        case "yesterday":
            parts.tm_mday -= 1
            words.removeFirst()
        case let first?:
            let numbers = first.split(separator: "-").compactMap { Int32($0) }
            if numbers.count == 3, first.count(where: { $0 == "-" }) == 2 {
                (parts.tm_year, parts.tm_mon, parts.tm_mday) = (numbers[0] - 1900, numbers[1] - 1, numbers[2])
                words.removeFirst()
            }
        case nil: return nil
        }
        if let clock = words.first {
            guard words.count == 1, let time = clockTime(clock) else { return nil }
            (parts.tm_hour, parts.tm_min, parts.tm_sec) = time
        }
        let result = mktime(&parts)
        return result < 0 ? nil : Double(result)
    }

    private static func clockTime(_ text: String) -> (Int32, Int32, Int32)? {
        var text = text
        var offset: Int32 = 0
        let isMorning = text.hasSuffix("am"), isEvening = text.hasSuffix("pm")
        if isMorning || isEvening { text.removeLast(2) }
        var numbers = text.split(separator: ":", omittingEmptySubsequences: false).map { Int32($0) }
        guard (1...3).contains(numbers.count), numbers.count > 1 || isMorning || isEvening else { return nil }
        while numbers.count < 3 { numbers.append(0) }
        guard var hour = numbers[0], let minute = numbers[1], let second = numbers[2],
            (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        if isMorning || isEvening {
            guard (1...12).contains(hour) else { return nil }
            if hour == 12 { hour = 0 }
            offset = isEvening ? 12 : 0
        }
        guard (0...23).contains(hour + offset) else { return nil }
        return (hour + offset, minute, second)
    }
}
