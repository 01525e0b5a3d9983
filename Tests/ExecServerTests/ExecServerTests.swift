import Client
import ExecServer
import FluxJSON
import RFC03Message
import Reactor
import Testing

@Suite("RFC 42 server", .timeLimit(.minutes(1)))
struct ExecServerTests {
    /// Asks a server and waits until as many answers have come or the stream has ended.
    private func converse(
        _ requests: [(method: String, payload: JSON, isStreaming: Bool)], answers: Int? = nil
    ) throws -> [String] {
        let reactor = try Reactor()
        return try reactor.run {
            let recorder = Recorder()
            let flux = try Handle(transport: recorder, reactor: reactor)
            let server = ExecServer(
                flux: flux, rank: 3, localURI: "local:///x", environment: ["PATH": "/bin:/usr/bin"]
            ) { _, _ in }
            for (tag, request) in requests.enumerated() {
                var message = Message.request(
                    "rexec.\(request.method)", json: request.payload, matchtag: UInt32(tag + 1),
                    flags: request.isStreaming ? [.streaming, .route] : .route)
                message.routes = ["client"]
                server.handle(request.method, message)
                if !request.isStreaming { await reactor.sleep(for: .milliseconds(50)) }
            }
            for _ in 0..<500 {
                if let answers, recorder.sent.count >= answers { break }
                if answers == nil, recorder.sent.contains(where: { $0.errnum != 0 }) { break }
                await reactor.sleep(for: .milliseconds(5))
            }
            return recorder.sent.map { message in
                if message.errnum != 0 { return "\(message.errnum) \(message.payloadText ?? "")" }
                guard var object = try? message.decodeJSON().objectValue else { return "empty" }
                if object["pid"] != nil { object["pid"] = 0 }
                return JSON.object(object).text
            }
        }
    }

    private func command(_ words: [String], _ extra: JSON.Object = [:]) -> JSON {
        var command: JSON.Object = [
            "cmdline": .array(words.map { .string($0) }), "env": [:], "opts": [:], "channels": [],
        ]
        for (key, value) in extra { command[key] = value }
        return .object(command)
    }

    @Test func `a foreground process tells everything`() throws {
        let payload: JSON = ["cmd": command(["sh", "-c", "cat; echo problem >&2; exit 3"]), "flags": 11]
        let answers = try converse([
            ("exec", payload, true),
            ("write", ["matchtag": 1, "io": ["stream": "stdin", "rank": "3", "data": "hi\n", "eof": true]], true),
        ])
        #expect(answers.first == #"{"type":"started","pid":0}"#)
        #expect(answers.contains(#"{"type":"add-credit","channels":{"stdin":4194304}}"#))
        #expect(answers.contains(#"{"type":"output","pid":0,"io":{"stream":"stdout","rank":"3","data":"hi\n"}}"#))
        #expect(answers.contains(#"{"type":"output","pid":0,"io":{"stream":"stderr","rank":"3","data":"problem\n"}}"#))
        #expect(answers.contains(#"{"type":"output","pid":0,"io":{"stream":"stdout","rank":"3","eof":true}}"#))
        #expect(answers.contains(#"{"type":"finished","status":768}"#))
        #expect(answers.last == "61 ")
    }

    @Test func `the environment has the server's URI`() throws {
        let answers = try converse([("exec", ["cmd": command(["printenv", "FLUX_URI"]), "flags": 1], true)])
        #expect(answers.contains { $0.contains(#""data":"local:///x\n""#) })
    }

    @Test func `errors name their reason`() throws {
        #expect(
            try converse([("exec", ["cmd": command(["no-such-program"]), "flags": 3], true)]) == [
                "2 error launching process: No such file or directory",
            ])
        #expect(try converse([("exec", ["cmd": command([]), "flags": 3], true)]) == ["71 command string is empty"])
        #expect(
            try converse([("exec", ["cmd": command(["true"]), "flags": 8], false)]) == [
                "22 write-credit flag is not allowed in background mode",
            ])
        #expect(
            try converse([("kill", ["pid": 1, "signum": 15], false)]) == ["3 pid 1 does not belong to any subprocess"])
        #expect(
            try converse([("wait", ["pid": 1, "label": "x"], false)]) == [
                "3 label x does not belong to any subprocess",
            ])
        #expect(
            try converse([("attach", ["pid": 1, "flags": 0], true)]) == ["2 pid 1 does not belong to any subprocess"])
        #expect(try converse([("exec", ["signature": "x"], true)]) == ["1 flux-security support not available"])
        #expect(try converse([("exec", ["cmd": 1], true)])[0].hasPrefix("71 invalid request payload: "))
    }

    @Test func `a waitable process keeps its status and its last output`() throws {
        let answers = try converse(
            [
                ("exec", ["cmd": command(["sh", "-c", "echo bye; exit 2"], ["label": "x"]), "flags": 16], false),
                ("list", [:], false),
                ("wait", ["pid": -1, "label": "x"], false),
                ("wait", ["pid": -1, "label": "x"], false),
            ], answers: 4)
        #expect(
            answers == [
                #"{"type":"started","pid":0}"#,
                answers[1],
                #"{"status":512,"output":[{"stream":"stdout","rank":"3","data":"bye\n"}]}"#,
                "3 label x does not belong to any subprocess",
            ])
        #expect(answers[1].contains(#""cmd":"sh","label":"x","state":"Z""#))
    }

    @Test func `kill reaches a process by its label`() throws {
        let answers = try converse([
            ("exec", ["cmd": command(["sleep", "100"], ["label": "s"]), "flags": 3], true),
            ("kill", ["pid": -1, "label": "s", "signum": 15], false),
        ])
        #expect(answers.contains(#"{"type":"finished","status":15}"#))
    }
}
