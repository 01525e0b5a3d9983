import FluxJSON
import RFC18Eventlog
import RFC21JobStates

/// Operations of the vectors in `rfc21-job-states`.
enum RFC21Operations: Operations {
    static let folder = "rfc21-job-states"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        switch op {
        case "state-to-string":
            let style = NameStyle(rawValue: try input.string("format")) ?? .longUpper
            let states = UInt32(exactly: try input.int("state")).map(JobStates.init(rawValue:))
            return .string(states?.name(style) ?? style.unknown)
        case "result-to-string":
            let style = NameStyle(rawValue: try input.string("format")) ?? .longUpper
            let result = UInt32(exactly: try input.int("result")).flatMap(JobResult.init(rawValue:))
            return .string(result?.name(style) ?? style.unknown)
        case "string-to-state":
            guard let states = JobStates(name: try input.string("text")) else { throw UnknownName() }
            return .int(Int64(states.rawValue))
        case "string-to-result":
            guard let result = JobResult(name: try input.string("text")) else { throw UnknownName() }
            return .int(Int64(result.rawValue))
        case "replay": return try replay(input)
        default: return nil
        }
    }

    private struct UnknownName: Error {}

    private static func replay(_ input: JSON.Object) throws -> JSON {
        var machine = JobMachine(jobspec: input["jobspec"], resources: input["R"])
        var steps: [JSON] = []
        for event in try input.array("events") {
            let name = event["name"]?.stringValue ?? ""
            var errno: Int32?
            do throws(JobMachine.EventError) {
                if let entry = try? Eventlog.Entry(json: event) {
                    try machine.apply(entry)
                } else {
                    errno = 22
                }
            } catch {
                errno = error.errno
            }
            var step: JSON.Object = [
                "event": .string(name), "state": .string(machine.state.name()),
                "urgency": .int(Int64(machine.urgency)), "priority": .int(machine.priority),
                "has_resources": .bool(machine.holdsResources), "perilog_active": .int(Int64(machine.activePerilogs)),
                "dependency_count": .int(Int64(machine.dependencies.count)),
                "flags": .int(Int64(machine.flags.rawValue)),
            ]
            if let errno {
                step["error"] = .string([2: "ENOENT", 22: "EINVAL", 71: "EPROTO", 75: "EOVERFLOW"][errno] ?? "?")
            }
            steps.append(.object(step))
            if errno != nil { break }
        }
        var result: JSON.Object = ["steps": .array(steps), "final_state": .string(machine.state.name())]
        result["end_event"] =
            switch machine.endEvent {
            case .finish: "finish"
            case .exception: "exception"
            case nil: .null
            }
        result["jobspec_attributes"] = machine.jobspec?["attributes"]
        result["R_execution"] = machine.resources?["execution"]
        return .object(result)
    }
}
