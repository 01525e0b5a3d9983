import FluxJSON
import RFC19FLUID
import RFC21JobStates

/// What the scheduler answers to sched.alloc.
///
/// Source: RFC 27.
enum AllocationAnswer: Hashable, Sendable {
    case success(JSON, annotations: JSON.Object?)
    case annotate(JSON.Object)
    case deny(String?)
    case cancel
}

extension JobLedger {
    // MARK: the scheduler comes and goes

    /// The jobs whose resources the scheduler has to book again when it starts, in id order.
    var allocatedJobs: [Job] {
        active.values.filter { $0.machine.holdsResources && !$0.machine.bypassesAllocation }.sorted { $0.id < $1.id }
    }

    /// The scheduler wants to see requests. Returns how many jobs wait.
    mutating func schedulerReady(sender: String, limit: Int) -> Int {
        scheduler = SchedulerLink(isOnline: true, limit: limit, sender: sender)
        for job in active.values.sorted(by: { $0.id < $1.id }) where job.state == .cleanup && job.machine.holdsResources {
            act(on: job.id)
        }
        return queue.count
    }

    /// The scheduler is gone: what it was asked for waits for the next one.
    mutating func schedulerLost(_ reason: String) {
        guard scheduler.isOnline else { return }
        direct(.log(isError: false, "alloc: stop due to \(reason)"))
        for place in pending.all { requeue(place.id) }
        scheduler = SchedulerLink()
        checkDrained()
    }

    // MARK: the way of one job

    /// Puts a job in line for the scheduler, if it is ready for that.
    mutating func enqueue(_ id: JobID) {
        guard let job = active[id], job.state == .sched, !job.machine.bypassesAllocation, job.queuedPlace == nil,
            job.pendingPlace == nil, job.priority > 0, queues.isStarted(job.queue)
        else { return }
        let place = JobQueue.Place(priority: job.priority, id: id)
        active[id]?.queuedPlace = place
        queue.insert(place)
        recallPending()
    }

    /// Takes a job out of the line, also when the scheduler was asked already.
    ///
    /// - Parameter isFinal: the job goes on without waiting for the scheduler's answer.
    mutating func withdraw(_ id: JobID, finally isFinal: Bool) {
        if let place = active[id]?.queuedPlace {
            queue.remove(place)
            active[id]?.queuedPlace = nil
        }
        guard let place = active[id]?.pendingPlace else { return }
        if active[id]?.isCancelSent == false {
            active[id]?.isCancelSent = true
            direct(.cancelAllocation(id))
        }
        guard isFinal else { return }
        pending.remove(place)
        active[id]?.pendingPlace = nil
        active[id]?.isCancelSent = false
        clearAnnotations(id)
    }

    private mutating func requeue(_ id: JobID) {
        guard let place = active[id]?.pendingPlace else { return }
        pending.remove(place)
        active[id]?.pendingPlace = nil
        active[id]?.isCancelSent = false
        clearAnnotations(id, key: "sched")
        enqueue(id)
    }

    /// Asks the scheduler for as many jobs as it wants to see.
    mutating func requestAllocations() {
        guard scheduler.isOnline else { return }
        while let place = queue.first, place.priority > 0, scheduler.limit == 0 || pending.count < scheduler.limit {
            queue.remove(place)
            pending.insert(place)
            active[place.id]?.queuedPlace = nil
            active[place.id]?.pendingPlace = place
            active[place.id]?.isCancelSent = false
            direct(.requestAllocation(place.id))
            if active[place.id]?.machine.flags.contains(.debug) == true { post(place.id, "debug.alloc-request") }
        }
    }

    /// When better jobs wait than the scheduler looks at, the worst of those are taken back.
    mutating func recallPending() {
        guard scheduler.limit > 0, pending.count >= scheduler.limit, let best = queue.first, let worst = pending.last,
            best < worst
        else { return }
        for (waiting, asked) in zip(queue.all.prefix(pending.count), pending.all.reversed()) {
            guard waiting < asked else { return }
            withdraw(asked.id, finally: false)
        }
    }

    mutating func allocationAnswered(_ id: JobID, _ answer: AllocationAnswer) throws(Refusal) {
        let job = active[id].flatMap { $0.isAllocPending ? $0 : nil }
        switch answer {
        case .success(let resources, let annotations):
            var resources = resources
            if var object = resources.objectValue {
                object["scheduling"] = nil
                resources = .object(object)
            }
            guard let job else {
                direct(.freeAllocation(id, resources))
                return
            }
            guard job.resources == nil, !job.machine.holdsResources else {
                takeFromPending(job)
                throw Refusal(17, "sched.alloc-response: id=\(id) already allocated")
            }
            active[id]?.machine.resources = resources
            // While the job still counts as asked for: telling of annotations must not put it in line again.
            if let annotations { annotate(id, annotations) }
            takeFromPending(job)
            let all = active[id]?.machine.annotations ?? [:]
            post(id, "alloc", all.isEmpty ? [:] : ["annotations": .object(all)])
        case .annotate(let annotations):
            if job != nil { annotate(id, annotations) }
        case .deny(let note):
            guard let job else { return }
            takeFromPending(job)
            clearAnnotations(id)
            raise(id, type: "alloc", severity: 0, note: note ?? "", userID: owner)
        case .cancel:
            guard let job else { return }
            if job.state == .sched {
                requeue(id)
            } else {
                takeFromPending(job)
                clearAnnotations(id)
                act(on: id)
            }
            checkDrained()
        }
    }

    private mutating func takeFromPending(_ job: Job) {
        if let place = job.pendingPlace { pending.remove(place) }
        active[job.id]?.pendingPlace = nil
        active[job.id]?.isCancelSent = false
    }

    // MARK: annotations

    private mutating func annotate(_ id: JobID, _ annotations: JSON.Object) {
        active[id]?.machine.annotations.merge(annotations, removingNulls: true)
        guard let all = active[id]?.machine.annotations else { return }
        post(id, "annotations", ["annotations": all.isEmpty ? .null : .object(all)], commit: false)
    }

    /// Removes one annotation, or all of them, and tells the journal's readers when none is left.
    private mutating func clearAnnotations(_ id: JobID, key: String? = nil) {
        guard var annotations = active[id]?.machine.annotations, !annotations.isEmpty else { return }
        if let key { annotations[key] = nil } else { annotations = [:] }
        active[id]?.machine.annotations = annotations
        if annotations.isEmpty { post(id, "annotations", ["annotations": .null], commit: false) }
    }
}
