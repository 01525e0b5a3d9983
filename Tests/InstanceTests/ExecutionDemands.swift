import FluxJSON
import RFC03Message
import Testing

/// RFC 32 from both sides.
extension InstanceTests {
    @Test("RFC 32: the job manager and an execution service that is the test")
    func executionOtherService() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            let service = try instance.connect()
            try service.serve("other-exec")
            let hello = try service.ask("job-manager.exec-hello", ["service": "other-exec"])
            #expect(hello.errnum == 0 && hello.bytes == [])

            // The new service takes the place of the old one.
            let id = try instance.submit("true")
            let start = try service.nextRequest("other-exec.start")
            for key in ["jobspec", "userid", "R"] { #expect(start.field(key) != nil, "\(key)") }
            #expect(start.field("id") == .int(id) && start.field("reattach") == false)
            // One request at a time.
            #expect(try service.requestsSoFar().filter { $0.topic == "other-exec.start" }.isEmpty)

            service.respond(
                start,
                ["id": .int(id), "type": "exception", "data": ["severity": 0, "type": "exec", "note": "lost it"]])
            service.respond(start, ["id": .int(id), "type": "release", "data": ["ranks": "all", "final": true]])
            #expect(instance.flux("job", "wait-event", "--timeout=20", "\(id)", "clean").status == 0)
            let log = try service.ask("job-info.lookup", ["id": .int(id), "keys": ["eventlog"], "flags": 0])
            #expect(log["eventlog"]?.stringValue?.contains(#""note":"lost it""#) == true)

            // A request that fails as a whole means that the service has failed: it gets no more requests.
            let third = try instance.submit("true")
            let failed = try service.nextRequest("other-exec.start")
            #expect(failed.field("id") == .int(third))
            service.refuse(failed, 38)
            let fourth = try instance.submit("true")
            #expect(instance.flux("job", "wait-event", "--timeout=20", "\(fourth)", "alloc").status == 0)
            pause(0.2)
            #expect(try service.requestsSoFar().filter { $0.topic == "other-exec.start" }.isEmpty)
            #expect(try service.ask("job-manager.exec-hello", ["service": "other-exec"]).errnum == 0)
            let requests = try (0..<2).map { _ in try service.nextRequest("other-exec.start") }
            let refused = try service.ask("job-manager.exec-hello", ["service": "job-exec"])
            #expect(refused.errnum == 22, "while jobs are with a service no other can have its place")
            for request in requests {
                let id = request.field("id") ?? .null
                service.respond(
                    request, ["id": id, "type": "exception", "data": ["severity": 0, "type": "exec", "note": "end"]])
                service.respond(request, ["id": id, "type": "release", "data": ["ranks": "all", "final": true]])
            }
            #expect(instance.end().status == 0)
        }
    }

    @Test("RFC 32: job-exec answers with types, never with error numbers; the last answer is the final release")
    func executionAnswers() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            let id = try instance.submit("true")
            #expect(instance.flux("job", "wait-event", "--timeout=20", "\(id)", "clean").status == 0)
            let manager = try instance.connect()
            let keys = try manager.ask(
                "job-info.lookup", ["id": .int(id), "keys": ["R", "jobspec"], "flags": 1])
            let request: JSON = [
                "id": .int(id), "userid": keys["J"] ?? 0, "jobspec": keys["jobspec"] ?? .null, "R": keys["R"] ?? .null,
                "reattach": false,
            ]
            let tag = manager.request("job-exec.start", request, isStreaming: true)
            var types: [String] = []
            var last: JSON = .null
            while types.last != "release" {
                let answer = try manager.response(tag)
                #expect(answer.errnum == 0)
                #expect(answer["id"] == .int(id))
                types.append(answer["type"]?.stringValue ?? "")
                last = answer["data"] ?? .null
            }
            #expect(types == ["start", "finish", "release"])
            #expect(last == ["ranks": "all", "final": true])
            #expect(try manager.requestsSoFar().isEmpty)
            #expect(instance.end().status == 0)
        }
    }

    @Test("RFC 32: job-exec cannot be without a job manager that takes it")
    func executionRefused() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            for name in ["sched-simple", "job-exec", "job-list", "job-info", "job-ingest", "job-manager"] {
                #expect(instance.flux("module", "remove", "-f", name).status == 0, "\(name)")
            }
            let manager = try instance.connect()
            try manager.serve("job-manager")
            let load = try #require(place.start(["module", "load", "job-exec"], environment: ["FLUX_URI": instance.uri]))
            let hello = try manager.nextRequest("job-manager.exec-hello")
            #expect(hello.field("service") == "job-exec")
            manager.refuse(hello, 22, "not you")
            #expect(load.wait(within: 20).status != 0)
            #expect(!instance.flux("module", "list").output.contains("job-exec"))
            _ = instance.end()
        }
    }
}
