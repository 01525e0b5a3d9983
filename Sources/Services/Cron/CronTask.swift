package import FluxJSON

/// One run of an entry's command.
package struct CronTask: Hashable, Sendable {
    package let created: Double
    package var rank: Int64 = 0
    package var processID: Int64 = 0
    /// When the request to run it was sent, when it ran, and when it was over; nil before.
    package var started: Double?
    package var running: Double?
    package var ended: Double?
    /// Status of waitpid(2); nil while it runs.
    package var status: Int32?
    /// Why no process came to be, a Linux errno.
    package var failure: Int32?
    package var isTimedOut = false

    package init(created: Double) { self.created = created }

    /// The word for its state in `cron.list`.
    package var state: String {
        if failure != nil { return "Rexec Failure" }
        if started == nil { return "Deferred" }
        guard let status else { return "Running" }
        if isTimedOut { return "Timeout" }
        return status == 0 ? "Exited" : "Failed"
    }

    /// Exit code, or 128 and the signal.
    package var code: Int64 {
        let status = status ?? 0
        return Int64(status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f)
    }

    package var isSuccess: Bool { failure == nil && status == 0 }

    package var json: JSON {
        var object: JSON.Object = [
            "rank": .int(rank), "pid": .int(processID), "status": .int(Int64(status ?? 0)), "state": .string(state),
            "create-time": .real(created),
        ]
        if let failure { object["rexec_errno"] = .int(Int64(failure)) }
        if isTimedOut { object["timedout"] = true }
        if ended != nil { object["code"] = .int(code) }
        for (key, time) in [("start-time", started), ("running-time", running), ("end-time", ended)] {
            if let time { object[key] = .real(time) }
        }
        return .object(object)
    }
}
