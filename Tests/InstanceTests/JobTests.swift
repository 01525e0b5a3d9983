import Glibc
import Testing

extension InstanceTests {
    @Test("the exit status of flux run is that of its tasks")
    func jobStatus() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 2))
            #expect(instance.flux("run", "true").status == 0)
            #expect(instance.flux("run", "-n2", "sh", "-c", "exit 3").status == 3)
            #expect(instance.flux("run", "sh", "-c", "kill -9 $$").status == 137)
            let missing = instance.flux("run", "/nonexistent/program")
            #expect(missing.status == 127)
            #expect(missing.errors.contains("No such file or directory"), "\(missing.errors)")
            let forbidden = instance.flux("run", "/etc/passwd")
            #expect(forbidden.status == 126)
            #expect(forbidden.errors.contains("Permission denied"), "\(forbidden.errors)")
            #expect(instance.end().status == 0)
        }
    }

    @Test("output and labels of tasks on two nodes, input from the command")
    func jobOutput() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 2))
            let echo = instance.flux("run", "-N2", "-l", "sh", "-c", "echo $FLUX_TASK_RANK of $FLUX_JOB_SIZE")
            #expect(echo.lines.sorted() == ["0: 0 of 2", "1: 1 of 2"], "\(echo.errors)")
            let cat = try #require(place.start(["run", "cat"], environment: ["FLUX_URI": instance.uri]))
            cat.write("two\nlines\n")
            cat.closeInput()
            #expect(cat.wait().output == "two\nlines\n")
            let many = instance.flux("run", "seq", "1", "20000")
            #expect(many.lines == (1...20000).map { "\($0)" })
            #expect(instance.end().status == 0)
        }
    }

    @Test("a job is submitted, waited for, listed and shown")
    func submission() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 2))
            let submitted = instance.flux("submit", "--job-name=first", "hostname")
            #expect(submitted.status == 0, "\(submitted.errors)")
            let id = try #require(submitted.lines.first)
            #expect(id.hasPrefix("ƒ"))
            #expect(instance.flux("job", "wait-event", "--timeout=20", id, "clean").status == 0)
            #expect(instance.flux("job", "attach", id).status == 0)
            let log = instance.flux("job", "eventlog", id).lines
            let events = log.map { $0.split(separator: " ").dropFirst().first ?? "" }
            #expect(Array(events.prefix(5)) == ["submit", "validate", "depend", "priority", "alloc"])
            let isListed = eventually {
                instance.flux("jobs", "-a", "-no", "{id} {name} {status}").output == "\(id) first COMPLETED\n"
            }
            #expect(isListed)
            #expect(instance.flux("job", "info", id, "R").output.contains("\"R_lite\""))
            let missing = instance.flux("job", "attach", "ƒ1")
            #expect(missing.status == 1 && missing.errors != "")
            #expect(instance.end().status == 0)
        }
    }

    @Test("a job is cancelled")
    func cancelled() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            let id = try #require(instance.flux("submit", "sleep", "600").lines.first)
            #expect(instance.flux("cancel", id).status == 0)
            let attached = instance.flux("job", "attach", id)
            #expect(attached.status != 0)
            #expect(attached.errors.contains("cancel"), "\(attached.errors)")
            #expect(instance.end().status == 0)
        }
    }

    @Test("what cannot be satisfied is denied with the reason")
    func unsatisfiable() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            let outcome = instance.flux("run", "-N99", "true")
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("unsatisfiable"), "\(outcome.errors)")
            #expect(instance.flux("run", "true").status == 0)
            #expect(instance.end().status == 0)
        }
    }

    @Test("a hundred jobs run, and none is left active")
    func manyJobs() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 2))
            let submitted = instance.flux("submit", "--cc=1-100", "--quiet", "true")
            #expect(submitted.status == 0, "\(submitted.errors)")
            #expect(instance.flux("queue", "drain").status == 0)
            #expect(instance.flux("jobs", "-no", "{id}").output == "")
            let ended = instance.flux("jobs", "-a", "-c", "0", "-no", "{status}").lines
            #expect(ended.count == 100 && Set(ended) == ["COMPLETED"])
            #expect(instance.end().status == 0)
        }
    }

    @Test("an instance ends the jobs that still run")
    func leftJobs() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 2))
            #expect(instance.flux("submit", "-N2", "sleep", "600").status == 0)
            #expect(eventually { place.processes.filter { $0.name == "sleep" }.count == 2 })
            let outcome = instance.end(within: 30)
            #expect(!outcome.isTimeout)
        }
    }

    @Test("a node that is lost under a job ends the job with an exception, and the others live")
    func nodeFailure() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 3))
            let job = try #require(place.start(["run", "-N3", "sleep", "600"], environment: ["FLUX_URI": instance.uri]))
            #expect(eventually { place.processes.filter { $0.name == "sleep" }.count == 3 })
            kill(try #require(instance.broker(2)), SIGKILL)
            let outcome = job.wait(within: 30)
            #expect(!outcome.isTimeout && outcome.status != 0)
            #expect(outcome.errors.contains("exception"), "\(outcome.errors)")
            #expect(instance.flux("run", "-N2", "true").status == 0)
            #expect(!instance.end().isTimeout)
        }
    }

    @Test("values are put, read, listed and unlinked")
    func keys() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 2))
            #expect(instance.flux("kvs", "put", "a.b=42", "a.c=text").status == 0)
            #expect(instance.flux("kvs", "get", "a.b", "a.c").output == "42\ntext\n")
            #expect(instance.flux("kvs", "ls", "a").lines.joined(separator: " ").split(separator: " ") == ["b", "c"])
            #expect(instance.flux("exec", "-r", "1", "flux", "kvs", "get", "a.b").output == "42\n")
            #expect(instance.flux("kvs", "unlink", "a.b").status == 0)
            let missing = instance.flux("kvs", "get", "a.b")
            #expect(missing.status == 1 && missing.errors.contains("No such file or directory"), "\(missing.errors)")
            #expect(instance.end().status == 0)
        }
    }

    @Test("a drained node gets no jobs until it is undrained")
    func drain() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 2))
            #expect(instance.flux("resource", "drain", "1", "broken", "fan").status == 0)
            #expect(instance.flux("resource", "drain").output.contains("broken fan"))
            #expect(instance.flux("resource", "list", "-s", "free", "-no", "{ranks}").output == "0\n")
            #expect(instance.flux("resource", "undrain", "1").status == 0)
            #expect(instance.flux("resource", "list", "-s", "free", "-no", "{ranks}").output == "0-1\n")
            #expect(instance.flux("run", "-N2", "true").status == 0)
            #expect(instance.end().status == 0)
        }
    }
}
