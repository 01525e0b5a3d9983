package import FluxJSON

/// Which modules the built-in rc1 loads on a broker, in an order that respects what each needs.
///
/// Source: the default set of flux-core 0.88 (broker-protocol 5.1) without cron, which is not built yet: its commands get
/// ENOSYS.
package struct RC1Plan: Hashable, Sendable {
    package struct Step: Hashable, Sendable {
        package let module: String
        package let arguments: [String]
    }

    package let steps: [Step]

    /// - Parameter backing: the module that stores content, or `none`.
    package init(rank: UInt32, backing: String) {
        var steps: [Step] = []
        func load(_ module: String, onLeaderOnly: Bool = false, _ arguments: [String] = []) {
            if onLeaderOnly && rank != 0 { return }
            steps.append(Step(module: module, arguments: arguments))
        }
        load("content")
        if backing != "none" { load(backing, onLeaderOnly: true) }
        load("kvs")
        load("kvs-watch")
        load("heartbeat")
        load("resource")
        load("job-manager", onLeaderOnly: true)
        load("job-info")
        load("job-list", onLeaderOnly: true)
        load("job-exec", onLeaderOnly: true)
        load("sched-simple", onLeaderOnly: true)
        load("job-ingest")
        self.steps = steps
    }
}
