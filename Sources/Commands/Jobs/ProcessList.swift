internal import FluxJSON

/// Where the tasks of a job run, read from the table that its shell keeps for debuggers.
///
/// The table has columns. A number is a difference to the last number before it; `[d, n]` is followed by n more numbers,
/// each one larger, or below 0 by as many equal ones. A name is a text, or `[prefix, numbers]` where -1 stands for no
/// number. Source: observed: flux-core 0.88, shell method `proctable`.
struct ProcessList: Hashable {
    /// `host:pid` of each task, in the order of the tasks.
    let tasks: [String]

    /// Most tasks of a table.
    private static let limit = 1 << 24

    /// - Throws: ``FluxJSON/PayloadError`` when a column is missing, has another form, or the columns differ in length.
    init(json: JSON) throws(PayloadError) {
        let object = try json.requireObject()
        let hosts = try Self.names(try object.array("hosts"), "hosts")
        let processes = try Self.numbers(try object.array("pids"), "pids")
        let ranks = try Self.numbers(try object.array("ids"), "ids")
        guard hosts.count == processes.count, ranks.count == hosts.count else {
            throw PayloadError(path: "pids", expected: "\(hosts.count) numbers", found: "\(processes.count)")
        }
        tasks = ranks.indices.sorted { ranks[$0] < ranks[$1] }.map { "\(hosts[$0]):\(processes[$0])" }
    }

    private static func numbers(_ items: [JSON], _ path: String) throws(PayloadError) -> [Int64] {
        var result: [Int64] = []
        var last: Int64 = 0
        for item in items {
            let difference = item.intValue ?? item.arrayValue?.first?.intValue
            let more = item.arrayValue.map { $0.count == 2 ? $0[1].intValue : nil } ?? 0
            guard let difference, let more, abs(more) <= Int64(limit), result.count + Int(abs(more)) < limit else {
                throw PayloadError(path: path, expected: "differences and runs", found: item.text)
            }
            last = last &+ difference
            result.append(last)
            for _ in 0..<abs(more) {
                if more > 0 { last = last &+ 1 }
                result.append(last)
            }
        }
        return result
    }

    private static func names(_ items: [JSON], _ path: String) throws(PayloadError) -> [String] {
        var result: [String] = []
        for item in items {
            if let name = item.stringValue {
                result.append(name)
            } else if let parts = item.arrayValue, parts.count == 2, let prefix = parts[0].stringValue,
                let suffixes = parts[1].arrayValue
            {
                for number in try numbers(suffixes, path) { result.append(number < 0 ? prefix : "\(prefix)\(number)") }
            } else {
                throw PayloadError(path: path, expected: "names", found: item.text)
            }
        }
        return result
    }
}
