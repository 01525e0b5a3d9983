import FluxJSON
import RFC22Idset
import RFC29Hostlist

/// Operations of the vectors in `rfc29-hostlist`.
enum RFC29Operations: Operations {
    static let folder = "rfc29-hostlist"

    static func run(_ op: String, _ input: JSON.Object) throws -> JSON? {
        switch op {
        case "decode": return .object(facts(try Hostlist(parsing: input.text())))
        case "combine": return .string(try combine(input))
        case "command": return .string(try HostlistArguments(input.array("args")).answer())
        default: return try listOperation(op, input)
        }
    }

    private static func listOperation(_ op: String, _ input: JSON.Object) throws -> JSON? {
        var list = try Hostlist(parsing: input.text("hosts"))
        switch op {
        case "sort": list.sort()
        case "uniq": list.sortAndRemoveDuplicates()
        case "nth": return .string(try nth(input.int("n"), in: list))
        case "find":
            let name = try Hostlist(hosts: [input.text("host")])
            guard let position = list.firstIndex(of: name[0]) else { throw Refused.notFound }
            return .int(Int64(position))
        case "iterate":
            // What first() and up to twelve calls of next() return; null is the end.
            var names = list.prefix(13).map { JSON.string($0) }
            if names.isEmpty { names.append(.null) }
            if list.count < 13 { names.append(.null) }
            return .array(names)
        case "append":
            let count = try list.append(parsing: input.text("arg"))
            return edited(list, count)
        case "delete":
            let count = list.remove(try Hostlist(parsing: input.text("arg")))
            return edited(list, count)
        case "remove-at": return try removeAt(input.int("index"), of: list)
        default: return nil
        }
        return .object(facts(list))
    }

    private static func edited(_ list: Hostlist, _ count: Int) -> JSON {
        var result = facts(list)
        result["rc"] = .int(Int64(count))
        return .object(result)
    }

    private static func removeAt(_ index: Int64, of original: Hostlist) throws -> JSON {
        var list = original
        let isInside = list.indices.contains(Int(index))
        if isInside { list.remove(at: Int(index)) }
        var result = facts(list)
        result["rc"] = .int(isInside ? 1 : 0)
        result["current_after"] = .null
        return .object(result)
    }

    private static func nth(_ position: Int64, in list: Hostlist) throws -> String {
        guard let name = position < 0 ? nil : list.host(at: Int(position)) else { throw Refused.notFound }
        return name
    }

    private static func combine(_ input: JSON.Object) throws -> String {
        var query = HostlistQuery()
        switch try input.string("operation") {
        case "intersect": query.combination = .intersect
        case "minus": query.combination = .subtract
        case "xor": query.combination = .symmetricDifference
        case "union": query.removesDuplicates = true
        case "append": break
        default: throw Refused.unknownOption
        }
        return try query.answer(for: input.array("hostlists").map { try Hostlist(parsing: $0.stringValue ?? "[") })
    }

    private static func facts(_ list: Hostlist) -> JSON.Object {
        var result: JSON.Object = ["encoded": .string(list.description), "count": .int(Int64(list.count))]
        if list.count <= 64 {
            result["hosts"] = .array(list.map { .string($0) })
        } else {
            result["first"] = .string(list[0])
            result["last"] = .string(list[list.count - 1])
        }
        return result
    }

    fileprivate enum Refused: Error { case notFound, unknownOption }
}

/// The command line of `flux hostlist`, as far as the vectors use it.
private struct HostlistArguments {
    private var query = HostlistQuery()
    private var lists: [Hostlist] = []
    private var expands = false
    private var delimiter = " "

    init(_ arguments: [JSON]) throws {
        for argument in arguments.compactMap(\.stringValue) {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if parts[0].hasPrefix("-") {
                try option(parts[0], parts.count > 1 ? parts[1] : "")
            } else {
                lists.append(try Hostlist(parsing: argument))
            }
        }
        if expands { query.output = .expanded(delimiter: delimiter) }
    }

    func answer() throws -> String { try query.answer(for: lists) }

    private mutating func option(_ name: String, _ value: String) throws {
        switch name {
        case "--expand", "-e": expands = true
        case "--delimiter", "-d": delimiter = value
        case "--count", "-c": query.output = .count
        case "--nth", "-n": query.positions = try positions(value)
        case "--find", "-F": query.output = .positions(of: try Hostlist(parsing: value))
        case "--limit", "-L": query.limit = Int(value) ?? 0
        case "--sort", "-S": query.sorts = true
        case "--exclude", "-x":
            query.excludedHosts = try Hostlist(parsing: value)
            query.excludedPositions = Set((Idset(query.excludedHosts.description) ?? Idset()).map { Int($0) })
        case "--union", "--unique", "-u": query.removesDuplicates = true
        case "--intersect", "-i": query.combination = .intersect
        case "--minus", "-m": query.combination = .subtract
        case "--xor", "-X": query.combination = .symmetricDifference
        default: throw RFC29Operations.Refused.unknownOption
        }
    }

    /// Positions from the start, or from the end with a minus sign, highest first.
    private func positions(_ text: String) throws -> [Int] {
        guard text.hasPrefix("-") else { return try Idset(parsing: text).map { Int($0) } }
        return try Idset(parsing: String(text.dropFirst())).reversed().map { -Int($0) }
    }
}
