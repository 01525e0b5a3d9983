import FluxJSON
import RFC03Message
import RFC19FLUID
import Service

/// Who follows the events of all jobs, and what they have to be told.
struct Journal {
    struct Reader {
        var allowed: Set<String>?
        var denied: Set<String> = []
        /// Events that came while the past was still being read; nil once that is done.
        var waiting: [JSON]?

        func wants(_ name: String) -> Bool { (allowed?.contains(name) ?? true) && !denied.contains(name) }
        var wantsAll: Bool { allowed == nil && denied.isEmpty }
    }

    /// Events of one job that follow from one change: they are told in one message.
    struct Chapter {
        let id: JobID
        /// Names and entries, oldest first.
        private(set) var events: [(name: String, entry: JSON)] = []
        /// Told with the `submit` event.
        private var jobspec: JSON?
        /// Told with the `alloc` event.
        private var resources: JSON?

        init(id: JobID) { self.id = id }

        mutating func add(_ name: String, _ entry: JSON, _ attachment: JSON?) {
            events.append((name, entry))
            if name == "submit" { jobspec = attachment ?? jobspec } else { resources = attachment ?? resources }
        }

        /// What a reader is told; nil when it wants none of it.
        func payload(for reader: Reader) -> JSON? {
            let wanted = reader.wantsAll ? events : events.filter { reader.wants($0.name) }
            guard !wanted.isEmpty else { return nil }
            var payload: JSON.Object = ["id": id.json, "events": .array(wanted.map(\.entry))]
            if reader.wants("submit") { payload["jobspec"] = jobspec }
            if reader.wants("alloc") { payload["R"] = resources }
            return .object(payload)
        }
    }

    var listeners = PendingRequests<Reader>()
    /// Events so far.
    private(set) var count: Int64 = 0
    /// What was not told yet: one chapter for each job, in the order in which the jobs had their first event.
    private var chapters: [Chapter] = []
    private var places: [JobID: Int] = [:]

    /// Whether there is nothing to tell.
    var isTold: Bool { chapters.isEmpty }

    /// Notes an event for the readers, if there are any.
    mutating func add(_ id: JobID, _ name: String, _ entry: JSON, _ attachment: JSON?) {
        count += 1
        guard !listeners.isEmpty else { return }
        if places[id] == nil {
            places[id] = chapters.count
            chapters.append(Chapter(id: id))
        }
        if let place = places[id] { chapters[place].add(name, entry, attachment) }
    }

    /// Takes out what was not told yet.
    mutating func take() -> [Chapter] {
        defer {
            chapters.removeAll(keepingCapacity: true)
            places.removeAll(keepingCapacity: true)
        }
        return chapters
    }
}
