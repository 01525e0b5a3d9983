import FluxJSON
import RFC03Message
import RFC19FLUID
import RFC21JobStates
import Service
import Testing

@testable import JobManager

@Suite("Values of job-manager")
struct JobManagerValueTests {
    @Test("the queue keeps its order whatever is put in and taken out")
    func queueOrder() {
        var queue = JobQueue()
        var reference: [JobQueue.Place] = []
        var state: UInt64 = 1
        for step in 0..<5000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            if step % 3 == 2, !reference.isEmpty {
                let place = reference.remove(at: Int(state >> 33) % reference.count)
                let wasThere = queue.remove(place)
                #expect(wasThere)
            } else {
                let place = JobQueue.Place(priority: Int64(state >> 40 & 31), id: JobID(UInt64(step)))
                queue.insert(place)
                reference.append(place)
            }
        }
        #expect(queue.count == reference.count)
        #expect(queue.all == reference.sorted())
        #expect(queue.first == reference.min())
        #expect(queue.last == reference.max())
        let wasThere = queue.remove(JobQueue.Place(priority: 99, id: JobID(1)))
        #expect(!wasThere)
    }

    @Test("named queues begin stopped, virtual ones follow their parent")
    func queues() throws {
        var table = QueueTable()
        #expect(table.isStarted(nil))
        try table.configure(["batch": ["requires": ["b"]], "debug": [:], "quick": ["parent": "batch"]])
        #expect(table.names == ["batch", "debug", "quick"])
        #expect(!table.isStarted("batch"))
        #expect(throws: Refusal(22, "a named queue is required")) { _ = try table.queue(nil) }
        #expect(throws: Refusal(22, "'x' is not a valid queue")) { _ = try table.queue("x") }
        try table.start("quick", true, reason: nil, isPassing: false)
        #expect(!table.isStarted("quick"))
        #expect(try table.status("quick", schedulerIsOnline: true) == [
            "enable": true, "start": false, "parent": "batch", "blocked": "parent",
            "stop_reason": "parent queue 'batch' is stopped",
        ])
        try table.start("batch", true, reason: nil, isPassing: false)
        #expect(table.isStarted("quick"))
        #expect(table.requires("quick") == ["b"])
        #expect(table.covers("batch", jobQueue: "quick"))
        #expect(!table.covers("quick", jobQueue: "batch"))
        try table.enable("debug", false, reason: "no")
        #expect(throws: Refusal(22, "job submission to debug is disabled: no")) { try table.checkSubmission(to: "debug") }

        var restored = QueueTable()
        try restored.configure(["batch": [:], "debug": [:]])
        restored.restore(table.saved)
        #expect(restored.isStarted("batch"))
        #expect(throws: Refusal(22, "job submission to debug is disabled: no")) {
            try restored.checkSubmission(to: "debug")
        }
        #expect(throws: Refusal(22, "queue 'a': parent queue 'b' is not configured")) {
            try table.configure(["a": ["parent": "b"]])
        }
    }

    @Test("slices pick as Python's do", arguments: [
        ("[:1]", [5]), ("[0]", [5]), ("[-1]", [1]), ("[1:3]", [4, 3]), ("[:]", [5, 4, 3, 2, 1]), ("[::-1]", [1, 2, 3, 4, 5]),
        ("[::2]", [5, 3, 1]), ("[7:9]", []), ("[-2:]", [2, 1]),
    ])
    func slices(_ text: String, _ expected: [UInt64]) {
        var history = History()
        for id in 1...5 { history.add(JobID(UInt64(id)), userID: 1, submitTime: Double(id)) }
        #expect(history.slice(text, userID: 1)?.map(\.value) == expected)
        #expect(history.slice("[x]", userID: 1) == nil)
        #expect(history.slice("1:2", userID: 1) == nil)
    }

    @Test("limits name what is too much")
    func limits() throws {
        let limits = try Limits(configuration: [
            "policy": ["limits": ["duration": "1h", "job-size": ["max": ["ncores": 2], "min": ["ncores": 1]]]],
            "queues": ["debug": ["policy": ["limits": ["duration": "10m"]]]],
        ], instanceExpiration: 0)
        func job(_ system: JSON.Object) -> Job {
            Job(id: JobID(1), machine: .init(jobspec: LedgerScript.jobspec(system)))
        }
        try limits.check(job(["duration": 3600]), now: 0)
        #expect(throws: Refusal(22, "requested duration (2h) exceeds policy limit of 1h")) {
            try limits.check(job(["duration": 7200]), now: 0)
        }
        #expect(throws: Refusal(22, "requested duration (unlimited) exceeds policy limit of 10m for queue debug")) {
            try limits.check(job(["duration": 0, "queue": "debug"]), now: 0)
        }
    }
}

@Suite("Journal")
struct JournalTests {
    private func texts(_ journal: inout Journal, _ reader: Journal.Reader) -> [String] {
        journal.take().compactMap { $0.payload(for: reader)?.text }
    }

    @Test("events of one change are one message for each job, and readers get only what they want")
    func chapters() {
        var journal = Journal()
        journal.add(JobID(1), "submit", ["name": "submit"], ["version": 1])
        #expect(journal.isTold, "nobody listens")
        journal.listeners.add(Message(.request), Journal.Reader())
        func note() {
            journal.add(JobID(2), "submit", ["name": "submit"], ["version": 1])
            journal.add(JobID(3), "alloc", ["name": "alloc"], ["version": 2])
            journal.add(JobID(2), "validate", ["name": "validate"], nil)
        }
        note()
        #expect(texts(&journal, Journal.Reader()) == [
            #"{"id":2,"events":[{"name":"submit"},{"name":"validate"}],"jobspec":{"version":1}}"#,
            #"{"id":3,"events":[{"name":"alloc"}],"R":{"version":2}}"#,
        ])
        #expect(journal.isTold)
        note()
        #expect(texts(&journal, Journal.Reader(allowed: ["validate"])) == [
            #"{"id":2,"events":[{"name":"validate"}]}"#,
        ])
        #expect(journal.count == 7)
    }
}
