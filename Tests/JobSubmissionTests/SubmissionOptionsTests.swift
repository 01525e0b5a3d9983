import FluxJSON
import JobSubmission
import RFC14Jobspec
import RFC26Dependency
import Testing

@Suite("command lines of submission commands")
struct SubmissionOptionsTests {
    private static let context = SubmissionContext(
        workingDirectory: "/w", environment: ["HOME": "/h", "PATH": "/bin", "LC_A": "1", "LC_B": "2"],
        limits: ["core": 0, "nofile": 1024, "memlock": 5]
    ) { path throws(SubmissionContext.FileFailure) in
        guard path == "/h/rules" else { throw .init(errno: 2, reason: "No such file or directory") }
        return .init(content: Array("-LC_*\nX=1\n".utf8))
    }

    @Test("options end at the command")
    func endOfOptions() throws {
        let options = try SubmissionOptions(parsing: ["-vn2", "-N", "1", "app", "-n4", "--help"], for: .run)
        #expect(options.command == ["app", "-n4", "--help"])
        #expect(options.verbosity == 1 && options[.ntasks] == "2" && options[.nodes] == "1")
    }

    @Test(
        "usage errors exit with 2",
        arguments: [
            (["--bogus", "app"], "unrecognized arguments: --bogus"),
            (["-n"], "argument -n/--ntasks: expected one argument"),
            (["--exclusive=1", "app"], "argument -x/--exclusive: ignored explicit argument '1'"),
            (["-n", "--nodes", "app"], "argument -n/--ntasks: expected one argument"),
        ])
    func usage(_ arguments: [String], _ text: String) {
        let error = #expect(throws: SubmissionError.self) { try SubmissionOptions(parsing: arguments, for: .run) }
        #expect(error == .usage(text) && error?.exitCode == 2)
        #expect(error?.lines(for: .run).first == "usage: flux run [OPTIONS...] COMMAND [ARGS...]")
    }

    @Test(
        "environment rules",
        arguments: [
            (["-*"], [:]), (["-*", "LC_*"], ["LC_A": "1", "LC_B": "2"]),
            (["-*", "A=${PATH}:$HOME/x$$"], ["A": "/bin:/h/x$"]),
            (["-[!L]*", "-LC_[A]"], ["LC_B": "2"]), (["-*", "^~/rules"], ["X": "1"]),
            (["-/(H|P|LC_A)/"], ["LC_B": "2"]),
        ])
    func environment(_ rules: [String], _ expected: [String: String]) throws {
        #expect(try EnvironmentRules(rules, in: Self.context).environment == expected)
    }

    @Test(
        "limit rules",
        arguments: [
            ([], ["core": 0, "nofile": 1024]), (["-*"], [:]), (["-*,memlock"], ["memlock": 5]),
            (["core=unlimited"], ["core": -1, "nofile": 1024]), (["*"], ["core": 0, "nofile": 1024, "memlock": 5]),
        ])
    func limits(_ rules: [String], _ expected: [String: Int64]) throws {
        #expect(try LimitRules(rules, current: Self.context.limits).limits == expected)
    }

    @Test(
        "replacement strings of bulk submission",
        arguments: [
            ("{}", "/a/b.txt"), ("{.%}", "/a/b"), ("{./}", "b.txt"), ("{0./%}", "b"), ("{0.//}", "/a"),
            ("{1}-{0}", "2-/a/b.txt"),
            ("{seq}{seq1}{cc}", "34{cc}"), ("{{id}}{}", "{{id}}/a/b.txt"),
        ])
    func replacement(_ text: String, _ expected: String) throws {
        let options = try SubmissionOptions(parsing: [text], for: .bulksubmit)
        let template = BulkTemplate(inputs: ["/a/b.txt", "2"], sequence: 3, cc: "{cc}")
        #expect(try options.filled(with: template).command == [expected])
    }

    @Test("lists of bulk submission")
    func lists() throws {
        func lines(_ arguments: [String]) throws -> [String] {
            var options = try SubmissionOptions(parsing: arguments, for: .bulksubmit)
            let inputs = try BulkInputs(takingFrom: &options, Self.context)
            return try inputs.jobs(options).map { $0.description(comparedWith: options) }
        }
        #expect(
            try lines(["echo", "{1}", "{0}", ":::", "1", "2", ":::", "3", "4"])
                == ["echo 3 1", "echo 4 1", "echo 3 2", "echo 4 2"])
        #expect(try lines(["echo", "{0}", "{1}", ":::", "1", "2", ":::+", "3", "4"]) == ["echo 1 3", "echo 2 4"])
        #expect(try lines(["-n", "{}", "hostname", ":::", "1", "2"]) == ["-n1 hostname", "-n2 hostname"])
        #expect(try lines(["--cc=0-1", "echo", "{}", "{cc}", ":::", "a"]) == ["--cc=0-1 echo a {cc}"])
        let error = #expect(throws: SubmissionError.self) { try lines(["echo", "{bogus}", ":::", "1"]) }
        #expect(error?.description == "Invalid replacement string in command: '{bogus}'")
    }

    @Test("begin times keep their place among the dependencies")
    func beginTime() throws {
        var context = Self.context
        context.now = 1000
        let options = try SubmissionOptions(
            parsing: ["--dependency=singleton", "--begin-time=+1m", "--dependency=after:f1", "app"], for: .submit)
        let request = try options.jobspec(in: context)
        #expect(try request.jobspec.dependencies.map(\.scheme) == ["singleton", "begin-time", "after"])
        #expect(try request.jobspec.dependencies[1].value == "1060.0")
        #expect(request.warnings == ["dependency scheme 'after' is deprecated, use 'afterstart'"])
    }

    @Test("a batch script's directives come below the command line")
    func batch() throws {
        var context = Self.context
        context.readStandardInput = { Array("#!/bin/sh\n# flux: -N4 --queue=a\n# flux: -o x=1\nhostname\n".utf8) }
        let options = try SubmissionOptions(parsing: ["-N2", "--env=-*", "--conf=a.b=1"], for: .batch)
        let jobspec = try options.jobspec(in: context).jobspec
        #expect(jobspec.resources[0].count == 2 && jobspec.queue == "a" && jobspec.name == "batch")
        #expect(jobspec.tasks[0].command == ["flux", "broker", "-c{{tmpdir}}/conf.json", "{{tmpdir}}/script"])
        #expect(jobspec.attribute("system.files")?["conf.json"]?["data"] == ["a": ["b": 1]])
        #expect(jobspec.shellOptions["x"] == 1)
    }
}
