import FluxJSON
import Glibc
import RFC03Message
import Testing

/// RFC 27 from the job manager's side: the test is the scheduler.
extension InstanceTests {
    private static var resources: JSON {
        let time = Int64(Glibc.time(nil))
        return [
            "version": 1,
            "execution": [
                "R_lite": [["rank": "0", "children": ["core": "0"]]], "starttime": .int(time),
                "expiration": .int(time + 600), "nodelist": ["a"],
            ],
        ]
    }

    /// An instance without a scheduler, and a connection that may be one.
    private func withoutScheduler(_ place: Place) throws -> (Instance, RawSocket) {
        let instance = try #require(Instance(in: place, size: 1, options: ["--test-hosts=a"]))
        #expect(instance.flux("module", "remove", "sched-simple").status == 0)
        let scheduler = try instance.connect()
        try scheduler.serve("sched")
        return (instance, scheduler)
    }

    private func greet(_ scheduler: RawSocket, _ ready: JSON) throws -> [Answer] {
        let jobs = try scheduler.stream("job-manager.sched-hello", ["partial-ok": true])
        #expect(jobs.last?.errnum == 61)
        let answer = try scheduler.ask("job-manager.sched-ready", ready)
        #expect(answer.errnum == 0)
        return jobs.dropLast()
    }

    /// Grants a request as a scheduler does: R is stored, then the answer sent.
    private func grant(_ scheduler: RawSocket, _ request: Message, _ annotations: JSON? = nil) throws {
        let id = try #require(request.field("id")?.intValue)
        var response: JSON.Object = ["id": .int(id), "type": 0, "R": Self.resources]
        response["annotations"] = annotations
        scheduler.respond(request, .object(response))
    }

    @Test("RFC 27: a limited scheduler gets so many requests, an unlimited one all")
    func allocationModes() throws {
        try inPlace { place in
            let (instance, scheduler) = try withoutScheduler(place)
            for _ in 0..<3 { _ = try instance.submit("true") }
            _ = try greet(scheduler, ["mode": "limited", "limit": 2])
            let first = try scheduler.nextRequest("sched.alloc")
            _ = try scheduler.nextRequest("sched.alloc")
            #expect(try scheduler.requestsSoFar().isEmpty)
            for key in ["id", "priority", "userid", "t_submit", "jobspec"] { #expect(first.field(key) != nil, "\(key)") }
            #expect(first.matchtag == 0)
            // jobspec is where RFC 16 says.
            let id = try #require(first.field("id")?.intValue)
            let stored = try scheduler.ask("job-info.lookup", ["id": .int(id), "keys": ["jobspec"], "flags": 0])
            #expect(stored["jobspec"]?.stringValue?.contains("tasks") == true)
            scheduler.respond(first, ["id": .int(id), "type": 2, "note": "no"])
            _ = try scheduler.nextRequest("sched.alloc")

            // An error response suspends scheduling until the next handshake.
            let waiting = try instance.submit("true")
            _ = waiting
            scheduler.refuse(first, 38)
            #expect(eventually { (try? scheduler.ask("job-manager.queue-status")["blocked"]) == "scheduler" })
            #expect(try scheduler.requestsSoFar().isEmpty)
            _ = try greet(scheduler, ["mode": "unlimited"])
            let all = try (0..<3).map { _ in try scheduler.nextRequest("sched.alloc") }
            #expect(Set(all.map { $0.field("id") }).count == 3)
            #expect(instance.flux("cancel", "--all").status == 0)
            _ = instance.end(within: 20)
        }
    }

    @Test("RFC 27: annotations are kept while they are of use, resources are given back")
    func allocationAnnotations() throws {
        try inPlace { place in
            let (instance, scheduler) = try withoutScheduler(place)
            _ = try greet(scheduler, ["mode": "unlimited"])
            let id = try instance.submit("-t10m", "--setattr=system.exec.test.run_duration=600s", "true")
            let annotations = {
                try scheduler.ask("job-list.list-id", ["id": .int(id), "attrs": ["annotations"]])["job"]?["annotations"]
            }
            let request = try scheduler.nextRequest("sched.alloc")
            scheduler.respond(
                request, ["id": .int(id), "type": 1, "annotations": ["sched": ["t_estimate": 5, "x": 1], "u": 1]])
            #expect(eventually { (try? annotations()) == ["sched": ["t_estimate": 5, "x": 1], "u": 1] })
            try grant(scheduler, request, ["sched": ["t_estimate": nil, "resource_summary": "r"]])
            #expect(eventually { (try? annotations()) == ["sched": ["x": 1, "resource_summary": "r"], "u": 1] })
            #expect(instance.flux("job", "wait-event", "--timeout=20", "\(id)", "start").status == 0)
            // A job with resources is part of the next hello.
            #expect(try greet(scheduler, ["mode": "unlimited"]).map { $0["id"] } == [.int(id)])

            // A scheduler that does not know about expirations agrees to all.
            let update = scheduler.request(
                "job-manager.update", ["id": .int(id), "updates": ["attributes.system.duration": 3600.0]])
            let expiration = try scheduler.nextRequest("sched.expiration")
            #expect(expiration.field("id") == .int(id))
            scheduler.refuse(expiration, 38)
            #expect(try scheduler.response(update).errnum == 0)

            #expect(instance.flux("cancel", "\(id)").status == 0)
            let free = try scheduler.nextRequest("sched.free")
            #expect(free.field("id") == .int(id))
            #expect(free.field("final") == true)
            #expect(free.field("R") != nil)

            // Annotations of an allocation that fails are dropped.
            let other = try instance.submit("true")
            let denied = try scheduler.nextRequest("sched.alloc")
            scheduler.respond(denied, ["id": .int(other), "type": 1, "annotations": ["sched": ["t_estimate": 5]]])
            let listed = {
                try scheduler.ask("job-list.list-id", ["id": .int(other), "attrs": ["annotations"]])["job"]
            }
            #expect(eventually { (try? listed()?["annotations"]) != nil })
            scheduler.respond(denied, ["id": .int(other), "type": 2, "note": "no room"])
            #expect(eventually { (try? listed()).flatMap { $0 } == ["id": .int(other)] })
            let log = try scheduler.ask("job-info.lookup", ["id": .int(other), "keys": ["eventlog"], "flags": 0])
            #expect(log["eventlog"]?.stringValue?.contains("no room") == true)
            _ = instance.end(within: 20)
        }
    }
}
