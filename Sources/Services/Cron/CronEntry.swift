package import FluxJSON

/// A command and when to run it.
///
/// Source: job-protocol 8 (observed: flux-core 0.88).
package struct CronEntry: Hashable, Sendable {
    /// What is counted; times are seconds since 1970-01-01 UTC.
    package struct Statistics: Hashable, Sendable {
        package var created: Double
        package var started = 0.0
        package var lastRun = 0.0
        /// Runs and failures since the entry was started last.
        package var count: Int64 = 0
        package var failCount: Int64 = 0
        /// Runs, and how they ended, since it was created.
        package var total: Int64 = 0
        package var success: Int64 = 0
        package var failure: Int64 = 0
        /// Runs that waited for the sync event.
        package var deferred: Int64 = 0

        package var json: JSON {
            [
                "ctime": .real(created), "starttime": .real(started), "lastrun": .real(lastRun), "count": .int(count),
                "failcount": .int(failCount), "total": .int(total), "success": .int(success), "failure": .int(failure),
                "deferred": .int(deferred),
            ]
        }
    }

    package let id: Int64
    package let name: String
    package let command: String
    /// Where the command runs.
    package let rank: Int64
    /// Runs until the entry stops; 0 for ever.
    package let limit: Int64
    package let environment: [String: String]?
    package let directory: String?
    /// Ended runs that are remembered.
    package let historyLimit: Int64
    /// Failures after which the entry stops; 0 for never.
    package let failureLimit: Int64
    /// Seconds after which a run is ended; nil for never.
    package let timeout: Double?

    package var schedule: CronSchedule
    package var statistics: Statistics
    package var isStopped = true
    /// Deleted; gone when its task is.
    package var isDeleted = false
    /// When its timer is due; nil without one.
    package var wakeup: Double?
    /// The run that is waiting or running.
    package var task: CronTask?
    /// Ended runs, the last one first.
    package var history: [CronTask] = []

    /// - Parameter payload: of `cron.create`.
    package init(id: Int64, payload: JSON.Object, now: Double) throws {
        self.id = id
        name = try payload.string("name")
        command = try payload.string("command")
        let type = try payload.string("type")
        let arguments = try payload.value("args")
        rank = try payload.optionalInt("rank") ?? 0
        limit = try payload.optionalInt("repeat") ?? 0
        directory = try payload.optionalString("cwd")
        historyLimit = max(1, try payload.optionalInt("task-history-count") ?? 1)
        failureLimit = try payload.optionalInt("stop-on-failure") ?? 0
        timeout = try payload.optionalNumber("timeout").flatMap { $0 >= 0 ? $0 : nil }
        environment = try payload.optionalObject("environ").map { object in
            var variables: [String: String] = [:]
            for (key, _) in object { variables[key] = try object.string(key) }
            return variables
        }
        schedule = try CronSchedule(type: type, arguments: arguments)
        statistics = Statistics(created: now)
    }

    package var json: JSON {
        var object: JSON.Object = [
            "id": .int(id), "rank": .int(rank), "name": .string(name), "command": .string(command), "repeat": .int(limit),
            "stopped": .bool(isStopped), "type": .string(schedule.type),
        ]
        if let timeout { object["timeout"] = .real(timeout) }
        object["stats"] = statistics.json
        object["typedata"] = schedule.json(wakeup: wakeup)
        object["tasks"] = .array((task.map { [$0] } ?? []).map(\.json) + history.map(\.json))
        return .object(object)
    }
}
