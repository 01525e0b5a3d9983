internal import CommandKit
internal import FluxJSON

/// The entries of `cron.list` for people.
enum CronListing {
    static func table(_ entries: [JSON]) -> String {
        let rows = [["ID", "CMD/NAME", "STATE", "#RUNS", "LASTRUN", "STATUS"]] + entries.map(row)
        return rows.map { row in
            "\(left(row[0], 6)) \(right(row[1], 15)) \(right(row[2], 8)) \(left(row[3], 9)) \(left(row[4], 18))  \(right(row[5], 18))\n"
        }.joined()
    }

    private static func row(_ entry: JSON) -> [String] {
        let tasks = entry["tasks"]?.arrayValue ?? []
        let began = (tasks.first?["start-time"] ?? tasks.dropFirst().first?["start-time"])?.numberValue
        let count = entry["stats"]?["count"]?.intValue ?? 0
        let limit = entry["repeat"]?.intValue ?? 0
        return [
            "\(entry["id"]?.intValue ?? 0)", entry["name"]?.stringValue ?? "",
            entry["stopped"]?.boolValue == true ? "Stopped" : "Active", limit > 0 ? "\(count)/\(limit)" : "\(count)",
            tasks.isEmpty ? "None" : began.map { ago($0) } ?? "None", status(tasks.first),
        ]
    }

    private static func status(_ task: JSON?) -> String {
        guard let state = task?["state"]?.stringValue else { return "None" }
        switch state {
        case "Exited": return "Success"
        case "Failed":
            let code = task?["code"]?.intValue ?? 0
            return code == 127 ? "Exec-Error" : "Failed:rc=\(code)"
        default: return state
        }
    }

    /// What `flux cron delete` says of the last run.
    static func lastRun(of entry: JSON) -> String {
        guard let task = entry["tasks"]?.arrayValue?.first, let began = task["start-time"]?.numberValue else { return "" }
        guard let ended = task["end-time"]?.numberValue else { return " still running. Started \(ago(began))" }
        return " last ran \(ago(ended)) for \(duration(ended - began))"
    }

    /// All values by the names that `flux cron dump` gives them: `typedata.interval`, `task.1.state`.
    static func values(of entry: JSON) -> [(name: String, value: JSON)] {
        var found: [(name: String, value: JSON)] = []
        for (name, value) in entry.objectValue ?? [:] {
            if let tasks = value.arrayValue {
                for (index, task) in tasks.enumerated() {
                    for (key, value) in task.objectValue ?? [:] { found.append(("task.\(index + 1).\(key)", value)) }
                }
            } else if let object = value.objectValue {
                for (key, value) in object { found.append(("\(name).\(key)", value)) }
            } else {
                found.append((name, value))
            }
        }
        return found
    }

    /// A value with 14 digits, as Lua prints numbers.
    static func text(_ value: JSON, quoted: Bool) -> String {
        switch value {
        case .string(let text): return quoted ? "\"\(text)\"" : text
        case .real(let number):
            let text = Format.text("%.14g", [number])
            return text.contains(where: { ".einf".contains($0) }) ? text : text + ".0"
        default: return value.text
        }
    }

    private static func ago(_ time: Double) -> String {
        let seconds = Format.now - time
        if seconds < 0 { return "in the future" }
        if seconds < 2 { return "a second ago" }
        if seconds < 90 { return "\(Int(seconds.rounded())) seconds ago" }
        let minutes = seconds / 60
        if minutes < 2 { return "a minute ago" }
        if minutes < 90 { return "\(Int(minutes.rounded())) minutes ago" }
        let hours = minutes / 60
        if hours < 36 { return "\(Format.fixed(hours, 1)) hours ago" }
        let days = hours / 24
        if days < 14 { return "\(Format.fixed(days, 1)) days ago" }
        if days < 70 { return "\((Int(days) + 3) / 7) weeks ago" }
        if days < 365 { return "\((Int(days) + 15) / 30) months ago" }
        return "\(Format.fixed(days / 365, 1)) years ago"
    }

    private static func duration(_ seconds: Double) -> String {
        for (size, unit) in [(86400.0, "d"), (3600, "h"), (60, "m"), (1, "s")] where seconds > size {
            return Format.fixed(seconds / size, 3) + unit
        }
        return Format.fixed(seconds * 1000, 2) + "ms"
    }

    private static func left(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private static func right(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
