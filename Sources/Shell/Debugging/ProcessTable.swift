internal import FluxJSON

/// Where each task of a job runs, for debuggers: the compressed form that `MPIR_proctable` is made of.
///
/// Lists of numbers become differences, runs and repetitions; host and program names become a prefix with a list of
/// number suffixes. Source: observed: flux-core 0.88, shell method `proctable`.
struct ProcessTable: Hashable {
    struct Row: Hashable {
        var task: Int
        var host: String
        var program: String
        var processID: Int
        var brokerRank: Int
    }

    var rows: [Row]

    var json: JSON {
        [
            "hosts": Self.names(rows.map(\.host)), "executables": Self.names(rows.map(\.program)),
            "ids": Self.numbers(rows.map(\.task)), "pids": Self.numbers(rows.map(\.processID)),
            "ranks": Self.numbers(rows.map(\.brokerRank)),
        ]
    }

    /// Each entry is a difference to the last number before: alone, or with how many consecutive numbers follow, or,
    /// below 0, how many more of the same.
    static func numbers(_ values: [Int]) -> JSON {
        var result: [JSON] = []
        var base = 0
        var index = 0
        while index < values.count {
            let first = values[index]
            var next = index + 1
            while next < values.count, values[next] == values[next - 1] + 1 { next += 1 }
            var isRepeat = false
            if next == index + 1 {
                while next < values.count, values[next] == first { next += 1 }
                isRepeat = next > index + 1
            }
            let more = Int64(next - index - 1)
            let difference = JSON.int(Int64(first - base))
            result.append(more == 0 ? difference : .array([difference, .int(isRepeat ? -more : more)]))
            base = values[next - 1]
            index = next
        }
        return .array(result)
    }

    /// Each entry is a name, or a prefix and the numbers that follow it; -1 stands for none.
    static func names(_ names: [String]) -> JSON {
        var result: [JSON] = []
        var index = 0
        while index < names.count {
            let (prefix, number) = split(names[index])
            var numbers = [number]
            var next = index + 1
            while next < names.count, split(names[next]).prefix == prefix {
                numbers.append(split(names[next]).number)
                next += 1
            }
            result.append(next == index + 1 ? .string(names[index]) : .array([.string(prefix), Self.numbers(numbers)]))
            index = next
        }
        return .array(result)
    }

    /// A name and its number at the end; numbers with leading zeros stay in the name.
    private static func split(_ name: String) -> (prefix: String, number: Int) {
        let digits = String(name.reversed().prefix { $0.isASCII && $0.isNumber }.reversed())
        guard !digits.isEmpty, digits.count < 10, digits == "0" || !digits.hasPrefix("0"), let number = Int(digits)
        else { return (name, -1) }
        return (String(name.dropLast(digits.count)), number)
    }
}
