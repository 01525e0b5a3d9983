import FluxJSON
import RFC42Subprocess
import Testing

@Suite("RFC 42: payloads")
struct RexecTests {
    private let command = Rexec.Command(
        arguments: ["a", "b"], environment: ["A": "1"], directory: "/", label: "l", options: ["stdout_BUFSIZE": "1k"],
        channels: ["C"])

    @Test("a command is written with the keys of RFC 42, and read again")
    func commands() throws {
        let json = command.json
        #expect(json["cmdline"] == ["a", "b"] && json["env"] == ["A": "1"] && json["cwd"] == "/")
        #expect(json["label"] == "l" && json["opts"] == ["stdout_BUFSIZE": "1k"] && json["channels"] == ["C"])
        #expect(try Rexec.Command(json: json) == command)
        #expect(Rexec.Command(arguments: ["a"]).json["cwd"] == nil)
    }

    @Test("flags have the bits of RFC 42")
    func flags() {
        let all: Rexec.Flags = [.standardOutput, .standardError, .channels, .writeCredit, .waitable]
        #expect(all.rawValue == 31)
        let local: Rexec.LocalFlags = [.standardIOFallthrough, .noProcessGroup, .forkExec]
        #expect(local.rawValue == 7)
    }

    @Test("a response of an unknown type is refused, a signature that is no text too")
    func refused() throws {
        #expect(throws: PayloadError.self) { try Rexec.Response(json: ["type": "flown"]) }
        #expect(throws: PayloadError.self) { try Rexec.signature(["signature": 5]) }
        #expect(try Rexec.signature(["signature": "x"]) == "x")
        #expect(try Rexec.signature([:]) == nil)
    }
}
