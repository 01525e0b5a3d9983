import FluxJSON
import Service
import Testing

@testable import JobExec

@Suite("Settings of job-exec")
struct ExecSettingsTests {
    static func settings(_ table: JSON?, _ arguments: [String: String] = [:]) throws(ServiceError) -> ExecSettings {
        try ExecSettings(table: table, jobShell: "/x/flux-shell") { arguments[$0] }
    }

    @Test("arguments count more than the configuration")
    func precedence() throws {
        let table: JSON = [
            "kill-timeout": ".5m", "kill-signal": "SIGINT", "job-shell": "/conf/shell", "imp": "/conf/imp",
            "sdexec-properties": ["MemoryMax": "100M"], "sdexec-stop-timer-sec": 3, "method": "bulk-exec",
        ]
        let configured = try Self.settings(table)
        #expect(configured.killTimeout == 30 && configured.killSignal == 2)
        #expect(configured.json["flux_imp_path"] == "/conf/imp" && configured.json["sdexec_stop_timer_sec"] == 3)
        #expect(configured.json["sdexec_properties"]?["MemoryMax"] == "100M")
        let argued = try Self.settings(table, ["kill-timeout": "1m", "job-shell": "/arg/shell", "service": "foo"])
        #expect(argued.killTimeout == 60 && argued.jobShell == "/arg/shell" && argued.service == "foo")
        #expect(try Self.settings(nil).json["flux_imp_path"] == nil)
    }

    @Test("mistakes are named", arguments: [
        (#"{"kill-timeout":"foo"}"#, "invalid kill-timeout: foo"),
        (#"{"kill-timeout":"0s"}"#, "invalid kill-timeout: 0s"),
        (#"{"job-shell":42}"#, "error reading config value exec.job-shell: expected string, found integer"),
        (#"{"method":"wrong"}"#, "unknown exec.method 'wrong'"),
        (#"{"kill-signal":"foo"}"#, "invalid kill-signal: foo"),
        (#"{"sdexec-properties":42}"#, "exec.sdexec-properties is not a table"),
        (#"{"sdexec-properties":{"MemoryHigh":42}}"#, "exec.sdexec-properties.MemoryHigh is not a string"),
        (#"{"barrier-timeout":100}"#, "error reading config value exec.barrier-timeout: expected string, found integer"),
    ])
    func mistakes(text: String, expected: String) throws {
        let table = try JSON(parsing: text)
        do throws(ServiceError) {
            _ = try Self.settings(table)
            Issue.record("accepted")
        } catch {
            #expect(error.text == expected)
        }
    }
}
