package import RFC22Idset
package import RFC28ResourceAcquisition

/// Which nodes a scheduler may use now: online, not drained, not excluded, not silent.
package struct Availability: Hashable, Sendable {
    package var online = Idset()
    package var torpid = Idset()
    package var drained = Idset()
    package var excluded = Idset()
    /// Ranks that an administrator or a test has forced down.
    package var forcedDown = Idset()
    /// While muted, nodes that leave are not reported: the instance is on its way down.
    package var isMuted = false
    private var reported = Idset()

    package init() {}

    package var up: Idset {
        online.subtracting(drained).subtracting(excluded).subtracting(torpid).subtracting(forcedDown)
    }

    /// The first word to a scheduler.
    package mutating func begin() -> Idset {
        reported = up
        return reported
    }

    /// What has changed since the last word; nil when nothing has.
    package mutating func takeUpdate() -> AcquireUpdate? {
        guard !isMuted else { return nil }
        let update = AcquireUpdate(from: reported, to: up)
        reported = up
        return update.isEmpty ? nil : update
    }
}
