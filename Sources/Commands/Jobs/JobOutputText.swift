internal import FluxJSON
internal import RFC18Eventlog
internal import RFC24IO

/// What an entry of a job's output log shows to somebody who follows several jobs: data, redirections, messages of the
/// shell.
struct JobOutputText: Hashable {
    let bytes: [UInt8]
    /// Whether it belongs to standard error.
    let isError: Bool

    private static let levels = ["FATAL", "FATAL", "FATAL", "ERROR", " WARN", "", "DEBUG", "TRACE"]

    /// nil for entries that show nothing.
    init?(_ event: Eventlog.Entry, labelsRank: Bool) {
        let context = event.context ?? [:]
        switch event.name {
        case "data":
            guard let data = try? IOData(json: .object(context)), let bytes = data.bytes, !bytes.isEmpty else { return nil }
            self.bytes = labelsRank ? Array("\(data.rank): ".utf8) + bytes : bytes
            isError = data.stream == "stderr"
        case "redirect":
            let rank = context["rank"]?.stringValue ?? "", stream = context["stream"]?.stringValue ?? ""
            bytes = Array("\(rank): \(stream) redirected to \(context["path"]?.stringValue ?? "")\n".utf8)
            isError = true
        case "log":
            let rank = context["rank"]?.intValue.map { "[\($0)]" } ?? ""
            let level = Int(context["level"]?.intValue ?? 5)
            var text = "flux-shell\(rank): "
            if Self.levels.indices.contains(level), !Self.levels[level].isEmpty { text += "\(Self.levels[level]): " }
            if let component = context["component"]?.stringValue { text += "\(component): " }
            bytes = Array("\(text)\(context["message"]?.stringValue ?? "")\n".utf8)
            isError = true
        default: return nil
        }
    }
}
