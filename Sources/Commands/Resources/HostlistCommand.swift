internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC03Message
internal import RFC19FLUID
internal import RFC20R
internal import RFC22Idset
internal import RFC29Hostlist

let hostlistCommand = Command(
    "hostlist", "Make, combine and query lists of hosts", .python, usage: "[OPTIONS] [SOURCES...]", operands: 0...Int.max,
    options: [
        .flag("expand", "e", "Print the hosts one by one"), .value("delimiter", "d", "S", "What stands between them"),
        .flag("count", "c", "Print how many hosts there are"), .value("nth", "n", "[-]IDS", "Print the hosts at these places"),
        .value("find", "F", "HOSTS", "Print the places of hosts"), .value("limit", "L", "[-]N", "Print at most N hosts"),
        .flag("sort", "S", "Sort the hosts"), .value("exclude", "x", "IDS|HOSTS", "Leave out places or hosts"),
        .flag("unique", "u", "Each host once"), .flag("union", nil, ""),
        .flag("intersect", "i", "Hosts that are in all lists"), .flag("minus", "m", "Hosts that are only in the first list"),
        .flag("xor", "X", "Hosts that are in one list only"),
        .flag("fallback", "f", "Take what is no job id for a list of hosts"),
        .flag("local", "l", "Use the instance of this host"), .flag("quiet", "q", "Print nothing; exit 1 when nothing is left"),
    ], showHostlist)

@Sendable private func showHostlist(_ arguments: Arguments) throws -> Int32 {
    let sources = arguments.operands.isEmpty ? ["stdin"] : arguments.operands
    let lists: [Hostlist]
    if sources.contains(where: { needsInstance($0, arguments) }) {
        let box = ListBox()
        _ = try Session.run(arguments) { flux in
            for source in sources { box.lists += try await hosts(of: source, arguments, flux) }
            return 0
        }
        lists = box.lists
    } else {
        lists = try sources.flatMap { try plainHosts(of: $0) ?? [] }
    }
    var result = try combine(lists, arguments)
    if let text = arguments.value("exclude") {
        if let places = Idset(text) {
            let kept = result.enumerated().filter { !places.contains(UInt32($0.offset)) }.map(\.element)
            result = try Hostlist(hosts: kept)
        } else {
            guard let hosts = Hostlist(text) else { throw CommandError("invalid hostlist \(text)") }
            _ = result.removeAll(hosts)
        }
    }
    if arguments.has("sort") { result.sort() }
    if arguments.has("unique") || arguments.has("union") { result = result.unique() }
    if let text = arguments.value("limit") {
        guard let limit = Int(text) else { throw CommandError("invalid limit \(text)") }
        let count = min(abs(limit), result.count)
        result = limit < 0 ? result.sublist((result.count - count)..<result.count) : result.sublist(0..<count)
    }
    if let text = arguments.value("nth") { result = try nth(text, of: result) }
    if arguments.has("quiet") { return result.isEmpty ? 1 : 0 }
    let separator = (arguments.value("delimiter") ?? " ").replacingEscapes
    if let text = arguments.value("find") {
        guard let wanted = Hostlist(text) else { throw CommandError("invalid hostlist \(text)") }
        let found = result.positions(of: wanted)
        if let first = found.missing.first { throw CommandError("host '\(first)' not found") }
        print(found.found.sorted().map { "\($0)" }.joined(separator: separator))
    } else if arguments.has("count") {
        print("\(result.count)")
    } else if arguments.has("expand") || arguments.has("delimiter") {
        print(Array(result).joined(separator: separator))
    } else {
        print("\(result)")
    }
    return 0
}

/// Lists on their way out of a conversation with an instance.
private final class ListBox: @unchecked Sendable {
    // Written by the closure that runs on the reactor of this very thread, read after it has ended.
    var lists: [Hostlist] = []
}

private func needsInstance(_ source: String, _ arguments: Arguments) -> Bool {
    ["instance", "local", "avail", "available"].contains(source) || (JobID(source) != nil && !arguments.has("fallback"))
}

private func plainHosts(of source: String) throws -> [Hostlist]? {
    if source == "stdin" || source == "-" {
        var result = Hostlist()
        for word in try Files.standardInput().split(whereSeparator: \.isWhitespace) {
            guard let list = Hostlist(String(word)) else { throw CommandError("Invalid jobid or hostlist \(word)") }
            result.append(contentsOf: list)
        }
        return [result]
    }
    guard let list = Hostlist(source) else { throw CommandError("Invalid jobid or hostlist \(source)") }
    return [list]
}

private func hosts(of source: String, _ arguments: Arguments, _ flux: Handle) async throws -> [Hostlist] {
    switch source {
    case "instance", "local":
        return [Hostlist(try await flux.attribute("hostlist")) ?? Hostlist()]
    case "avail", "available":
        let status = try await flux.query("resource.status", nodeID: 0)
        let set = try ResourceSet(json: status["R"] ?? [:])
        var ranks = (status["online"]?.stringValue).flatMap { Idset($0) } ?? set.ranks
        for (drained, _) in status["drain"]?.objectValue ?? [:] { ranks.subtract(Idset(drained) ?? Idset()) }
        ranks.subtract((status["exclude"]?.stringValue).flatMap { Idset($0) } ?? Idset())
        return [set.select(ranks: ranks).nodelist ?? Hostlist()]
    default: break
    }
    if let id = JobID(source), !arguments.has("fallback") { return [try await hosts(ofJob: id, source, flux)] }
    return try plainHosts(of: source) ?? []
}

private func hosts(ofJob id: JobID, _ name: String, _ flux: Handle) async throws(CommandError) -> Hostlist {
    let request: JSON = ["id": .int(Int64(bitPattern: id.value)), "attrs": ["nodelist"]]
    let answer: JSON
    do { answer = try await flux.query("job-list.list-id", request) } catch {
        throw CommandError(error.errnum == Errno.noEntry ? "job \(name) not found" : "\(error)")
    }
    return Hostlist(answer["job"]?["nodelist"]?.stringValue ?? "") ?? Hostlist()
}

private func combine(_ lists: [Hostlist], _ arguments: Arguments) throws -> Hostlist {
    guard var result = lists.first else { return Hostlist() }
    for list in lists.dropFirst() {
        if arguments.has("intersect") {
            result = result.intersection(list)
        } else if arguments.has("minus") {
            result = result.subtracting(list)
        } else if arguments.has("xor") {
            result = result.symmetricDifference(list)
        } else {
            result.append(contentsOf: list)
        }
    }
    return result
}

private func nth(_ text: String, of list: Hostlist) throws -> Hostlist {
    let isBackward = text.hasPrefix("-")
    guard let places = Idset(isBackward ? String(text.dropFirst()) : text) else {
        throw CommandError("invalid index \(text)")
    }
    let positions = places.map { isBackward ? list.count - Int($0) : Int($0) }
    guard let result = list.sublist(at: positions) else { throw CommandError("Hostlist index out of range") }
    return result
}

extension String {
    /// `\n` and `\t` made into what they stand for.
    fileprivate var replacingEscapes: String {
        var result = ""
        var isEscaped = false
        for character in self {
            if isEscaped {
                result.append(character == "n" ? "\n" : character == "t" ? "\t" : character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                result.append(character)
            }
        }
        return result
    }
}
