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
    /// Whether nodes that leave are lost for good, because nobody will start their brokers again.
    package var shrinks = false
    /// Nodes that were online and are not any more.
    package private(set) var lost = Idset()
    private var reported = Idset()
    private var removed = Idset()

    package init() {}

    package var up: Idset {
        online.subtracting(drained).subtracting(excluded).subtracting(torpid).subtracting(forcedDown)
    }

    /// Nodes that do not belong to the instance any more.
    package var gone: Idset { shrinks ? lost : Idset() }

    /// Takes the brokers that are online now.
    package mutating func setOnline(_ ranks: Idset) {
        let present = ranks.subtracting(forcedDown)
        lost = lost.union(online.subtracting(present)).subtracting(present)
        online = present
    }

    /// Takes brokers for gone, whatever they say.
    package mutating func forceDown(_ ranks: Idset) {
        forcedDown.formUnion(ranks)
        setOnline(online)
    }

    /// The first word to a scheduler.
    package mutating func begin() -> Idset {
        reported = up
        removed = gone
        return reported
    }

    /// What has changed since the last word; nil when nothing has.
    package mutating func takeUpdate() -> AcquireUpdate? {
        guard !isMuted else { return nil }
        var update = AcquireUpdate(from: reported, to: up)
        update.shrink = gone.subtracting(removed)
        removed.formUnion(update.shrink)
        reported = up
        return update.isEmpty ? nil : update
    }
}
