internal import Glibc

/// The variables that `flux` gives to programs that it starts.
public enum FluxEnvironment {
    /// Name and value of each variable, in the order in which `flux env` prints them.
    public static func variables() -> [(name: String, value: String)] {
        var result = [(
            "FLUX_EXEC_PATH", path("FLUX_EXEC_PATH", front: Installation.commandFolder)
        )]
        if let path = programPath() { result.append(("PATH", path)) }
        result.append(("FLUX_CONNECTOR_PATH",
            path("FLUX_CONNECTOR_PATH", front: "\(Installation.prefix)/lib/flux/connectors")))
        if let uri = Environment["FLUX_URI"] { result.append(("FLUX_URI", uri)) }
        let manual = "\(Installation.prefix)/share/man"
        result.append((
            "MANPATH", Environment["MANPATH"].flatMap { $0.isEmpty ? nil : joined([manual, $0]) } ?? "\(manual):"
        ))
        result.append(("FLUX_MODULE_PATH",
            path("FLUX_MODULE_PATH", front: "\(Installation.prefix)/lib/flux/modules")))
        return result
    }

    /// Puts the variables into this process's environment, so that its children have them.
    public static func apply() {
        for (name, value) in variables() { Environment[name] = value }
    }

    /// `NAME_PREPEND`, the standard place, what is there already; each folder once.
    private static func path(_ name: String, front: String) -> String {
        joined([Environment["\(name)_PREPEND"], front, Environment[name]].compactMap { $0 })
    }

    private static func joined(_ parts: [String]) -> String {
        var seen: Set<Substring> = []
        return parts.flatMap { $0.split(separator: ":") }.filter { seen.insert($0).inserted }.joined(separator: ":")
    }

    /// `PATH` with our folder before the first other `flux`; nil when it is right already.
    private static func programPath() -> String? {
        let folders = (Environment["PATH"] ?? "/bin:/usr/bin").split(separator: ":").map(String.init)
        let own = Installation.folder
        for (index, folder) in folders.enumerated() {
            if folder == own || realPath(folder) == own { return nil }
            if access("\(folder)/flux", R_OK | X_OK) == 0 {
                return (folders[..<index] + [own] + folders[index...]).joined(separator: ":")
            }
        }
        return (folders + [own]).joined(separator: ":")
    }

    private static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
