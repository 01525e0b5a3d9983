import FluxJSON
import RFC03Message
import Testing

/// What a job's tasks find: RFC 13, RFC 14 and RFC 24.
extension InstanceTests {
    @Test("RFC 13: tasks inherit a connected descriptor and know their rank and their number")
    func pmiEnvironment() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 2))
            let script = "test -S /proc/self/fd/$PMI_FD && echo $PMI_RANK of $PMI_SIZE"
            let outcome = instance.flux("run", "-N2", "-n2", "sh", "-c", script)
            #expect(outcome.lines.sorted() == ["0 of 2", "1 of 2"], "\(outcome.errors)")
            #expect(instance.end().status == 0)
        }
    }

    @Test("RFC 14: files of a jobspec are there for its tasks, its configuration for its instance; time runs out")
    func jobspecAttributes() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            let path = place.file("greeting", "hello\n")
            let file = instance.flux("run", "--add-file=g=\(path)", "cat", "{{tmpdir}}/g")
            #expect(file.output == "hello\n", "\(file.errors)")
            let batch = instance.flux(
                "batch", "--conf=vendor.answer=42", "-n1", "--output=\(place.folder)/out", "--wrap", "flux", "config",
                "get", "vendor.answer")
            #expect(batch.status == 0, "\(batch.errors)")
            #expect(instance.flux("job", "attach", "-q", batch.lines.first ?? "").status == 0)
            let output = place.text("\(place.folder)/out")
            #expect(output == "42\n")

            // Without a duration resources are given for no limited time.
            let unlimited = try instance.submit("true")
            #expect(instance.flux("job", "wait-event", "--timeout=20", "\(unlimited)", "clean").status == 0)
            #expect(try JSON(parsing: instance.flux("job", "info", "\(unlimited)", "R").output)["execution"]?["expiration"]?.numberValue == 0)
            let limited = instance.flux("run", "-t1s", "sleep", "60", within: 30)
            #expect(!limited.isTimeout && limited.status != 0)
            #expect(limited.errors.contains("timeout"), "\(limited.errors)")
            #expect(limited.seconds < 20)
            #expect(instance.end().status == 0)
        }
    }

    @Test("RFC 24: output and input are logs with one header, which comes first and names every stream")
    func outputLogs() throws {
        try inPlace { place in
            let instance = try #require(Instance(in: place, size: 1))
            let socket = try instance.connect()
            let file = "\(place.folder)/out-{{id}}"
            let log = { (id: Int64, key: String) -> [JSON] in
                let answer = try socket.ask("job-info.lookup", ["id": .int(id), "keys": [.string(key)], "flags": 0])
                return try (answer[key]?.stringValue ?? "").split(separator: "\n").map { try JSON(parsing: String($0)) }
            }
            let plain = try instance.submit("-n2", "sh", "-c", "echo out; echo err >&2")
            let redirected = try instance.submit("--output=\(file)", "sh", "-c", "echo out; echo err >&2")
            for id in [plain, redirected] {
                #expect(instance.flux("job", "wait-event", "--timeout=20", "\(id)", "clean").status == 0)
                for key in ["guest.output", "guest.input"] {
                    let events = try log(id, key)
                    #expect(events.first?["name"] == "header", "\(key)")
                    #expect(events.count { $0["name"] == "header" } == 1)
                    let streams = events.first?["context"]?["encoding"]?.objectValue?.keys ?? []
                    for event in events.dropFirst() where event["context"]?["stream"] != nil {
                        #expect(streams.contains(event["context"]?["stream"]?.stringValue ?? ""), "\(event)")
                    }
                }
            }
            #expect(try log(plain, "guest.output").contains { $0["name"] == "data" })
            let redirects = try log(redirected, "guest.output").filter { $0["name"] == "redirect" }
            #expect(!redirects.isEmpty)
            for redirect in redirects {
                for key in ["stream", "rank", "path"] { #expect(redirect["context"]?[key]?.stringValue != nil, "\(key)") }
            }
            #expect(instance.end().status == 0)
        }
    }
}
