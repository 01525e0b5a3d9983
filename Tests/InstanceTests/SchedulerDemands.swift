import FluxJSON
import Glibc
import RFC03Message
import Testing

/// RFC 27 and RFC 28 from the scheduler's side: the test is the job manager.
extension InstanceTests {
    private static func jobspec(nodes: Int64) -> JSON {
        [
            "version": 1, "attributes": ["system": ["duration": 0]],
            "resources": [
                [
                    "type": "node", "count": .int(nodes), "exclusive": true,
                    "with": [["type": "slot", "count": 1, "label": "task", "with": [["type": "core", "count": 1]]]],
                ]
            ],
            "tasks": [["command": ["true"], "slot": "task", "count": ["per_slot": 1]]],
        ]
    }

    private static func allocation(_ id: Int64, nodes: Int64 = 1) -> JSON {
        ["id": .int(id), "priority": 16, "userid": 0, "t_submit": 1.5, "jobspec": jobspec(nodes: nodes)]
    }

    @Test("RFC 27: the scheduler says hello, then that it is ready, and ends when it is refused", arguments: [true, false])
    func schedulerHandshake(isHelloRefused: Bool) throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            for name in ["sched-simple", "job-exec", "job-list", "job-info", "job-ingest", "job-manager"] {
                #expect(instance.flux("module", "remove", "-f", name).status == 0, "\(name)")
            }
            let manager = try instance.connect()
            try manager.serve("job-manager")
            #expect(instance.flux("module", "load", "sched-simple").status == 0)
            let hello = try manager.nextRequest("job-manager.sched-hello")
            #expect(hello.flags.contains(.streaming))
            if isHelloRefused {
                manager.refuse(hello, 1, "not today")
            } else {
                #expect(hello.field("partial-ok") == true)
                #expect(try manager.requestsSoFar().isEmpty)
                manager.refuse(hello, 61)
                let ready = try manager.nextRequest("job-manager.sched-ready")
                #expect(ready.field("mode") == "limited")
                #expect(ready.field("limit")?.intValue ?? 0 > 0)
                #expect(instance.flux("module", "list").output.contains("sched-simple"))
                manager.refuse(ready, 1, "not today")
            }
            // A module that fails ends its broker.
            let outcome = instance.wait(within: 30)
            #expect(!outcome.isTimeout && outcome.status != 0)
            #expect(outcome.errors.contains("not today"), "\(outcome.errors)")
        }
    }

    @Test("RFC 27: R is stored before success, a canceled request is answered as such, cancel itself is not")
    func schedulerAllocation() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            let manager = try instance.connect()
            let first = manager.request("sched.alloc", Self.allocation(1))
            let granted = try manager.response(first)
            #expect(granted["id"] == 1 && granted["type"] == 0)
            let stored = try manager.ask(
                "kvs.lookup", ["key": "job.0000.0000.0000.0001.R", "namespace": "primary", "flags": 0])
            #expect(stored.errnum == 0)

            // No node is left for the second.
            let second = manager.request("sched.alloc", Self.allocation(2))
            let cancel = manager.request("sched.cancel", ["id": 2])
            let canceled = try manager.response(second)
            #expect(canceled.json == ["id": 2, "type": 3])
            manager.request("sched.cancel", ["id": 99])
            let ping = manager.request("sched.ping", ["seq": 1])
            while true {
                let message = try #require(manager.receive())
                #expect(message.matchtag != cancel && message.matchtag != cancel + 1)
                if message.matchtag == ping { break }
            }

            #expect(try manager.ask("feasibility.check", ["jobspec": Self.jobspec(nodes: 1)]).bytes == [])
            let impossible = try manager.ask("feasibility.check", ["jobspec": Self.jobspec(nodes: 2)])
            #expect(impossible.errnum != 0 && impossible.text != "")
            let denied = try manager.response(manager.request("sched.alloc", Self.allocation(3, nodes: 2)))
            #expect(denied["id"] == 3 && denied["type"] == 2)
            #expect(instance.end().status == 0)
        }
    }

    @Test("RFC 28: resources are acquired by a stream; the loss of a node is no exception of the scheduler")
    func schedulerLoss() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 2))
            // The job is simulated: the exec service has no shell to lose.
            let id = try instance.submit("-N2", "--setattr=system.exec.test.run_duration=600s", "true")
            let socket = try instance.connect()
            #expect(instance.flux("job", "wait-event", "--timeout=20", "\(id)", "start").status == 0)
            kill(try #require(instance.broker(1)), SIGKILL)
            #expect(eventually { instance.flux("resource", "list", "-s", "all", "-no", "{ranks}").output == "0\n" })
            let log = try socket.ask("job-info.lookup", ["id": .int(id), "keys": ["eventlog"], "flags": 0])
            #expect(log["eventlog"]?.stringValue?.contains("exception") == false)
            #expect(instance.flux("cancel", "--all").status == 0)
            #expect(!instance.end().isTimeout)
        }
    }

    @Test("RFC 28: the scheduler asks for resources with a streaming request")
    func schedulerAcquires() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            for name in ["sched-simple", "resource"] {
                #expect(instance.flux("module", "remove", "-f", name).status == 0, "\(name)")
            }
            let resources = try instance.connect()
            try resources.serve("resource")
            #expect(instance.flux("module", "load", "sched-simple").status == 0)
            let acquire = try resources.nextRequest("resource.acquire")
            #expect(acquire.flags.contains(.streaming))
            resources.refuse(acquire, 38)
            #expect(try resources.ask("service.remove", ["service": "resource"]).errnum == 0)
            #expect(instance.flux("module", "load", "resource").status == 0)
            #expect(instance.flux("module", "reload", "sched-simple").status == 0)
            #expect(instance.end().status == 0)
        }
    }
}
