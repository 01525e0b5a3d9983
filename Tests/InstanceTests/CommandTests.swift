import Testing

extension InstanceTests {
    @Test("attributes are read, set and listed")
    func attributes() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 2))
            #expect(instance.flux("setattr", "vendor.answer", "42").status == 0)
            #expect(instance.flux("getattr", "vendor.answer").output == "42\n")
            #expect(instance.flux("lsattr", "-v").lines.contains { $0.hasPrefix("tbon.maxlevel") && $0.hasSuffix("1") })
            let unknown = instance.flux("getattr", "nosuch")
            #expect(unknown.status == 1)
            #expect(unknown.errors.contains("nosuch"))
            #expect(instance.end().status == 0)
        }
    }

    @Test("all modules of the default set are there, and can be taken out and put in")
    func modules() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            let listed = instance.flux("module", "list").output
            for name in [
                "content", "content-sqlite", "kvs", "kvs-watch", "heartbeat", "resource", "job-manager", "job-info",
                "job-list", "job-exec", "job-ingest", "sched-simple",
            ] {
                #expect(listed.contains(name), "\(name)")
            }
            #expect(instance.flux("module", "remove", "heartbeat").status == 0)
            #expect(!instance.flux("module", "list").output.contains("heartbeat"))
            #expect(instance.flux("module", "load", "heartbeat").status == 0)
            #expect(instance.flux("module", "list").output.contains("heartbeat"))
            let unknown = instance.flux("module", "load", "nosuch")
            #expect(unknown.status == 1)
            #expect(unknown.errors.contains("nosuch"))
            #expect(instance.end().status == 0)
        }
    }

    @Test("programs run on every broker")
    func exec() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 3))
            let outcome = instance.flux("exec", "-l", "-r", "all", "echo", "here")
            #expect(outcome.status == 0)
            #expect(outcome.lines.sorted() == ["0: here", "1: here", "2: here"])
            #expect(instance.flux("exec", "-r", "1", "sh", "-c", "exit 5").status == 5)
            #expect(instance.flux("exec", "-r", "0", "/nonexistent").status == 127)
            #expect(instance.end().status == 0)
        }
    }

    @Test("events come to those who listen, log entries to dmesg")
    func eventsAndLog() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 2))
            let listener = try #require(
                place.start(["event", "sub", "--count=1", "spring"], environment: ["FLUX_URI": instance.uri]))
            pause(0.5)
            #expect(instance.flux("event", "pub", "spring.came", "{\"flowers\":3}").status == 0)
            let heard = listener.wait(within: 20)
            #expect(heard.output.contains("spring.came"))
            #expect(heard.output.contains("flowers"))
            #expect(instance.flux("logger", "the sun shines").status == 0)
            #expect(eventually { instance.flux("dmesg").output.contains("the sun shines") })
            #expect(instance.end().status == 0)
        }
    }

    @Test("flux shutdown ends the instance")
    func shutdown() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 3))
            #expect(instance.flux("shutdown").status == 0)
            let outcome = instance.wait(within: 30)
            #expect(!outcome.isTimeout)
            #expect(outcome.status == 129)
        }
    }

    @Test("without an instance commands say so")
    func noInstance() {
        inPlace { place in
            let outcome = place.flux("uptime", environment: ["FLUX_URI": "local:///nonexistent"])
            #expect(outcome.status == 1)
            #expect(outcome.errors != "")
            #expect(place.flux("nosuchverb").status == 1)
            #expect(place.flux("version").status == 0)
        }
    }
}
