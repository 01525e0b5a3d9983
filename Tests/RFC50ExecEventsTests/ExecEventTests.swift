import RFC18Eventlog
import RFC50ExecEvents
import Testing

@Suite("RFC 50 execution events")
struct ExecEventTests {
    /// In the form in which flux-core 0.88 writes them.
    static let log = """
        {"timestamp":1.5,"name":"init"}
        {"timestamp":2.5,"name":"starting"}
        {"timestamp":3.5,"name":"shell.init","context":{"service":"0-shell-fZ","leader-rank":2,"size":1,"capture":1}}
        {"timestamp":4.5,"name":"shell.start","context":{"taskmap":{"version":1,"map":[[0,1,1,1]]},"sync":true}}
        {"timestamp":5.5,"name":"log","context":{"component":"flux-shell","stream":"stderr","rank":"3","data":"x"}}
        {"timestamp":6.5,"name":"shell.task-exit","context":{"localid":0,"rank":0,"state":"Exited","pid":7,"wait_status":256,"signaled":0,"exitcode":1}}
        {"timestamp":7.5,"name":"shell-exit","context":{"rank":42,"wait_status":256,"active_ranks":"43-45"}}
        {"timestamp":8.5,"name":"invented","context":{"a":1}}
        {"timestamp":9.5,"name":"complete","context":{"status":256}}
        {"timestamp":10.5,"name":"done"}

        """

    @Test("events print as they were read")
    func roundTrip() throws {
        let log = try Eventlog(parsing: Self.log)
        let printed = try log.entries.map { try ExecEvent($0).entry(timestamp: $0.timestamp).text }
        #expect(printed.joined() == Self.log)
    }

    @Test("a log adds up")
    func progress() throws {
        var progress = ExecutionProgress()
        for entry in try Eventlog(parsing: Self.log).entries {
            progress.apply(try ExecEvent(entry))
            if entry.name == "shell.start" { #expect(progress.shell?.service == "0-shell-fZ") }
        }
        #expect(progress.status == 256)
        #expect(progress.isDone && progress.tasksStarted && progress.shell == nil && !progress.isRecoverable)
    }
}
