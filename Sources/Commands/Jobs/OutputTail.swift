internal import FluxJSON
internal import RFC18Eventlog
internal import RFC24IO

/// The last lines of the output that a job has written so far.
struct OutputTail {
    private let limit: Int
    private var lines: [Eventlog.Entry] = []

    /// - Parameter limit: how many lines to keep, not negative.
    init(_ limit: Int) { self.limit = limit }

    /// The kept lines, an entry each, in order.
    var entries: [Eventlog.Entry] { Array(lines.suffix(limit)) }

    /// Takes an entry; one with several lines of data counts as several.
    mutating func append(_ entry: Eventlog.Entry) {
        guard entry.name == "data", let context = entry.context, let data = try? IOData(json: .object(context)) else {
            return keep(entry)
        }
        guard let bytes = data.bytes, !bytes.isEmpty else { return }
        for line in bytes.split(separator: 10, omittingEmptySubsequences: false) where !line.isEmpty {
            let isWhole = line.endIndex < bytes.endIndex
            let piece = IOData(stream: data.stream, rank: data.rank, bytes: Array(line) + (isWhole ? [10] : []))
            keep(Eventlog.Entry(timestamp: entry.timestamp, name: "data", context: piece.json.objectValue))
        }
    }

    private mutating func keep(_ entry: Eventlog.Entry) {
        lines.append(entry)
        if lines.count > 2 * limit + 64 { lines.removeFirst(lines.count - limit) }
    }
}
