internal import CommandKit
internal import FluxJSON
internal import Glibc
internal import RFC19FLUID
internal import RFC21JobStates
internal import RFC23FSD

/// One job of a listing: its attributes as job-list tells them, and what is made of them.
struct JobRow {
    let json: JSON
    let now: Double
    /// What runs inside, when the job is an instance and somebody asked it.
    var instance: InstanceSummary?
    /// Whether the row stands for the outermost instance, which is no job.
    var isRoot = false

    var id: JobID { JobID(UInt64(bitPattern: json["id"]?.intValue ?? 0)) }
    private var stateBit: UInt32 { UInt32(truncatingIfNeeded: json["state"]?.intValue ?? 0) }
    private var resultBit: UInt32 { UInt32(truncatingIfNeeded: json["result"]?.intValue ?? 0) }
    private var state: JobState? { JobState(rawValue: stateBit) }
    private var result: JobResult? { JobResult(rawValue: resultBit) }
    private func time(_ name: String) -> Double { json[name]?.numberValue ?? 0 }

    /// What a field shows.
    func value(of field: String) -> FieldValue {
        switch field {
        case _ where isRoot && (field == "id" || field.hasPrefix("id.")): return .text(".")
        case "id": return .labelled(id.f58Python, id.json)
        case "id.f58": return .text(id.f58Python)
        case "id.dec": return .text(id.dec)
        case "id.hex": return .text(id.hex)
        case "id.dothex": return .text(id.dothex)
        case "id.f58plain": return .text(id.f58Plain)
        case "id.kvs": return .text(id.kvs)
        case "id.words": return .text(id.words)
        case "id.emoji": return .text(id.emoji)
        case "username": return .text(json["userid"]?.intValue.map { Users.name(of: UInt32(truncatingIfNeeded: $0)) } ?? "")
        case "state": return .text(state?.name() ?? "")
        case "state_single": return .text(state?.name(.shortUpper) ?? "")
        case "state_emoji": return .text(stateEmoji)
        case "result": return .text(result?.name() ?? "")
        case "result_abbrev": return .text(result?.name(.shortUpper) ?? "")
        case "result_emoji": return .text(resultEmoji)
        case "status": return .text(isInactive ? result?.name() ?? "" : state?.name() ?? "")
        case "status_abbrev": return .text(isInactive ? result?.name(.shortUpper) ?? "" : state?.name(.shortUpper) ?? "")
        case "status_emoji": return .text(isInactive ? resultEmoji : stateEmoji)
        case "runtime": return .real(runtime)
        case "t_remaining": return .real(remaining)
        case "returncode": return returnCode.map { .int(Int64($0)) } ?? .empty
        case "contextual_info": return .text(information)
        case "contextual_time":
            return [.depend, .priority, .sched].contains(state) ? .real(time("duration")) : .real(runtime)
        case "inactive_reason": return .text(inactiveReason)
        case "dependencies":
            return .text((json["dependencies"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: ","))
        case "exception.occurred": return .fromJSON(json["exception_occurred"])
        case "exception.severity": return .fromJSON(json["exception_severity"])
        case "exception.type": return .fromJSON(json["exception_type"])
        case "exception.note": return .fromJSON(json["exception_note"])
        case "uri": return .text(uri ?? "")
        case "uri.local": return .text(uri.map { InstanceURI.local($0) } ?? "")
        case "t_submit", "t_depend", "t_priority", "t_sched", "t_run", "t_cleanup", "t_inactive", "duration",
            "expiration":
            return .real(time(field))
        default:
            if field.hasPrefix("annotations") { return annotation(String(field.dropFirst("annotations".count))) }
            if field.hasPrefix("sched") || field.hasPrefix("user.") || field == "user" { return annotation(".\(field)") }
            if field.hasPrefix("instance.") {
                return instance?.value(of: String(field.dropFirst("instance.".count))) ?? .empty
            }
            return .fromJSON(json[field])
        }
    }

    /// Where the instance is that the job is; nil for other jobs.
    var uri: String? { json["annotations"]?["user"]?["uri"]?.stringValue }

    /// What the job does, in four words.
    var progress: JobProgress.Status {
        switch state {
        case .run, .cleanup: .running
        case .inactive: result == .completed ? .complete : .failed
        default: .pending
        }
    }

    /// Whether the job is an instance that can be asked.
    var isRunningInstance: Bool { uri != nil && state == .run }

    private var isInactive: Bool { state == .inactive }

    private var runtime: Double {
        let start = time("t_run"), end = time("t_cleanup")
        return start > 0 ? (end > 0 ? end : now) - start : 0
    }

    private var remaining: Double {
        guard state == .run, json["expiration"] != nil else { return 0 }
        return max(0, time("expiration") - now)
    }

    private var returnCode: Int32? {
        guard let status = json["waitstatus"]?.intValue else {
            return result == .canceled ? -128 : result == .failed ? 1 : nil
        }
        let signal = Int32(truncatingIfNeeded: status & 0x7f)
        return signal == 0 ? Int32(truncatingIfNeeded: (status >> 8) & 0xff) : -signal
    }

    private var information: String {
        switch state {
        case .priority: return "priority-wait"
        case .depend: return "depends:\(value(of: "dependencies").text)"
        case .sched:
            if let estimate = json["annotations"]?["sched"]?["t_estimate"]?.numberValue {
                return estimate < now ? "eta:now" : "eta:\(FluxDuration.shortText(seconds: estimate - now))"
            }
            if json["urgency"]?.intValue == 0 { return "held" }
            return json["priority"]?.intValue == 0 ? "priority-hold" : ""
        default: return json["nodelist"]?.stringValue ?? ""
        }
    }

    private var inactiveReason: String {
        guard isInactive else { return "" }
        let exception = json["exception_occurred"]?.boolValue ?? false
        let type = json["exception_type"]?.stringValue ?? "", note = json["exception_note"]?.stringValue ?? ""
        let code = returnCode ?? 0
        switch result {
        case .canceled: return exception && type == "cancel" && !note.isEmpty ? "Canceled: \(note)" : "Canceled"
        case .timeout: return "Timeout"
        case .failed:
            if exception, type != "exec", json["exception_severity"]?.intValue == 0 {
                return "Exception: type=\(type)" + (note.isEmpty ? "" : " note=\(note)")
            }
            switch code {
            case 129...: return String(cString: strsignal(code - 128))
            case 126: return "Command invoked cannot execute"
            case 127: return "command not found"
            case 128: return "Invalid argument to exit"
            default: return "Exit \(code)"
            }
        default: return "Exit \(code)"
        }
    }

    private func annotation(_ path: String) -> FieldValue {
        let value = path.isEmpty ? json["annotations"] : json["annotations"]?[path: String(path.dropFirst())]
        if let value, value.objectValue != nil || value.arrayValue != nil { return .text(PythonJSON.text(of: value)) }
        return .fromJSON(value)
    }

    private var stateEmoji: String {
        switch state {
        case .new: "\u{1f381}"
        case .depend: "\u{1f6d1}"
        case .priority: "\u{1f6a6}"
        case .sched: "\u{1f4c5}"
        case .run: "\u{1f3c3}"
        case .cleanup: "\u{1f5d1}"
        case .inactive: "\u{1f480}"
        case nil: ""
        }
    }

    private var resultEmoji: String {
        switch result {
        case .completed: "\u{1f600}"
        case .failed: "\u{1f4a9}"
        case .canceled: "\u{1f4a5}"
        case .timeout: "\u{231b}"
        case nil: "\u{3000}"
        }
    }

    /// Escape sequence of the row's colour; nil for none.
    var color: String? {
        switch result {
        case .completed: "\u{1b}[01;32m"
        case .failed, .timeout: "\u{1b}[01;31m"
        case .canceled: "\u{1b}[37m"
        case nil: json["annotations"]?["user"]?["uri"] != nil ? "\u{1b}[01;34m" : nil
        }
    }
}

extension FieldValue {
    /// The value of an attribute; absent is empty.
    static func fromJSON(_ value: JSON?) -> FieldValue {
        switch value {
        case .string(let text): .text(text)
        case .int(let number): .int(number)
        case .real(let number): .real(number)
        case .bool(let flag): .bool(flag)
        case .object, .array: .text(value?.text ?? "")
        case .null, nil: .empty
        }
    }
}
