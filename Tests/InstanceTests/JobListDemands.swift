import FluxJSON
import RFC03Message
import Testing

extension InstanceTests {
    /// What RFC 43 lists; id, which is always there, is not in the answer.
    private static let attributes = [
        "userid", "urgency", "priority", "t_submit", "t_depend", "t_run", "t_priority", "t_sched", "t_cleanup",
        "t_inactive", "state", "name", "cwd", "queue", "project", "bank", "ntasks", "ncores", "nnodes", "ranks",
        "nodelist", "duration", "expiration", "success", "result", "waitstatus", "exception_occurred",
        "exception_type", "exception_severity", "exception_note", "annotations", "dependencies",
    ]

    @Test("RFC 43: lists, streams and attributes of jobs")
    func jobListDemands() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            let id = try instance.submit("true")
            #expect(instance.flux("job", "wait-event", "--timeout=20", "\(id)", "clean").status == 0)
            let socket = try instance.connect()

            let listed = try socket.ask("job-list.list-attrs")["attrs"]?.arrayValue?.compactMap(\.stringValue)
            #expect(Set(Self.attributes).subtracting(listed ?? []) == [])

            let request: JSON = ["max_entries": 0, "attrs": ["all"]]
            #expect(eventually { (try? socket.ask("job-list.list", request)["jobs"]?.arrayValue?.count) == 1 })
            let stream = try socket.stream("job-list.list", request)
            #expect(stream.last?.errnum == 61)
            #expect(stream.first?["version"] == 1)
            #expect(stream.dropFirst().allSatisfy { $0["version"] == nil })
            let jobs = stream.dropLast().flatMap { $0["jobs"]?.arrayValue ?? [] }
            let one = try socket.ask("job-list.list-id", ["id": .int(id), "attrs": ["all"]])["job"]
            #expect(jobs == [try #require(one)])
            for key in ["id", "userid", "t_submit", "t_run", "t_inactive", "state", "name", "ranks", "result"] {
                #expect(one?[key] != nil, "\(key)")
            }
            for key in ["queue", "exception_type", "dependencies"] { #expect(one?[key] == nil, "\(key)") }
            // Without private mode guests see everybody's jobs.
            #expect(try socket.ask("job-list.list", request, user: RawSocket.guest)["jobs"]?.arrayValue?.count == 1)
            #expect(instance.end().status == 0)
        }
    }

    @Test("RFC 43: in private mode guests see their own jobs only")
    func jobListPrivate() throws {
        try inPlace { place in
            let config = place.file("private.toml", "[access]\nprivate-mode = true\n")
            let instance = try #require(Instance(in: place, size: 1, options: ["-c", config]))
            let id = try instance.submit("true")
            let socket = try instance.connect()
            let list: JSON = ["max_entries": 0, "attrs": []]
            let byID: JSON = ["id": .int(id), "attrs": []]
            #expect(eventually { (try? socket.ask("job-list.list", list)["jobs"]?.arrayValue?.count) == 1 })
            #expect(try socket.ask("job-list.list-id", byID).errnum == 0)
            #expect(try socket.ask("job-list.list", list, user: RawSocket.guest)["jobs"] == [])
            let hidden = try socket.ask("job-list.list-id", byID, user: RawSocket.guest)
            let missing = try socket.ask("job-list.list-id", ["id": 1, "attrs": []], user: RawSocket.guest)
            #expect(hidden == missing)
            #expect(hidden.errnum == 2)
            #expect(instance.end().status == 0)
        }
    }
}
