extension JobMachine {
    /// What the owner of a live job has to do next.
    public enum Directive: Hashable, Sendable {
        /// Log `depend`, `free` or `clean`.
        case post(JobEvent)
        /// Take the job out of the scheduler's queue; `isFinal` when it will not come back.
        case withdrawRequest(isFinal: Bool)
        /// Ask the plug-ins for a priority, then log `priority`.
        case askForPriority
        /// Put the job into the queue of the scheduler interface.
        case requestAllocation
        /// Send the start request to the execution service; as a reattach when ``JobMachine/hasStarted``.
        case requestStart
        /// Give the resources to housekeeping; `free` is posted beside it.
        case releaseResources
        /// Move the job to the inactive jobs and tell those who wait.
        case archive
    }

    /// What is under way and cannot be read from the log.
    public struct Outstanding: Hashable, Sendable {
        /// The job is in the allocation queue or its request is with the scheduler.
        public var isAllocQueued = false
        /// The scheduler has the request and has not answered.
        public var isAllocPending = false
        /// The execution service has still to answer: true from the start request to the final release.
        public var isStartPending = false
        /// Names of events that are posted and not applied yet.
        public var queuedEvents: [String] = []
        var dependPosted = false
        var freePosted = false
        var cleanPosted = false
        var isArchived = false

        public init() {}
    }

    /// What has to be done in the present state; ask after every event and every change of ``outstanding``.
    ///
    /// Things that are to be done once are named once.
    public mutating func directives() -> [Directive] {
        func isQueued(_ name: String) -> Bool { outstanding.queuedEvents.contains(name) }
        var todo: [Directive] = []
        switch state {
        case .new: break
        case .depend:
            if dependencies.isEmpty, !isQueued("dependency-add"), !outstanding.dependPosted {
                outstanding.dependPosted = true
                todo.append(.post(.depend))
            }
        case .priority:
            if outstanding.isAllocPending || outstanding.isAllocQueued { todo.append(.withdrawRequest(isFinal: false)) }
            todo.append(.askForPriority)
        case .sched:
            todo.append(.requestAllocation)
        case .run:
            if activePerilogs == 0, !isQueued("prolog-start"), !outstanding.isStartPending {
                todo.append(.requestStart)
            }
        case .cleanup:
            if outstanding.isAllocPending || outstanding.isAllocQueued { todo.append(.withdrawRequest(isFinal: true)) }
            let isQuiet = activePerilogs == 0 && !isQueued("epilog-start") && !outstanding.isStartPending
            if isQuiet, holdsResources, !outstanding.freePosted {
                outstanding.freePosted = true
                if !bypassesAllocation { todo.append(.releaseResources) }
                todo.append(.post(.free))
            }
            let isWithdrawn = !outstanding.isAllocPending && !outstanding.isAllocQueued
            if isQuiet, isWithdrawn, !holdsResources, !outstanding.cleanPosted {
                outstanding.cleanPosted = true
                todo.append(.post(.clean))
            }
        case .inactive:
            if !outstanding.isArchived {
                outstanding.isArchived = true
                todo.append(.archive)
            }
        }
        return todo
    }
}
