import RFC43JobList

/// Ended jobs in the order of their ends, packed; found by id as fast.
struct EndedJobs: Sendable {
    private var jobs: [PackedJobRecord] = []
    /// Where a job stands in `jobs`, counted with those that were taken from the front.
    private var places: [UInt64: Int] = [:]
    private var taken = 0
    private var texts = SharedTexts()

    var count: Int { jobs.count }
    /// Different texts of all jobs.
    var textCount: Int { texts.count }

    subscript(id: UInt64) -> JobRecord? { places[id].map { jobs[$0 - taken].record(texts) } }

    /// The latest end first, until the body says stop.
    func forEachFromLatest<Failure: Error>(_ body: (JobRecord) throws(Failure) -> Bool) throws(Failure) {
        for packed in jobs.reversed() {
            guard try body(packed.record(texts)) else { return }
        }
    }

    /// False when the record cannot be packed.
    mutating func add(_ record: JobRecord) -> Bool {
        guard let packed = PackedJobRecord(record, &texts) else { return false }
        // Jobs come in the order of their ends, but for those of a restart.
        if let last = jobs.last, (last.inactiveTime, last.id) > (packed.inactiveTime, packed.id) {
            let place = jobs.firstIndex { ($0.inactiveTime, $0.id) > (packed.inactiveTime, packed.id) } ?? jobs.count
            jobs.insert(packed, at: place)
            number(from: place)
        } else {
            places[packed.id] = jobs.count + taken
            jobs.append(packed)
        }
        return true
    }

    mutating func remove(_ ids: Set<UInt64>) {
        let front = jobs.prefix { ids.contains($0.id) }.count
        forget(jobs[..<front])
        jobs.removeFirst(front)
        taken += front
        // Mostly the oldest go; otherwise the rest moves up.
        guard ids.count > front, jobs.contains(where: { ids.contains($0.id) }) else { return }
        forget(jobs.filter { ids.contains($0.id) }[...])
        jobs.removeAll { ids.contains($0.id) }
        number(from: 0)
    }

    private mutating func forget(_ doomed: ArraySlice<PackedJobRecord>) {
        for packed in doomed {
            places[packed.id] = nil
            packed.release(&texts)
        }
    }

    private mutating func number(from place: Int) {
        for index in place..<jobs.count { places[jobs[index].id] = index + taken }
    }
}
