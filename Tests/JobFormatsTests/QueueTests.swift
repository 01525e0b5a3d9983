import FluxJSON
import RFC33Queue
import Testing

@Suite("RFC 33: queues")
struct QueueTests {
    @Test("a virtual queue has its parent's resources and policy, and its own before them")
    func inheritance() throws {
        let queues = try QueueConfiguration([
            "policy": ["limits": ["duration": "4h", "job-size": ["max": ["nnodes": 8]]]],
            "queues": [
                "batch": ["requires": ["big"], "policy": ["limits": ["duration": "2h"]]],
                "short": ["parent": "batch", "policy": ["limits": ["job-size": ["max": ["nnodes": 1]]]]],
                "all": ["hosts": "n[0-3]"],
            ],
        ])
        #expect(queues.names == ["batch", "short", "all"])
        #expect(queues.requires(of: "short") == ["big"])
        #expect(queues.constraint(of: "all") == ["properties": ["+all"]])
        #expect(try queues.policy(of: "short").maxDuration == 7200)
        #expect(queues.policy(of: "short").maximum("nnodes") == 1)
        #expect(queues.policy(of: "batch").maximum("nnodes") == 8)
        #expect(try queues.policy(of: nil).maxDuration == 14_400)
        #expect(queues.virtualQueues(of: "batch") == ["short"])
    }

    @Test(
        "tables that break a rule",
        arguments: [
            #"{"queues":{"a":{"parent":"b"}}}"#, #"{"queues":{"a":{"parent":"b"},"b":{"parent":"a"}}}"#,
            #"{"queues":{"a":{},"b":{"parent":"a","requires":["x"]}}}"#, #"{"queues":{"a":{"requires":"x"}}}"#,
            #"{"queues":{"a":{"requires":["x"],"hosts":"n1"}}}"#, #"{"queues":5}"#,
            #"{"queues":{"a":{"requires":["x|y"]}}}"#,
            #"{"queues":{"a":{}},"policy":{"jobspec":{"defaults":{"system":{"queue":"z"}}}}}"#,
        ])
    func refused(_ text: String) throws {
        let json = try JSON(parsing: text)
        #expect(throws: QueueConfiguration.Failure.self) { try QueueConfiguration(json) }
    }

    @Test("payloads print as they were read")
    func payloads() throws {
        let status: JSON = ["enable": true, "start": false, "parent": "a", "blocked": "parent", "stop_reason": "r"]
        #expect(try QueueStatus(json: status).json == status)
        let request: JSON = ["name": "a", "start": false, "all": false, "nocheckpoint": true]
        #expect(try QueueSwitchRequest(json: request).json == request)
        let checkpoint: JSON = ["version": 1, "max_jobid": 7, "queue": [["enable": true, "start": false]]]
        #expect(try QueueCheckpoint(json: checkpoint).json == checkpoint)
    }

    @Test("a condition that nobody knows blocks like any other")
    func unknownCondition() throws {
        let status = try QueueStatus(json: ["enable": true, "start": false, "blocked": "weather"])
        #expect(!status.isStarted)
        #expect(status.wasStarted)
        #expect(status.blocked == "weather")
        #expect(try !QueueStatus(json: ["enable": true, "start": false]).wasStarted)
    }
}
