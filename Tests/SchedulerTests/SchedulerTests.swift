import FluxJSON
import RFC20R
import RFC27ResourceAllocation
@testable import Scheduler
import Service
import Testing

@Suite("Scheduler")
struct SchedulerTests {
    /// A queue over one node with two cores.
    static func queue() throws -> AllocationQueue {
        AllocationQueue(pool: ResourcePool(try ResourceSet(json: [
            "version": 1,
            "execution": ["R_lite": [["rank": "0", "children": ["core": "0-1"]]], "nodelist": ["n0"]],
        ])))
    }

    static func job(_ id: UInt64, cores: Int64 = 1, seconds: Int64 = 0, priority: UInt32 = 16) -> AllocRequest {
        let slot: JSON = ["type": "slot", "count": 1, "label": "task", "with": [["type": "core", "count": .int(cores)]]]
        return AllocRequest(
            id: id, priority: priority, userID: 0, submitTime: 0,
            jobspec: [
                "version": 1, "resources": [slot], "tasks": [],
                "attributes": ["system": ["duration": .int(seconds)]],
            ])
    }

    static func text(_ annotations: [AllocationQueue.Annotation]) -> [String] {
        annotations.map { "\($0.id) \(JSON.object($0.change).text(sortedKeys: true))" }
    }

    @Test func `those who wait learn when the jobs before them end`() throws {
        var queue = try Self.queue()
        for job in [Self.job(1, cores: 2, seconds: 100), Self.job(2, cores: 2, seconds: 50), Self.job(3)] {
            try queue.add(job)
        }
        #expect(queue.schedule(now: 1000).count == 1)
        #expect(Self.text(queue.forecast(now: 1000)) == [#"2 {"t_estimate":1100.0}"#, #"3 {"t_estimate":1150.0}"#])
        #expect(queue.forecast(now: 1001).isEmpty)
    }

    @Test func `behind a job without an end nothing is known, and what was said is taken back`() throws {
        var queue = try Self.queue()
        for job in [Self.job(1, cores: 2, seconds: 100), Self.job(2, cores: 2, seconds: 50)] { try queue.add(job) }
        _ = queue.schedule(now: 1000)
        _ = queue.forecast(now: 1000)
        try queue.add(Self.job(3, priority: 20))
        #expect(Self.text(queue.forecast(now: 1000)) == [#"3 {"t_estimate":1100.0}"#, #"2 {"t_estimate":null}"#])
    }

    @Test func `reasons count the jobs ahead and go when the job starts`() throws {
        var queue = try Self.queue()
        for id in 1...4 { try queue.add(Self.job(UInt64(id))) }
        _ = queue.schedule(now: 1000)
        #expect(Self.text(queue.explain()) == [
            #"3 {"jobs_ahead":0,"reason_pending":"insufficient resources"}"#,
            #"4 {"jobs_ahead":1,"reason_pending":"insufficient resources"}"#,
        ])
        queue.update { $0.free(job: 1) }
        guard case .grant(let id, _, let annotations) = try #require(queue.schedule(now: 1001).first) else {
            Issue.record("no grant")
            return
        }
        #expect(id == 3)
        #expect(annotations == ["resource_summary": "rank0/core0", "reason_pending": nil, "jobs_ahead": nil])
        #expect(Self.text(queue.explain()) == [#"4 {"jobs_ahead":0}"#])
    }

    @Test(arguments: [
        ([], 8), (["queue-depth=3"], 3), (["mode=limited=2"], 2), (["mode=unlimited"], nil),
        (["queue-depth=unlimited", "log-level=debug"], nil),
    ] as [([String], Int32?)])
    func `arguments say how many jobs may wait here`(arguments: [String], depth: Int32?) throws {
        #expect(try SchedulerOptions(arguments: arguments).queueDepth == depth)
    }

    @Test(arguments: ["mode=foobar", "mode=limited=0", "mode=limited=-1", "queue-depth=x", "log-level=loud", "what"])
    func `wrong arguments are refused`(argument: String) {
        #expect(throws: ServiceError.self) { try SchedulerOptions(arguments: [argument]) }
    }
}
