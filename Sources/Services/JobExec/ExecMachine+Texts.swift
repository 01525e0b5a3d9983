import FluxJSON
import Glibc
import RFC19FLUID
import RFC22Idset
import RFC23FSD
import RFC29Hostlist

extension ExecMachine {
    /// The shell that the jobspec or the configuration names.
    var shellPath: String {
        jobspec["attributes"]?["system"]?["exec"]?["job_shell"]?.stringValue ?? settings.jobShell
    }

    /// What the jobspec says about this way of execution, mostly for tests.
    var bulkOptions: JSON.Object {
        jobspec["attributes"]?["system"]?["exec"]?["bulkexec"]?.objectValue ?? [:]
    }

    static let knownBulkOptions: Set<String> = [
        "service", "mock_exception", "sdexec-test-expected-cpus", "barrier-timeout",
    ]

    var mockException: String? { bulkOptions["mock_exception"]?.stringValue }

    /// Seconds that the first shells at a barrier wait for the others; 0 for ever.
    var barrierTimeout: Double { bulkOptions["barrier-timeout"]?.numberValue ?? settings.barrierTimeout }

    /// Program and arguments of the shells.
    var shellCommand: [String] {
        let shell = [shellPath, "\(id.value)"]
        guard isMultiuser, let imp = settings.impPath else { return shell }
        return [imp, "exec"] + shell
    }

    /// The hosts of some brokers as one text.
    func hostText(_ ranks: Idset) -> String {
        var list = Hostlist()
        for rank in ranks { try? list.append(host: host(rank)) }
        return "\(list)"
    }

    func durationText(_ seconds: Double) -> String { FluxDuration(seconds: seconds).map { "\($0)" } ?? "\(seconds)s" }

    func signalText(_ signal: Int32) -> String { strsignal(signal).map { String(cString: $0) } ?? "signal \(signal)" }
}
