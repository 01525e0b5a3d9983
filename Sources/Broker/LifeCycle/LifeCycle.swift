/// The life of a broker: events in, states and directives out.
///
/// Source: broker-protocol 4.1 (observed: flux-core 0.88). The numbers are on the wire of `state-machine.monitor`.
package struct LifeCycle: Sendable {
    package enum State: Int, Hashable, Sendable, CaseIterable, Comparable {
        case loadBuiltins, join, configSync, `init`, quorum, run
        case cleanup, shutdown, finalize, goodbye, unloadBuiltins, exit

        package static func < (left: State, right: State) -> Bool { left.rawValue < right.rawValue }

        /// The name that logs and `state-machine.get` show.
        package var name: String {
            switch self {
            case .loadBuiltins: "load-builtins"
            case .configSync: "config-sync"
            case .unloadBuiltins: "unload-builtins"
            default: "\(self)"
            }
        }
    }

    package enum Event: String, Hashable, Sendable {
        case builtinsSuccess = "builtins-success", builtinsFail = "builtins-fail"
        case parentReady = "parent-ready", parentNone = "parent-none", parentFail = "parent-fail"
        case syncSuccess = "sync-success", syncNone = "sync-none", syncFail = "sync-fail"
        case rc1Success = "rc1-success", rc1None = "rc1-none", rc1Fail = "rc1-fail"
        case rc1IgnoreFail = "rc1-ignorefail"
        case quorumFull = "quorum-full", quorumFail = "quorum-fail"
        case rc2Success = "rc2-success", rc2Fail = "rc2-fail", rc2None = "rc2-none"
        case shutdown, panic
        case cleanupSuccess = "cleanup-success", cleanupNone = "cleanup-none", cleanupFail = "cleanup-fail"
        case childrenComplete = "children-complete", childrenNone = "children-none"
        case rc3Success = "rc3-success", rc3None = "rc3-none", rc3Fail = "rc3-fail"
        case goodbye
        case builtinsDone = "builtins-done", builtinsUnloadFail = "builtins-unload-fail"
    }

    package private(set) var state = State.loadBuiltins

    package init() {}

    /// Moves on and gives the state to enter; nil when the event means nothing in this state.
    package mutating func apply(_ event: Event) -> State? {
        guard let next = Self.next(state, event) else { return nil }
        state = next
        return next
    }

    private static func next(_ state: State, _ event: Event) -> State? {
        switch (state, event) {
        case (.loadBuiltins, .builtinsSuccess): .join
        case (.loadBuiltins, .builtinsFail): .unloadBuiltins
        case (.join, .parentReady), (.join, .parentNone): .configSync
        case (.join, .parentFail): .shutdown
        case (.configSync, .syncSuccess), (.configSync, .syncNone): .`init`
        case (.configSync, .syncFail), (.configSync, .parentFail): .shutdown
        case (.`init`, .rc1Success), (.`init`, .rc1None), (.`init`, .rc1IgnoreFail): .quorum
        case (.`init`, .rc1Fail), (.`init`, .panic), (.`init`, .parentFail): .shutdown
        case (.quorum, .quorumFull): .run
        case (.quorum, .quorumFail), (.quorum, .panic), (.quorum, .parentFail): .shutdown
        case (.run, .rc2Success), (.run, .rc2Fail), (.run, .shutdown), (.run, .parentFail): .cleanup
        case (.run, .panic): .shutdown
        case (.cleanup, .cleanupSuccess), (.cleanup, .cleanupNone), (.cleanup, .cleanupFail): .shutdown
        case (.shutdown, .childrenNone), (.shutdown, .childrenComplete): .finalize
        case (.finalize, .rc3Success), (.finalize, .rc3None), (.finalize, .rc3Fail): .goodbye
        case (.goodbye, .goodbye): .unloadBuiltins
        case (.unloadBuiltins, .builtinsDone), (.unloadBuiltins, .builtinsUnloadFail): .exit
        default: nil
        }
    }

    /// What a follower makes of its parent's state; nil for nothing.
    package func event(parentState parent: State) -> Event? {
        switch state {
        case .join: parent >= .cleanup ? .parentFail : parent == .quorum || parent == .run ? .parentReady : nil
        case .quorum: parent >= .cleanup ? .quorumFail : parent == .`init` || parent == .run ? .quorumFull : nil
        case .run: parent > .shutdown ? .parentFail : parent == .shutdown ? .shutdown : nil
        default: nil
        }
    }
}
