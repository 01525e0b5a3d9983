/// How much output the KVS took, and what it does not take any more. A value without I/O.
struct OutputVolume {
    let limitBytes: Int
    let limitText: String
    private(set) var bytes: [String: Int] = [:]

    /// From here on the user is told that a file would be better.
    static let highVolume = 100 << 20

    init(limitBytes: Int, limitText: String) {
        self.limitBytes = limitBytes
        self.limitText = limitText
    }

    /// Counts output of a stream.
    ///
    /// - Returns: whether it is written, and a warning when this is the first that is not.
    mutating func count(_ stream: String, _ count: Int) -> (isWritten: Bool, warning: String?) {
        let before = bytes[stream, default: 0]
        bytes[stream] = before + count
        guard before + count > limitBytes else { return (true, nil) }
        return (false, before <= limitBytes ? "\(stream) will be truncated, \(limitText) limit exceeded" : nil)
    }

    /// What the user is told at the end.
    var warnings: [String] {
        var result: [String] = []
        for stream in ["stderr", "stdout"] {
            let total = bytes[stream, default: 0]
            if total > limitBytes {
                result.append("\(stream): \(total - limitBytes) of \(total) bytes truncated")
            }
        }
        for stream in ["stderr", "stdout"] {
            let total = bytes[stream, default: 0]
            if total > Self.highVolume, total <= 1 << 30 {
                result.append(
                    "high \(stream) volume (\(Self.shortSize(total))), consider redirecting to a file next time "
                        + "(e.g. use --output=FILE)")
            }
        }
        return result
    }

    static func shortSize(_ bytes: Int) -> String {
        var value = Double(bytes)
        var unit = 0
        let units = ["", "K", "M", "G", "T"]
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        let tenths = Int((value * 100).rounded())
        let whole = tenths / 100
        let rest = tenths % 100
        guard rest != 0 else { return "\(whole)\(units[unit])" }
        let digits = rest % 10 == 0 ? "\(rest / 10)" : (rest < 10 ? "0\(rest)" : "\(rest)")
        return "\(whole).\(digits)\(units[unit])"
    }
}
