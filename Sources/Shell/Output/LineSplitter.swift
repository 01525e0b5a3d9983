/// Cuts runs of lines for their reader.
enum LineSplitter {
    /// The lines of a run, each with its newline; the last may lack it.
    static func lines(_ run: [UInt8]) -> [ArraySlice<UInt8>] {
        var result: [ArraySlice<UInt8>] = []
        var start = 0
        while start < run.count {
            let end = run[start...].firstIndex(of: UInt8(ascii: "\n")) ?? run.count - 1
            result.append(run[start...end])
            start = end + 1
        }
        return result
    }

    /// The run with `label: ` in front of each line.
    static func labeled(_ run: [UInt8], _ label: String) -> [UInt8] {
        let prefix = Array("\(label): ".utf8)
        var result: [UInt8] = []
        result.reserveCapacity(run.count + prefix.count)
        for line in lines(run) {
            result += prefix
            result += line
        }
        return result
    }
}
