import RFC19FLUID

/// The ids of each user's jobs, for `flux job last`.
struct History: Hashable, Sendable {
    /// Oldest submission first.
    private var jobs: [UInt32: [Entry]] = [:]

    private struct Entry: Hashable, Sendable {
        let id: JobID
        let submitTime: Double
    }

    mutating func add(_ id: JobID, userID: UInt32, submitTime: Double) {
        var position = jobs[userID, default: []].count
        while position > 0, let entry = jobs[userID]?[position - 1], entry.submitTime > submitTime { position -= 1 }
        jobs[userID, default: []].insert(Entry(id: id, submitTime: submitTime), at: position)
    }

    mutating func remove(_ ids: Set<JobID>) {
        for userID in jobs.keys { jobs[userID]?.removeAll { ids.contains($0.id) } }
    }

    /// The ids that a Python slice such as `[:1]` picks from the list, newest first; nil when it is no slice.
    func slice(_ text: String, userID: UInt32) -> [JobID]? {
        let all = jobs[userID] ?? []
        guard let indices = Slice(parsing: text)?.indices(count: all.count) else { return nil }
        return indices.map { all[all.count - 1 - $0].id }
    }
}

/// A slice as Python writes it: `[start:stop:step]`, each part optional and, but for the step, countable from the end.
struct Slice: Hashable, Sendable {
    let start: Int?
    let stop: Int?
    let step: Int

    init?(parsing text: String) {
        guard text.hasPrefix("["), text.hasSuffix("]") else { return nil }
        let parts = text.dropFirst().dropLast().split(separator: ":", omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count) else { return nil }
        let numbers: [Int?] = parts.map { Int($0) }
        for (part, number) in zip(parts, numbers) where !part.isEmpty && number == nil { return nil }
        if parts.count == 1 {
            // A single index.
            guard let index = numbers[0] else { return nil }
            start = index
            stop = index == -1 ? nil : index + 1
            step = 1
            return
        }
        start = numbers[0]
        stop = numbers[1]
        step = parts.count == 3 ? numbers[2] ?? 1 : 1
        guard step != 0 else { return nil }
    }

    /// The positions it picks from a list of `count` elements.
    func indices(count: Int) -> [Int] {
        func place(_ index: Int?, default fallback: Int) -> Int {
            guard let index else { return fallback }
            let absolute = index < 0 ? index + count : index
            return step > 0 ? min(max(absolute, 0), count) : min(max(absolute, -1), count - 1)
        }
        let first = place(start, default: step > 0 ? 0 : count - 1)
        let end = place(stop, default: step > 0 ? count : -1)
        return Array(Swift.stride(from: first, to: end, by: step))
    }
}
