internal import CommandKit
internal import Glibc

/// The instance of a process on this host: its `FLUX_URI`, or that of its first child for a broker.
enum ProcessURI {
    /// - Throws: ``TargetResolver/Failure``.
    static func uri(of text: String) throws -> String {
        var process = text
        let status = try content("/proc/\(text)/status")
        if status.prefix(while: { $0 != "\n" }).contains("flux-broker") { process = try firstChild(of: text) }
        let environment = try content("/proc/\(process)/environ")
        for entry in environment.split(separator: "\0") where entry.hasPrefix("FLUX_URI=") {
            return String(entry.dropFirst("FLUX_URI=".count))
        }
        throw TargetResolver.Failure(text: "PID \(process) doesn't seem to have a FLUX_URI")
    }

    private static func content(_ path: String) throws -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TargetResolver.Failure(text: "\(SystemText.of(errno)): '\(path)'") }
        close(descriptor)
        return try Files.text(path)
    }

    private static func firstChild(of process: String) throws -> String {
        if Environment["FLUX_FORCE_BROKER_CHILD_FALLBACK"] == nil {
            for thread in Files.names(in: "/proc/\(process)/task") {
                let children = (try? Files.text("/proc/\(process)/task/\(thread)/children")) ?? ""
                if let child = children.split(separator: " ").first { return String(child) }
            }
        }
        // Kernels without that file: the process whose status names it as the parent.
        for other in Files.names(in: "/proc").filter({ $0.allSatisfy(\.isNumber) }).sorted(by: nearest(to: process)) {
            let text = (try? Files.text("/proc/\(other)/stat")) ?? ""
            guard let end = text.lastIndex(of: ")") else { continue }
            let fields = text[text.index(after: end)...].split(separator: " ")
            if fields.count > 1, fields[1] == process { return other }
        }
        throw TargetResolver.Failure(text: "PID \(process) is a flux-broker and no child found")
    }

    private static func nearest(to process: String) -> (String, String) -> Bool {
        let number = Int(process) ?? 0
        return { abs((Int($0) ?? 0) - number) < abs((Int($1) ?? 0) - number) }
    }
}
