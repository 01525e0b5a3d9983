import FluxJSON
import RFC24IO
import RFC27ResourceAllocation
import RFC28ResourceAcquisition
import RFC32Execution
import RFC33Queue
import RFC41JobInfo
import RFC42Subprocess
import RFC50ExecEvents
import Testing

/// The REQUIRED keys of payloads: each example reads back as itself, and is refused without one of the keys named, or
/// with a value of another type in its place. A key is a path, `data.status`.
@Suite("payloads refuse what lacks a required key")
struct PayloadRequirementTests {
    private func check<Value: Payload & Equatable>(_ type: Value.Type, _ text: String, _ required: String...) throws {
        let json = try JSON(parsing: text)
        let value = try Value(json: json)
        #expect(try Value(json: value.json) == value)
        for path in required {
            let keys = path.split(separator: ".").map(String.init)[...]
            #expect(throws: PayloadError.self, "\(type) without \(path)") {
                try Value(json: Self.replacing(keys, in: json, by: nil))
            }
            #expect(throws: PayloadError.self, "\(type) with another \(path)") {
                try Value(json: Self.replacing(keys, in: json, by: [true]))
            }
        }
    }

    private func refuse<Value: Payload>(_ type: Value.Type, _ text: String) throws {
        let json = try JSON(parsing: text)
        #expect(throws: PayloadError.self, "\(type) \(text)") { try Value(json: json) }
    }

    private static func replacing(_ path: ArraySlice<String>, in json: JSON, by value: JSON?) -> JSON {
        guard let key = path.first, var object = json.objectValue else { return json }
        if path.count > 1 {
            object[key] = replacing(path.dropFirst(), in: object[key] ?? .null, by: value)
        } else if let value {
            object[key] = value
        } else {
            object.removeValue(forKey: key)
        }
        return .object(object)
    }

    @Test("RFC 24, events of standard I/O")
    func rfc24() throws {
        try check(
            IOHeader.self, #"{"version":1,"encoding":{"stdout":"utf-8"},"count":{"stdout":1},"options":{}}"#,
            "version", "encoding", "count", "options")
        try check(IORedirect.self, #"{"stream":"stdout","rank":"0","path":"x"}"#, "stream")
        try check(IOLog.self, #"{"level":1,"message":"x"}"#, "level", "message")
    }

    @Test("RFC 27, allocation of resources")
    func rfc27() throws {
        try check(
            AllocRequest.self, #"{"id":1,"priority":16,"userid":5,"t_submit":1.5,"jobspec":{}}"#,
            "id", "priority", "userid", "jobspec")
        try check(AllocResponse.self, #"{"id":1,"type":0,"R":{}}"#, "id", "type")
        try check(AllocResponse.self, #"{"id":1,"type":1,"annotations":{"a":1}}"#, "annotations")
        try refuse(AllocResponse.self, #"{"id":1,"type":9}"#)
        try check(RFC27ResourceAllocation.CancelRequest.self, #"{"id":1}"#, "id")
        try check(FreeRequest.self, #"{"id":1,"R":{},"final":true}"#, "id", "R")
        try check(PrioritizeRequest.self, #"{"jobs":[[1,2],[3,4]]}"#, "jobs")
        try refuse(PrioritizeRequest.self, #"{"jobs":[[1]]}"#)
        try check(RFC27ResourceAllocation.ExpirationRequest.self, #"{"id":1,"expiration":5.5}"#, "id", "expiration")
        try check(FeasibilityRequest.self, #"{"jobspec":{}}"#, "jobspec")
        try check(
            HelloResponse.self, #"{"id":1,"priority":16,"userid":5,"t_submit":1.5,"R":{}}"#, "id", "priority", "userid",
            "t_submit")
        try check(ReadyRequest.self, #"{"mode":"unlimited"}"#, "mode")
        try check(ReadyRequest.self, #"{"mode":"limited","limit":4}"#, "mode", "limit")
        try refuse(ReadyRequest.self, #"{"mode":"other"}"#)
        try check(ReadyResponse.self, #"{"count":3}"#, "count")
    }

    @Test("RFC 28, acquisition of resources")
    func rfc28() throws {
        try check(AcquiredResources.self, #"{"resources":{"version":1},"up":"0-3"}"#, "resources", "up")
        try check(AcquireUpdate.self, #"{"up":"1","down":"2","expiration":7.5}"#)
        try refuse(AcquireUpdate.self, #"{"up":"x"}"#)
    }

    @Test("RFC 32, execution")
    func rfc32() throws {
        try check(ExecHello.self, #"{"service":"job-exec"}"#, "service")
        try check(
            StartRequest.self, #"{"id":1,"userid":2,"jobspec":{},"R":{},"reattach":false}"#,
            "id", "userid", "reattach")
        try check(ExecutionResponse.self, #"{"id":1,"type":"start","data":{}}"#, "id", "type", "data")
        try check(
            ExecutionResponse.self, #"{"id":1,"type":"release","data":{"ranks":"all","final":true}}"#,
            "data.ranks", "data.final")
        try check(ExecutionResponse.self, #"{"id":1,"type":"finish","data":{"status":0}}"#, "data.status")
        try check(
            ExecutionResponse.self, #"{"id":1,"type":"exception","data":{"severity":0,"type":"x","note":"y"}}"#,
            "data.severity", "data.type")
    }

    @Test("RFC 33, status of queues")
    func rfc33() throws {
        try check(QueueStatus.self, #"{"enable":true,"start":true}"#, "enable", "start")
        try check(
            QueueStatus.self,
            #"{"enable":false,"disable_reason":"x","start":false,"stop_reason":"y","blocked":"z","parent":"p"}"#,
            "enable", "start")
    }

    @Test("RFC 41, job information")
    func rfc41() throws {
        try check(LookupRequest.self, #"{"id":1,"keys":["R"],"flags":0}"#, "id", "keys", "flags")
        try check(EventlogWatchRequest.self, #"{"id":1,"path":"eventlog","flags":0}"#, "id", "path", "flags")
        try check(EventlogWatchResponse.self, #"{"event":"{\"timestamp\":1.0,\"name\":\"a\"}\n"}"#, "event")
        try check(RFC41JobInfo.CancelRequest.self, #"{"matchtag":3}"#, "matchtag")
    }

    @Test("RFC 42, subprocesses")
    func rfc42() throws {
        let command = #"{"cwd":"/","cmdline":["a","b"],"env":{"A":"1"},"opts":{},"channels":[]}"#
        try check(Rexec.Command.self, command, "cmdline", "env", "opts", "channels")
        try refuse(Rexec.Command.self, #"{"cmdline":["a"],"env":{"A":1},"opts":{},"channels":[]}"#)
        try refuse(Rexec.Command.self, #"{"cmdline":["a"],"env":{},"opts":{"A":1},"channels":[]}"#)
        try check(Rexec.Command.MessageChannel.self, #"{"name":"A","uri":"interthread://x"}"#, "name", "uri")
        try check(Rexec.ExecRequest.self, #"{"cmd":\#(command),"flags":3}"#, "cmd", "flags")
        try check(
            Rexec.WriteRequest.self, #"{"matchtag":1,"io":{"stream":"stdin","rank":"0","data":"x"}}"#,
            "matchtag", "io", "io.stream", "io.rank")
        try check(Rexec.KillRequest.self, #"{"pid":1,"signum":9}"#, "pid", "signum")
        try check(Rexec.WaitRequest.self, #"{"pid":1}"#, "pid")
        try check(Rexec.AttachRequest.self, #"{"pid":1,"flags":3}"#, "pid", "flags")
        try check(Rexec.WaitResponse.self, #"{"status":0}"#, "status")
    }

    @Test("RFC 42, responses of a stream")
    func rfc42responses() throws {
        let command = #"{"cwd":"/","cmdline":["a","b"],"env":{"A":"1"},"opts":{},"channels":[]}"#
        try check(Rexec.Response.self, #"{"type":"started","pid":1}"#, "type", "pid")
        try check(Rexec.Response.self, #"{"type":"stopped"}"#, "type")
        try check(Rexec.Response.self, #"{"type":"finished","status":0}"#, "type", "status")
        try check(
            Rexec.Response.self, #"{"type":"output","pid":1,"io":{"stream":"stdout","rank":"0","data":"x"}}"#, "type",
            "io")
        try check(Rexec.Response.self, #"{"type":"add-credit","channels":{"stdin":3}}"#, "type", "channels")
        try check(Rexec.Response.self, #"{"type":"attached","pid":1,"cmd":\#(command)}"#, "type", "pid")
        try refuse(Rexec.Response.self, #"{"type":"other"}"#)
    }

    @Test("RFC 50, events of the shell")
    func rfc50() throws {
        try check(ShellInit.self, #"{"service":"0-shell","leader-rank":0,"size":1}"#, "service", "leader-rank", "size")
        try check(ShellStart.self, #"{"taskmap":{"version":1,"map":[[0,1,1,1]]}}"#)
        try refuse(ShellStart.self, "{}")
        try check(ShellExit.self, #"{"rank":0,"wait_status":0}"#, "rank", "wait_status")
        try check(
            TaskExit.self, #"{"localid":0,"rank":0,"state":"Exited","pid":1,"wait_status":0,"exitcode":0}"#, "localid",
            "rank", "state")
    }
}
