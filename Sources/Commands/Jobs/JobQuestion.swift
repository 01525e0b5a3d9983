internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC21JobStates
internal import RFC22Idset
internal import RFC23FSD
internal import RFC29Hostlist

/// Which jobs `flux jobs` wants.
struct JobQuestion {
    let count: Int
    private let since: Double
    private let constraint: JSON

    /// What the options of `flux jobs` ask for.
    ///
    /// - Parameter countOption: the option that says how many.
    init(_ arguments: Arguments, countOption: String = "count") throws {
        var since = 0.0
        var filters = arguments.list("filter")
        if let text = arguments.value("since") {
            since = try Self.time(text)
            if since > Format.now { throw CommandError("--since=\(text) appears to be in the future") }
        }
        if arguments.has("a") || arguments.has("A") || (arguments.has("since") && filters.isEmpty) {
            if arguments.has("a"), !filters.isEmpty {
                printError("\(arguments.program): WARNING: Both -a and --filter specified, ignoring -a")
            } else if !arguments.has("A") || arguments.has("a") {
                filters = ["pending", "running", "inactive"]
            }
        }
        if filters.isEmpty { filters = ["pending", "running"] }
        try self.init(arguments, filters: filters, since: since, countOption: countOption)
    }

    /// The jobs in some states or with some results.
    ///
    /// - Parameters:
    ///   - since: jobs that ended after this many seconds since 1970.
    ///   - standardCount: how many jobs without the option; 0 for all.
    init(
        _ arguments: Arguments, filters: [String], since: Double, countOption: String = "count", standardCount: Int = 1000
    ) throws {
        count = try arguments.integer(countOption) ?? standardCount
        self.since = since
        var terms: [JSON] = []
        var user = arguments.value("user")
        if arguments.has("A") { user = "all" }
        if let targets = arguments.value("include") {
            if let ranks = Idset(targets) {
                terms.append(["ranks": [.string("\(ranks)")]])
            } else if let hosts = Hostlist(targets) {
                terms.append(["hostlist": [.string("\(hosts)")]])
            } else {
                throw CommandError("-i/--include: invalid targets: \(targets)")
            }
            if user == nil { user = "all" }
        }
        if user != "all" {
            guard let id = user.map({ UInt32($0) ?? Users.id(of: $0) }) ?? Users.current else {
                throw CommandError("Invalid user \(user ?? "") specified")
            }
            terms.append(["userid": [.int(Int64(id))]])
        }
        if let name = arguments.value("name") { terms.append(["name": [.string(name)]]) }
        let queues = arguments.list("queue")
        if !queues.isEmpty { terms.append(["queue": .array(queues.map { .string($0) })]) }
        terms.append(try Self.states(filters))
        constraint = ["and": .array(terms)]
    }

    private static func states(_ names: [String]) throws(CommandError) -> JSON {
        var states: JobStates = []
        var results: JobResults = []
        for name in names {
            if let bits = JobStates(name: name) {
                states.formUnion(bits)
            } else if let result = JobResult(name: name) {
                results.insert(JobResults(rawValue: result.rawValue))
            } else {
                throw CommandError("Invalid filter specified: \(name)")
            }
        }
        let chosen: JSON = ["states": [.int(Int64(states.rawValue))]]
        guard !results.isEmpty else { return chosen }
        let ended: JSON = [
            "and": [["states": [.int(Int64(JobStates.inactive.rawValue))]], ["results": [.int(Int64(results.rawValue))]]],
        ]
        return states.isEmpty ? ended : ["or": [chosen, ended]]
    }

    /// `-1h`, `+1h`, a date, or seconds since 1970.
    static func time(_ text: String) throws(CommandError) -> Double {
        if text.hasPrefix("-") || text.hasPrefix("+") {
            guard let span = FluxDuration(String(text.dropFirst())) else {
                throw CommandError("invalid Flux standard duration")
            }
            return Format.now + (text.hasPrefix("-") ? -span.seconds : span.seconds)
        }
        guard let time = DateText.parse(text) else {
            throw CommandError("could not convert string to float: '\(text)'")
        }
        return time
    }

    /// The jobs, at most one more than ``count``.
    func jobs(_ attributes: [String], _ flux: Handle) async throws -> [JSON] {
        let request: JSON = [
            "max_entries": .int(Int64(count > 0 ? count + 1 : count)), "since": .real(since),
            "attrs": .array(attributes.map { .string($0) }), "constraint": constraint,
        ]
        let stream = flux.stream("job-list.list", request)
        var result: [JSON] = []
        while let answer = try await stream.nextJSON() { result += answer["jobs"]?.arrayValue ?? [] }
        return result
    }
}

