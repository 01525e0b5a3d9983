package import RFC18Eventlog
package import RFC44ResourceEvents

/// The newest events of resources, no more than a limit; what was dropped is told by an event at the head.
///
/// Source: RFC 44; observed: flux-core 0.88.
package struct ResourceJournal: Hashable, Sendable {
    /// At most so many entries are kept, the event `truncate` among them; at least 1.
    package var limit: Int { didSet { truncate() } }
    private var entries: [Eventlog.Entry] = []
    /// How many of `entries` are dropped already.
    private var dropped = 0
    private var truncation: Eventlog.Entry?

    package init(limit: Int) { self.limit = max(1, limit) }

    package var all: [Eventlog.Entry] { (truncation.map { [$0] } ?? []) + entries[dropped...] }

    /// - Complexity: constant over time.
    package mutating func append(_ entry: Eventlog.Entry) {
        entries.append(entry)
        truncate()
    }

    private mutating func truncate() {
        guard entries.count - dropped + (truncation == nil ? 0 : 1) > limit else { return }
        let last = entries.count - (limit - 1)
        truncation = ResourceEvent.truncate.entry(timestamp: entries[last - 1].timestamp)
        dropped = last
        if dropped > 1024, dropped * 2 > entries.count {
            entries.removeFirst(dropped)
            dropped = 0
        }
    }
}
