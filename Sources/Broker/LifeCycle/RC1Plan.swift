/// What the built-in rc1 does on a broker, in an order that respects what each step needs.
///
/// Source: the default set of flux-core 0.88 (broker-protocol 5.1). What is done with stored state: its rc1 (observed).
package struct RC1Plan: Hashable, Sendable {
    package enum Step: Hashable, Sendable {
        /// A module is loaded.
        case load(String, arguments: [String] = [])
        /// The empty store is filled from an archive.
        case restore(StoredArchive)
        /// The store that an earlier run has left is checked, and mended where it has to be.
        case checkStore
        /// The start is noted in the log of starts.
        case noteStart
        /// Each file of a folder is taken for a crontab.
        case loadCrontabs(folder: String)
        /// Programs of the administrator, when everything else is there.
        case runExtraPrograms
    }

    package let steps: [Step]

    /// - Parameters:
    ///   - backing: the module that stores content, or `none`.
    ///   - archive: what the store is to hold instead of what is in it.
    ///   - crontabs: a folder with crontabs.
    ///   - hasScheduler: whether the built-in scheduler is wanted; `FLUX_SCHED_MODULE=none` says no.
    ///   - isRecovering: an owner has come to repair the state by hand.
    package init(
        rank: UInt32, backing: String, archive: StoredArchive? = nil, crontabs: String? = nil,
        hasScheduler: Bool = true, isRecovering: Bool = false
    ) {
        let isLeader = rank == 0, keepsContent = isLeader && backing != "none"
        var steps: [Step] = []
        func load(_ module: String, onLeaderOnly: Bool = false) {
            if isLeader || !onLeaderOnly { steps.append(.load(module)) }
        }
        load("content")
        if keepsContent {
            steps.append(.load(backing, arguments: archive == nil ? [] : ["truncate"]))
            if let archive {
                steps.append(.restore(archive))
            } else if !isRecovering {
                steps.append(.checkStore)
            }
        }
        load("kvs")
        if keepsContent { steps.append(.noteStart) }
        load("kvs-watch")
        load("heartbeat")
        if isLeader { steps.append(.load("cron", arguments: ["sync=heartbeat.pulse"])) }
        load("resource")
        load("job-manager", onLeaderOnly: true)
        load("job-info")
        load("job-list", onLeaderOnly: true)
        load("job-exec", onLeaderOnly: true)
        if hasScheduler { load("sched-simple", onLeaderOnly: true) }
        load("job-ingest")
        if isLeader, let crontabs { steps.append(.loadCrontabs(folder: crontabs)) }
        steps.append(.runExtraPrograms)
        self.steps = steps
    }
}
