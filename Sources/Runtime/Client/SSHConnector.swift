internal import CSystemShims
internal import Glibc
internal import Reactor

/// The connector `ssh://[USER@]HOST[:PORT]/PATH`: `ssh` runs `flux relay PATH` on the other host, and its standard input
/// and output are the connection.
///
/// The environment: `FLUX_SSH` is another program than `ssh`, `FLUX_SSH_RCMD` the path of `flux` there.
/// Source: observed: flux-core 0.88.
enum SSHConnector {
    /// The command line for what stands behind `ssh://`; nil when that is no host and path.
    static func command(for rest: String, environment: (String) -> String?) -> [String]? {
        guard let slash = rest.firstIndex(of: "/"), !rest.contains("?"), !rest.contains("#") else { return nil }
        var host = String(rest[..<slash])
        let path = String(rest[slash...])
        var words = [environment("FLUX_SSH") ?? "ssh"]
        if let colon = host.lastIndex(of: ":") {
            guard let port = UInt16(host[host.index(after: colon)...]), port > 0 else { return nil }
            words += ["-p", "\(port)"]
            host = String(host[..<colon])
        }
        guard !host.isEmpty, path.count > 1 else { return nil }
        words.append(host)
        let remote = environment("FLUX_SSH_RCMD")
        let libraries = environment("LD_LIBRARY_PATH")
        if libraries != nil || remote == nil { words.append("env") }
        if remote == nil {
            // A broker's directory may have a `bin`; then our own folder, then those of the system.
            let runtime = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
            let here = (environment("PATH") ?? "").split(separator: ":").first { access("\($0)/flux", X_OK) == 0 }
            words.append("PATH=\(runtime)/bin\(here.map { ":\($0)" } ?? ""):/bin:/usr/bin")
        }
        if let libraries { words.append("LD_LIBRARY_PATH=\(libraries)") }
        return words + [remote ?? "flux", "relay", path]
    }

    /// Starts the program.
    ///
    /// - Returns: our end of the connection.
    /// - Throws: ``OpenError``.
    static func connect(to rest: String) throws(OpenError) -> Int32 {
        let words = command(for: rest) { name in getenv(name).map { String(cString: $0) } }
        guard let words else { throw OpenError(errnum: EINVAL, description: "ssh://\(rest): not a host and a path") }
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw OpenError(errnum: errno, description: SystemError.text(of: errno))
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        var processID: pid_t = 0
        let code = posix_spawnp(&processID, words[0], &actions, nil, pointers, environ)
        Glibc.close(ends[1])
        guard code == 0 else {
            Glibc.close(ends[0])
            throw OpenError(errnum: code, description: "\(words[0]): \(SystemError.text(of: code))")
        }
        return ends[0]
    }
}
