internal import Client
internal import CommandKit
internal import FluxJSON
internal import RFC18Eventlog
internal import RFC24IO
internal import Reactor

extension AttachSession {
    func show(_ entry: Eventlog.Entry) {
        let context = entry.context ?? [:]
        switch entry.name {
        case "data":
            guard let data = try? IOData(json: .object(context)), let bytes = data.bytes else { return }
            // The terminal has shown it already.
            if terminal != nil, capturesTerminal, data.rank == "0" { return }
            var line: [UInt8] = []
            if options.labelsJob { line += "\(name): ".utf8 }
            if options.labelsIO { line += "\(data.rank): ".utf8 }
            line += bytes
            if terminal != nil { line.append(13) }
            data.stream == "stderr" ? writeError(line) : say(line)
        case "redirect":
            guard !options.isQuiet else { return }
            let path = context["path"]?.stringValue.map { " to \($0)" } ?? ""
            sayError("\(context["rank"]?.stringValue ?? ""): \(context["stream"]?.stringValue ?? "") redirected\(path)\n")
        case "log":
            guard !options.isQuiet else { return }
            let level = Int(context["level"]?.intValue ?? 5)
            let labels = ["FATAL", "FATAL", "FATAL", "ERROR", " WARN", "", "DEBUG", "TRACE"]
            var text = "\(time(entry)): flux-shell"
            if let rank = context["rank"]?.intValue, rank >= 0 { text += "[\(rank)]" }
            if labels.indices.contains(level), !labels[level].isEmpty { text += ": \(labels[level])" }
            if let component = context["component"]?.stringValue { text += ": \(component)" }
            if options.isVerbose, let file = context["file"]?.stringValue {
                text += ": \(file)"
                if let line = context["line"]?.intValue, line > 0 { text += ":\(line)" }
            }
            sayError("\(text): \(context["message"]?.stringValue ?? "")\n" + (terminal == nil ? "" : "\r"))
        default: break
        }
    }

    /// Output of one turn of the reactor leaves in one write.
    func say(_ bytes: [UInt8]) {
        if pendingOutput.isEmpty { flux.reactor.later { [self] in flushPending() } }
        pendingOutput += bytes
        if pendingOutput.count > 1 << 16 { flushPending() }
    }

    func flushPending() {
        guard !pendingOutput.isEmpty else { return }
        printBytes(pendingOutput)
        pendingOutput.removeAll(keepingCapacity: true)
    }

    func writeError(_ bytes: [UInt8]) {
        flushPending()
        write(bytes, to: 2)
    }

    func sayError(_ text: String) { writeError(Array(text.utf8)) }
}
