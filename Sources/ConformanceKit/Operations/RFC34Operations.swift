import FluxJSON
import RFC19FLUID
import RFC22Idset
import RFC29Hostlist
import RFC34Taskmap

/// Operations of the vectors in `rfc34-taskmap`.
enum RFC34Operations: Operations {
    static let folder = "rfc34-taskmap"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        switch op {
        case "decode": facts(try Taskmap(parsing: input.text()))
        case "taskids", "nodeid", "ntasks": try query(op, Int(input.int("n")), Taskmap(parsing: input.text("map")))
        case "append-blocks": facts(try append(input))
        case "check-compatible": try check(input)
        case "convert": .string(try convert(commandMap(input), to: input.string("to")))
        case "query-command": .string(try queryCommand(input))
        case "to-hosts": try hosts(input)
        default: nil
        }
    }

    private static func facts(_ map: Taskmap) -> JSON {
        let isLong = map.taskCount > 65_536
        return [
            "map": .string(map.description), "wrapped": .string(map.wrappedJSON.text),
            "pmi": text(map.formatted(.pmi)),
            "raw": isLong ? "<omitted>" : text(map.formatted(.raw)),
            "raw_deranged": isLong ? "<omitted>" : text(map.formatted(.rawDeranged)),
            "nnodes": .int(map.isUnknown ? -1 : Int64(map.nodeCount)),
            "total_ntasks": .int(map.isUnknown ? -1 : Int64(map.taskCount)), "unknown": .bool(map.isUnknown),
        ]
    }

    private static func query(_ name: String, _ number: Int, _ map: Taskmap) throws -> JSON {
        let answer: JSON? =
            switch name {
            case "taskids": map.taskIDs(onNode: number).map { .string($0.description) }
            case "nodeid": map.node(ofTask: number).map { .int(Int64($0)) }
            default: map.taskCount(onNode: number).map { .int(Int64($0)) }
            }
        guard let answer else { throw Refused.notFound }
        return answer
    }

    private static func append(_ input: JSON.Object) throws -> Taskmap {
        var map = Taskmap()
        for block in try input.array("blocks") {
            let numbers = (block.arrayValue ?? []).compactMap { $0.intValue.map { Int($0) } }
            guard numbers.count == 3 else { throw Refused.notABlock }
            try map.append(node: numbers[0], nodeCount: numbers[1], tasksPerNode: numbers[2])
        }
        return map
    }

    private static func check(_ input: JSON.Object) throws -> JSON {
        let first = try Taskmap(parsing: input.text("a"))
        let second = try Taskmap(parsing: input.text("b"))
        guard first.isCompatible(with: second) else { throw Refused.incompatible }
        return true
    }

    private static func convert(_ map: Taskmap, to name: String) throws -> String {
        let format: Taskmap.Format? = ["raw": .raw, "pmi": .pmi, "multiline": .multiline][name]
        guard let format, let text = map.formatted(format) else { throw Refused.unknownFormat }
        return format == .multiline ? text : text + "\n"
    }

    private static func queryCommand(_ input: JSON.Object) throws -> String {
        let map = try commandMap(input)
        let number = Int(try input.int("n"))
        // The option's value that means "not given": the map itself is printed.
        guard number != -1 else { return map.description }
        let answer = try query(input.string("query"), number, map)
        return answer.stringValue ?? answer.text
    }

    /// The map argument of the command, which is a job id when it can be one.
    private static func commandMap(_ input: JSON.Object) throws -> Taskmap {
        let text = try input.text("map")
        guard JobID(text) == nil else { throw Refused.needsInstance }
        return try Taskmap(parsing: text)
    }

    private static func hosts(_ input: JSON.Object) throws -> JSON {
        let map = try Taskmap(parsing: input.text("map"))
        var hosts = Hostlist()
        for text in try input.object("R").object("execution").strings("nodelist") { try hosts.append(parsing: text) }
        var names = JSON.Object()
        for task in [0, 1, 3] {
            names[String(task)] = map.node(ofTask: task).flatMap { hosts.host(at: $0) }.map { .string($0) } ?? .null
        }
        return [
            "hosts": text(map.lines(hosts: hosts)), "multiline": text(map.formatted(.multiline)),
            "hostname_of_task": .object(names),
        ]
    }

    private static func text(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }

    private enum Refused: Error { case notFound, incompatible, unknownFormat, needsInstance, notABlock }
}
