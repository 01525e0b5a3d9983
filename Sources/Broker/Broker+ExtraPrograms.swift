internal import Client
internal import Glibc
internal import Service

extension Broker {
    /// Runs the programs that an administrator has put into `rc1.d` or `rc3.d`, one after the other by name.
    ///
    /// They lie below the folder of the configuration and those of `FLUX_RC_EXTRA`. Each gets its turn, whatever became
    /// of those before it; their output goes to the log.
    ///
    /// - Parameter level: `rc1` or `rc3`.
    /// - Throws: EIO with the names of those that failed.
    func runExtraPrograms(_ level: String) async throws(ServiceError) {
        let extra = host.environment["FLUX_RC_EXTRA"]?.split(separator: ":").map(String.init) ?? []
        var failed: [String] = []
        for folder in [host.installation["confdir"] ?? "/etc/flux"] + extra {
            for path in Self.programs(in: "\(folder)/\(level).d") {
                note(.info, "\(level): running \(path)")
                let status = await withCheckedContinuation { (continuation: CheckedContinuation<Int32, Never>) in
                    runProgram(level, [path], inheritsStandardIO: false) { _, status in
                        continuation.resume(returning: status)
                    }
                }
                if status != 0 { failed.append(path) }
            }
        }
        guard failed.isEmpty else {
            throw ServiceError(errnum: Errno.io, text: "failed: \(failed.joined(separator: ", "))")
        }
    }

    /// Gives each file of a folder to `flux cron tab`; no such folder is no error.
    func loadCrontabs(in folder: String) async throws(ServiceError) {
        for path in Self.files(in: folder, mode: R_OK) {
            let quoted = path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
            let status = await withCheckedContinuation { (continuation: CheckedContinuation<Int32, Never>) in
                runScript("rc1", "flux cron tab < '\(quoted)'") { _, status in continuation.resume(returning: status) }
            }
            guard status == 0 else {
                throw ServiceError(errnum: Errno.invalid, text: "could not load crontab: \(path)")
            }
        }
    }

    /// The programs in a folder, by name; none when there is no such folder.
    static func programs(in folder: String) -> [String] { files(in: folder, mode: X_OK) }

    private static func files(in folder: String, mode: Int32) -> [String] {
        guard let listing = opendir(folder) else { return [] }
        defer { closedir(listing) }
        var paths: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            let path = "\(folder)/\(name)"
            var information = stat()
            guard stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFREG, access(path, mode) == 0 else {
                continue
            }
            paths.append(path)
        }
        return paths.sorted()
    }
}
