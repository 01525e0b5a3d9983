import FluxJSON
import RFC24IO
import RFC27ResourceAllocation
import RFC28ResourceAcquisition
import RFC32Execution
import RFC33Queue
import RFC40JGF
import RFC41JobInfo
import RFC42Subprocess
import RFC43JobList
import RFC44ResourceEvents
import RFC50ExecEvents

extension FuzzTarget {
    /// The payloads of requests and responses, seeded with the JSON of all vectors.
    static let payloads: [FuzzTarget] = [
        payload(AllocRequest.self), payload(AllocResponse.self), payload(FreeRequest.self),
        payload(RFC27ResourceAllocation.CancelRequest.self), payload(RFC41JobInfo.CancelRequest.self),
        payload(RFC27ResourceAllocation.ExpirationRequest.self), payload(RFC32Execution.ExpirationRequest.self),
        payload(StartRequest.self), payload(ExecutionResponse.self), payload(ExecHello.self),
        payload(QueueStatus.self), payload(QueueCheckpoint.self), payload(QueueSwitchRequest.self),
        payload(LookupRequest.self), payload(EventlogWatchRequest.self), payload(EventlogWatchResponse.self),
        payload(UpdateRequest.self),
        .json("JobConstraint", ["rfc31-constraint"]) { _ = try JobConstraint(json: $0) },
        payload(PrioritizeRequest.self), payload(FeasibilityRequest.self),
        payload(ResourceStatusResponse.self), payload(HelloRequest.self), payload(HelloResponse.self),
        payload(ReadyRequest.self), payload(ReadyResponse.self),
        payload(AcquireResponse.self), payload(AcquiredResources.self), payload(AcquireUpdate.self),
        payload(IOHeader.self), payload(IORedirect.self), payload(IOLog.self),
        payload(ResourceGraph.Vertex.self), payload(ResourceGraph.Edge.self),
        payload(Rexec.Command.self), payload(Rexec.ExecRequest.self), payload(Rexec.WriteRequest.self),
        payload(Rexec.KillRequest.self), payload(Rexec.WaitRequest.self), payload(Rexec.AttachRequest.self),
        payload(Rexec.WaitResponse.self), payload(Rexec.ListResponse.self), payload(Rexec.Response.self),
        payload(DrainCheckpoint.self), payload(JournalResponse.self),
        payload(ShellExit.self), payload(ShellInit.self), payload(ShellStart.self), payload(TaskExit.self),
    ]

    private static func payload<Value: Payload & Equatable>(_ type: Value.Type) -> FuzzTarget {
        .json("\(type)", ["rfc06-rpc", "rfc18-eventlog", "rfc24-io"], { try Value(json: $0) }, { $0.json })
    }
}
