import Glibc
import FluxJSON
import RFC19FLUID
import RFC21JobStates

/// Requests that wait for the end of jobs, and jobs that wait for such a request.
struct Waiters: Hashable, Sendable {
    /// How a waitable job ended, kept until somebody asks.
    struct Zombie: Hashable, Sendable {
        let isSuccess: Bool
        let text: String
        let summary: JSON
    }

    var zombies: [JobID: Zombie] = [:]
    /// Requests for whichever job ends next, oldest first.
    var anyJob: [RequestID] = []
    /// Active jobs with a request of their own.
    var namedCount = 0
    /// Active jobs that can be waited for.
    var waitableCount = 0
    var draining: [RequestID] = []
    var idling: [RequestID] = []

    var zombieSummaries: [JSON] { zombies.sorted { $0.key < $1.key }.map(\.value.summary) }
}

extension JobLedger {
    /// Waits for one job, or for any (nil).
    mutating func wait(for id: JobID?, _ request: RequestID) throws(Refusal) {
        guard let id else {
            if let (id, zombie) = waiters.zombies.min(by: { $0.key < $1.key }) {
                waiters.zombies[id] = nil
                answer(request, id, zombie)
            } else {
                waiters.anyJob.append(request)
            }
            dismissSuperfluousWaiter()
            return
        }
        if let zombie = waiters.zombies.removeValue(forKey: id) {
            answer(request, id, zombie)
            return
        }
        guard let job = active[id] else {
            throw Refusal(10, "invalid job id, or job may be inactive and not waitable")
        }
        guard job.waiter == nil else { throw Refusal(10, "job id already has a waiter") }
        guard job.machine.flags.contains(.waitable) else {
            throw Refusal(10, "job was not submitted with FLUX_JOB_WAITABLE")
        }
        active[id]?.waiter = request
        waiters.namedCount += 1
    }

    private mutating func dismissSuperfluousWaiter() {
        guard waiters.anyJob.count + waiters.namedCount > waiters.waitableCount,
            let last = waiters.anyJob.popLast()
        else { return }
        direct(.refuse(last, Refusal(10, "there are no more waitable jobs")))
    }

    mutating func notifyWaiters(_ job: Job) {
        let zombie = Waiters.Zombie(isSuccess: job.result == .completed, text: job.endText, summary: job.summary)
        if let waiter = job.waiter {
            answer(waiter, job.id, zombie)
            waiters.namedCount -= 1
        } else if !waiters.anyJob.isEmpty {
            answer(waiters.anyJob.removeFirst(), job.id, zombie)
        } else {
            waiters.zombies[job.id] = zombie
        }
        waiters.waitableCount -= 1
    }

    private mutating func answer(_ request: RequestID, _ id: JobID, _ zombie: Waiters.Zombie) {
        direct(.answer(request, [
            "id": id.json, "success": .bool(zombie.isSuccess), "errstr": .string(zombie.text),
        ]))
    }

    /// The requests of a client that is gone are forgotten.
    mutating func forget(_ requests: Set<RequestID>) {
        guard !requests.isEmpty else { return }
        waiters.anyJob.removeAll { requests.contains($0) }
        waiters.draining.removeAll { requests.contains($0) }
        waiters.idling.removeAll { requests.contains($0) }
        guard waiters.namedCount > 0 else { return }
        for job in active.values {
            guard let waiter = job.waiter, requests.contains(waiter) else { continue }
            active[job.id]?.waiter = nil
            waiters.namedCount -= 1
        }
    }

    /// Answers once no job is active.
    mutating func drain(_ request: RequestID) {
        waiters.draining.append(request)
        checkDrained()
    }

    /// Answers once no job runs and the scheduler was asked for none.
    mutating func idle(_ request: RequestID) {
        waiters.idling.append(request)
        checkDrained()
    }

    mutating func checkDrained() {
        if active.isEmpty {
            for request in waiters.draining { direct(.answerAfterCommit(request, nil)) }
            waiters.draining = []
        }
        if pending.isEmpty, runningCount == 0 {
            for request in waiters.idling {
                direct(.answerAfterCommit(request, ["pending": .int(Int64(active.count - runningCount))]))
            }
            waiters.idling = []
        }
    }
}

extension Job {
    /// How the job ended, in words.
    ///
    /// Source: observed: flux-core 0.88, job-manager.wait.
    var endText: String {
        switch machine.endEvent {
        case nil: return ""
        case .exception(let exception): return "Fatal exception type=\(exception.type) \(exception.note ?? "")"
        case .finish(let status): return Self.text(ofWaitStatus: status)
        }
    }

    private static func text(ofWaitStatus status: Int64) -> String {
        func signalText(_ number: Int64) -> String {
            Int32(exactly: number).flatMap { strsignal($0) }.map { String(cString: $0) } ?? "signal \(number)"
        }
        let signal = status & 0x7f, code = status >> 8 & 0xff
        if signal == 0x7f || status < 0 { return "unexpected wait(2) status \(status)" }
        if signal != 0 { return "job shell \(signalText(signal))" }
        if code > 128 { return "task(s) \(signalText(code - 128))" }
        return code > 0 ? "task(s) exited with exit code \(code)" : ""
    }
}
