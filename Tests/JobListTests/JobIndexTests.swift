import FluxJSON
import RFC21JobStates
import RFC43JobList
import Testing

@testable import JobList

@Suite("The index of jobs")
struct JobIndexTests {
    static func event(_ name: String, _ time: Double, _ context: JSON.Object = [:]) -> JSON {
        var event: JSON.Object = ["timestamp": .real(time), "name": .string(name)]
        if !context.isEmpty { event["context"] = .object(context) }
        return .object(event)
    }

    static let jobspec: JSON = [
        "resources": [["type": "slot", "count": 1, "with": [["type": "core", "count": 1]], "label": "t"]],
        "tasks": [["command": ["/bin/x"], "slot": "t", "count": ["per_slot": 1]]],
        "attributes": ["system": ["duration": 0, "queue": "q"]], "version": 1,
    ]

    static func submit(_ id: UInt64, into index: inout JobIndex, priority: Int64 = 16) {
        let context: JSON.Object = ["userid": 1, "urgency": 16, "flags": 0, "version": 1]
        let events = [
            event("submit", Double(id), context), event("validate", Double(id)), event("depend", Double(id)),
            event("priority", Double(id), ["priority": .int(priority)]),
        ]
        _ = index.receive(id: id, events: events, jobspec: jobspec, resources: nil)
    }

    static func ids(_ index: JobIndex, _ constraint: JobConstraint = .everything, limit: Int = 0, since: Double = 0) throws -> [UInt64] {
        var meter = ComparisonMeter(limit: 0)
        return try index.query(constraint, limit: limit, since: since, in: .init(), &meter).map(\.id)
    }

    @Test("waiting, running and ended jobs come in their orders")
    func orders() throws {
        var index = JobIndex()
        for id in 1...4 { Self.submit(UInt64(id), into: &index) }
        Self.submit(5, into: &index, priority: 20)
        #expect(try Self.ids(index) == [5, 1, 2, 3, 4])
        for id: UInt64 in [1, 2, 3] {
            let changed = index.receive(id: id, events: [Self.event("alloc", 10 + Double(id))], jobspec: nil, resources: nil)
            #expect(changed)
        }
        #expect(try Self.ids(index) == [5, 4, 3, 2, 1])
        for (id, time) in [(UInt64(3), 20.0), (1, 21.0)] {
            _ = index.receive(
                id: id, events: [Self.event("finish", time, ["status": 0]), Self.event("clean", time + 1)], jobspec: nil,
                resources: nil)
        }
        #expect(try Self.ids(index) == [5, 4, 2, 1, 3])
        #expect(try Self.ids(index, limit: 2) == [5, 4])
        #expect(try Self.ids(index, .states(.inactive)) == [1, 3])
        #expect(try Self.ids(index, .states(.inactive), since: 21) == [1])
        #expect(index.statistics[.sched] == 2)
        #expect(index.statistics[.inactive] == 2)
        #expect(index.queueStatistics["q"]?[.inactive] == 2)
        index.purge([3])
        #expect(try Self.ids(index, .states(.inactive)) == [1])
        #expect(index.statistics.purged == 1)
    }

    @Test("a job that was refused is forgotten")
    func invalidated() throws {
        var index = JobIndex()
        let context: JSON.Object = ["userid": 1, "urgency": 16, "flags": 0, "version": 1]
        _ = index.receive(id: 1, events: [Self.event("submit", 1, context)], jobspec: Self.jobspec, resources: nil)
        _ = index.receive(id: 1, events: [Self.event("invalidate", 1)], jobspec: nil, resources: nil)
        #expect(index[1] == nil)
        #expect(try Self.ids(index) == [])
    }

    @Test("an ended job is packed and comes out as it was")
    func packing() throws {
        var index = JobIndex()
        var shared = SharedTexts()
        Self.submit(1, into: &index)
        let resources: JSON = [
            "version": 1,
            "execution": [
                "R_lite": [["rank": "0-1", "children": ["core": "0"]]], "starttime": 1.0, "expiration": 9.0,
                "nodelist": ["a[0-1]"],
            ],
        ]
        _ = index.receive(
            id: 1, events: [
                Self.event("alloc", 11, ["annotations": ["sched": ["resource_summary": "rank[0-1]/core0"]]]),
                Self.event("exception", 12, ["type": "cancel", "severity": 0, "note": "no"]),
            ], jobspec: nil, resources: resources)
        var whole = try #require(index[1])
        whole.apply(name: "clean", context: nil, at: 13)
        let packed = try #require(PackedJobRecord(whole, &shared))
        #expect(packed.record(shared).json(JobAttribute.allCases) == whole.json(JobAttribute.allCases))
        #expect(packed.record(shared).result == .canceled)
        #expect(MemoryLayout<PackedJobRecord>.stride <= 176)
        let count = shared.count
        let again = try #require(PackedJobRecord(whole, &shared))
        #expect(shared.count == count)
        packed.release(&shared)
        #expect(again.record(shared).json(JobAttribute.allCases) == whole.json(JobAttribute.allCases))
        again.release(&shared)
        #expect(shared.count == 0)
    }
}
