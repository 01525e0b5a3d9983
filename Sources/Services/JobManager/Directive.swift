import FluxJSON
import RFC19FLUID

/// What the owner of a ``JobLedger`` has to do next; the ledger itself does nothing.
enum Directive: Hashable, Sendable {
    /// Commit (when the event says so) and tell the journal's readers; `attachment` is the jobspec of a `submit` and
    /// the resources of an `alloc` event.
    case event(JobID, Posting, attachment: JSON?)
    /// sched.alloc
    case requestAllocation(JobID)
    case cancelAllocation(JobID)
    case freeAllocation(JobID, JSON)
    case prioritize([JobQueue.Place])
    /// SERVICE.start
    case start(JobID)
    case updateExpiration(JobID, Double)
    case publish(topic: String, JSON, isPrivate: Bool)
    /// The resources of a job that ended go through housekeeping, or back to the scheduler.
    case release(JobID, userID: UInt32, JSON)
    /// Commit the resources of a job, then call ``JobLedger/bypassCommitted(_:failure:)``.
    case storeResources(JobID, JSON)
    case answer(RequestID, JSON?)
    /// Answer once everything that was posted so far is committed.
    case answerAfterCommit(RequestID, JSON?)
    case refuse(RequestID, Refusal)
    /// Wake the ledger at this time (seconds since 1970-01-01 UTC).
    case wake(Double)
    case log(isError: Bool, String)
}

/// Why a request is refused: an errno and words for the person who asked.
struct Refusal: Error, Hashable, Sendable {
    let errnum: Int32
    let text: String?

    init(_ errnum: Int32, _ text: String? = nil) {
        self.errnum = errnum
        self.text = text
    }
}
