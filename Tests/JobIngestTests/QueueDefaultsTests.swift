import FluxJSON
import Testing
@testable import JobIngest

@Suite("RFC 33: what the configuration adds to a jobspec")
struct QueueDefaultsTests {
    private func applied(_ configuration: JSON, _ system: JSON = [:]) throws -> JSON? {
        let defaults = try QueueDefaults(configuration: configuration)
        return try defaults.applied(to: ["attributes": ["system": system]])["attributes"]?["system"]
    }

    private static let queues: JSON = [
        "batch": ["hosts": "n[0-3]", "policy": ["jobspec": ["defaults": ["system": ["duration": "1h"]]]]],
        "short": ["parent": "batch"], "gpu": ["requires": ["gpu"]],
    ]

    @Test("a job without a queue gets the default one; where there are several and no default it is refused")
    func defaultQueue() throws {
        let policy: JSON = ["jobspec": ["defaults": ["system": ["queue": "gpu"]]]]
        #expect(try applied(["queues": Self.queues, "policy": policy])?["queue"] == "gpu")
        #expect(try applied(["queues": Self.queues, "policy": policy], ["queue": "short"])?["queue"] == "short")
        #expect(throws: QueueDefaults.Failure("no queue specified")) { try applied(["queues": Self.queues]) }
        #expect(throws: QueueDefaults.Failure.self) { try applied(["queues": Self.queues], ["queue": "nosuch"]) }
    }

    @Test("jobs of a queue with hosts need its membership property, those of a virtual queue that of its parent")
    func membership() throws {
        for name in ["batch", "short"] {
            let system = try applied(["queues": Self.queues], ["queue": .string(name)])
            #expect(system?["constraints"] == ["properties": ["+batch"]])
            #expect(system?["queue"] == .string(name))
            #expect(system?["duration"] == 3600.0)
        }
        let system = try applied(
            ["queues": Self.queues], ["queue": "batch", "constraints": ["properties": ["fast"]]])
        #expect(system?["constraints"] == ["properties": ["fast", "+batch"]])
    }

    @Test("required properties are added to those that the job has")
    func requires() throws {
        let own: JSON = ["or": [["hostlist": ["a"]], ["hostlist": ["b"]]]]
        let system = try applied(["queues": Self.queues], ["queue": "gpu", "constraints": own])
        #expect(system?["constraints"] == ["and": [own, ["properties": ["gpu"]]]])
    }
}
