import FluxJSON
import RFC03Message
import Testing

/// RFC 21 and RFC 50: what is in the logs of jobs, and what follows from it.
extension InstanceTests {
    /// The contexts of the events of a name.
    private func events(_ socket: RawSocket, _ id: Int64, _ name: String, in key: String = "eventlog") throws -> [JSON] {
        let answer = try socket.ask("job-info.lookup", ["id": .int(id), "keys": [.string(key)], "flags": 0])
        let lines = (answer[key]?.stringValue ?? "").split(separator: "\n")
        return lines.compactMap { try? JSON(parsing: String($0)) }.filter { $0["name"] == .string(name) }
            .map { $0["context"] ?? .null }
    }

    @Test("RFC 21: an exception has the wait status of the task that caused it, others have none")
    func exceptionStatus() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            let socket = try instance.connect()
            let failed = try instance.submit("-n2", "-o", "exit-on-error", "sh", "-c", "test $FLUX_TASK_RANK = 0 || exit 7; sleep 60")
            #expect(instance.flux("job", "wait-event", "--timeout=20", "\(failed)", "clean").status == 0)
            let exception = try events(socket, failed, "exception")
            #expect(exception.count == 1)
            #expect(exception.first?["type"] == "exec" && exception.first?["wait_status"] == 1792)
            #expect(try events(socket, failed, "finish") == [["status": 1792]])

            let raised = try instance.submit("sleep", "60")
            #expect(instance.flux("job", "wait-event", "--timeout=20", "\(raised)", "start").status == 0)
            #expect(instance.flux("job", "raise", "--type=test", "\(raised)").status == 0)
            #expect(instance.flux("job", "wait-event", "--timeout=20", "\(raised)", "clean").status == 0)
            #expect(try events(socket, raised, "exception").first?["type"] == "test")
            #expect(try events(socket, raised, "exception").first?["wait_status"] == nil)
            #expect(instance.end().status == 0)
        }
    }

    @Test("RFC 21: a change of the jobspec leaves the signed request as it is")
    func signedRequest() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            let socket = try instance.connect()
            let id = try instance.submit("--urgency=hold", "-t10m", "true")
            let lookup = { (key: JSON, flags: JSON) in
                try socket.ask("job-info.lookup", ["id": .int(id), "keys": [key], "flags": flags])
            }
            let signed = try lookup("J", 0)
            #expect(instance.flux("update", "\(id)", "duration=1h").status == 0)
            #expect(try events(socket, id, "jobspec-update") == [["attributes.system.duration": 3600.0]])
            #expect(try lookup("J", 0) == signed)
            #expect(try lookup("jobspec", 3)["jobspec"]?["attributes"]?["system"]?["duration"] == 3600.0)
            #expect(try lookup("jobspec", 1)["jobspec"]?["attributes"]?["system"]?["duration"] == 600.0)
            #expect(instance.flux("cancel", "\(id)").status == 0)
            #expect(instance.end().status == 0)
        }
    }

    @Test("RFC 50: the execution log does not drive the state of a job")
    func executionLog() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            let socket = try instance.connect()
            let id = try instance.submit("--setattr=system.exec.test.run_duration=600s", "true")
            #expect(instance.flux("job", "wait-event", "--timeout=20", "\(id)", "start").status == 0)
            let append = instance.flux("kvs", "eventlog", "append", "-N", "job-\(id)", "exec.eventlog", "done")
            #expect(append.status == 0, "\(append.errors)")
            #expect(try events(socket, id, "done", in: "guest.exec.eventlog").count == 1)
            pause(0.3)
            #expect(try events(socket, id, "finish").isEmpty)
            let state = try socket.ask("job-list.list-id", ["id": .int(id), "attrs": ["state"]])["job"]?["state"]
            #expect(state == 16)
            #expect(instance.flux("cancel", "\(id)").status == 0)
            #expect(instance.end().status == 0)
        }
    }

    @Test("RFC 44: the events of the resources, and what replaces those that are dropped")
    func resourceEvents() throws {
        try inPlace { place in
            let config = place.file("resource.toml", "[resource]\njournal-max = 3\n")
            let instance = try #require(Instance(in: place, size: 2, options: ["--test-hosts=a,b", "-c", config]))
            let socket = try instance.connect()
            for reason in ["one", "two", "three"] {
                #expect(instance.flux("resource", "drain", "b", reason).status == 0)
                #expect(instance.flux("resource", "undrain", "1").status == 0)
            }
            let log = try socket.ask("kvs.lookup", ["key": "resource.eventlog", "namespace": "primary", "flags": 0])
            #expect(log.errnum == 0)
            let lines = instance.flux("kvs", "get", "--raw", "resource.eventlog").lines
            let events = try lines.map { try JSON(parsing: $0) }
            let methods = events.filter { $0["name"] == "resource-define" }.map { $0["context"]?["method"] }
            #expect(methods == ["dynamic-discovery"])
            let drains = events.filter { $0["name"] == "drain" || $0["name"] == "undrain" }
            #expect(drains.count == 6)
            #expect(drains.allSatisfy { $0["context"]?["nodelist"] == "b" && $0["context"]?["idset"] == "1" })
            #expect(!lines.contains { $0.contains("truncate") })

            let tag = socket.request("resource.journal", isStreaming: true)
            var journal: [JSON] = []
            while true {
                let answer = try socket.response(tag)
                guard let more = answer["events"]?.arrayValue, !more.isEmpty else { break }
                journal += more
            }
            #expect(journal.first?["name"] == "truncate" && journal.first?["context"] == nil)
            let dropped = events.filter { !journal.dropFirst().contains($0) }
            #expect(journal.first?["timestamp"]?.numberValue == dropped.last?["timestamp"]?.numberValue)
            #expect(!dropped.isEmpty && journal.count >= 3)
            #expect(instance.end().status == 0)
        }
    }
}
