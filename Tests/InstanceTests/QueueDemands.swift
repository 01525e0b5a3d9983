import FluxJSON
import RFC03Message
import Testing

extension InstanceTests {
    private static let queues = """
        [policy.jobspec.defaults.system]
        queue = "batch"
        [queues.batch]
        [queues.short]
        parent = "batch"
        [queues.one]
        hosts = "b"

        """

    @Test("RFC 33: without configuration there is one queue, which has no name")
    func queueAnonymous() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            let socket = try instance.connect()
            #expect(try socket.ask("job-manager.queue-status").json == ["enable": true, "start": true])
            #expect(try socket.ask("job-manager.queue-status", ["name": "batch"]).errnum == 22)
            #expect(instance.flux("run", "true").status == 0)
            #expect(instance.flux("queue", "disable", "-m", "repairs").status == 0)
            let refused = instance.flux("run", "true")
            #expect(refused.status == 1 && refused.errors.contains("repairs"))
            #expect(instance.flux("queue", "enable").status == 0)
            // Without a scheduler the queue is blocked.
            #expect(instance.flux("module", "remove", "sched-simple").status == 0)
            let status = try socket.ask("job-manager.queue-status")
            #expect(status["start"] == false && status["blocked"] == "scheduler")
            #expect(instance.flux("module", "load", "sched-simple").status == 0)
            #expect(eventually { (try? socket.ask("job-manager.queue-status")["start"]) == true })
            #expect(instance.end().status == 0)
        }
    }

    @Test("RFC 33: named queues, their default, their hosts and their status")
    func queueNamed() throws {
        try inPlace { place in
            let config = place.file("queues.toml", Self.queues)
            let instance = try #require(Instance(in: place, size: 2, options: ["--test-hosts=a,b", "-c", config]))
            let socket = try instance.connect()
            let status = { (name: String) in try socket.ask("job-manager.queue-status", ["name": .string(name)]) }
            #expect(try socket.ask("job-manager.queue-status").errnum == 22)
            #expect(instance.flux("queue", "start", "--all").status == 0)
            for name in ["batch", "short", "one"] { #expect(try status(name)["start"] == true, "\(name)") }
            let nodes = instance.flux("resource", "list", "-s", "all", "-no", "{properties} {ranks}").lines
            #expect(nodes.contains("+one 1"), "\(nodes)")

            #expect(instance.flux("run", "true").status == 0)
            #expect(instance.flux("run", "-q", "short", "true").status == 0)
            #expect(instance.flux("run", "-q", "one", "flux", "getattr", "rank").output == "1\n")
            let stranger = instance.flux("run", "-q", "nosuch", "true")
            #expect(stranger.status == 1 && stranger.errors.contains("nosuch"))
            let listed = { (options: [String]) in
                instance.flux("jobs", "-a", "-no", "{queue}", options.first ?? "-c0").lines.sorted()
            }
            #expect(eventually { listed([]) == ["batch", "one", "short"] })
            #expect(listed(["--queue=short"]) == ["short"])
            #expect(listed(["--queue=one"]) == ["one"])
            // A queue's jobs are those of its virtual queues too.
            #expect(listed(["--queue=batch"]) == ["batch", "short"])

            #expect(instance.flux("queue", "stop", "batch").status == 0)
            #expect(try status("batch").json == ["enable": true, "start": false])
            let short = try status("short")
            #expect(short["start"] == false && short["blocked"] == "parent" && short["parent"] == "batch")
            #expect(try status("one").json == ["enable": true, "start": true])
            #expect(instance.flux("queue", "disable", "one", "-m", "closed").status == 0)
            #expect(try status("one").json == ["enable": false, "start": true, "disable_reason": "closed"])
            #expect(instance.flux("queue", "disable", "--all", "-m", "closed").status == 0)
            #expect(try status("short")["enable"] == false)
            #expect(instance.flux("queue", "enable", "--all").status == 0)
            #expect(try status("one")["enable"] == true)
            // Waiting is for all queues; a name, be it of a virtual queue, is refused.
            #expect(instance.flux("queue", "drain", "short").status != 0)
            #expect(instance.flux("queue", "idle", "short").status != 0)
            #expect(instance.end().status == 0)
        }
    }

    @Test("RFC 33: jobs of a virtual queue and of its parent are in one order")
    func queueOrder() throws {
        try inPlace { place in
            let config = place.file("queues.toml", Self.queues)
            let instance = try #require(Instance(in: place, size: 1, options: ["--test-hosts=b", "-c", config]))
            for (queue, urgency) in [("batch", 10), ("short", 20), ("batch", 30)] {
                _ = try instance.submit("-q", queue, "--urgency=\(urgency)", "-N1", "--exclusive", "true")
            }
            #expect(instance.flux("queue", "start", "--all").status == 0)
            #expect(instance.flux("queue", "drain").status == 0)
            let rows = { instance.flux("jobs", "-a", "-no", "{t_run} {urgency} {queue}").lines.sorted() }
            #expect(eventually { rows().count == 3 })
            let order = rows().map { $0.split(separator: " ").dropFirst().joined(separator: " ") }
            #expect(order == ["30 batch", "20 short", "10 batch"])
            #expect(instance.end().status == 0)
        }
    }

    @Test(
        "RFC 33: configurations of hosts that cannot be",
        arguments: ["hosts = \"nosuch\"", "hosts = \"\"", "hosts = \"b\"\nrequires = [\"x\"]", "hosts = 5"])
    func queueHosts(_ text: String) {
        inPlace { place in
            let config = place.file("queues.toml", "[queues.one]\n\(text)\n")
            let outcome = place.flux("start", "--test-hosts=b", "--test-size=1", "-c", config, "true", within: 30)
            #expect(!outcome.isTimeout && outcome.status != 0)
            #expect(outcome.errors.contains("hosts"), "\(outcome.errors)")
        }
    }
}
