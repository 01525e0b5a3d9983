internal import FluxJSON
internal import Glibc
internal import Reactor

/// The folder that a job has for itself on each node, `FLUX_JOB_TMPDIR`, and the files that come with the job.
///
/// Source: job-protocol 6.8 (observed: flux-core 0.88).
enum JobFolder {
    /// Makes the folder: in the broker's run directory, or where temporary files go when that cannot be written.
    static func make(_ info: ShellInfo, runDirectory: String?, temporary: String?) throws(ShellExit) -> String {
        let name = "jobtmp-\(info.shellRank)-\(info.shownID)"
        var code: Int32 = 0
        for parent in [runDirectory, temporary ?? "/tmp"] {
            guard let parent else { continue }
            let path = "\(parent)/\(name)"
            if mkdir(path, 0o700) == 0 || errno == EEXIST { return path }
            code = errno
        }
        throw ShellExit(1, "error creating FLUX_JOB_TMPDIR: \(SystemError.text(of: code))", component: "tmpdir")
    }

    /// Makes the user's `TMPDIR` when it is not there, with its parents.
    static func makeTemporary(_ path: String) -> Bool {
        var made = ""
        for part in path.split(separator: "/", omittingEmptySubsequences: true) {
            made += "/\(part)"
            if mkdir(made, 0o700) != 0 && errno != EEXIST { return false }
        }
        return access(path, W_OK | X_OK) == 0
    }

    /// Writes the files of the jobspec into the folder.
    static func extract(_ files: JSON.Object, into folder: String) throws(ShellExit) {
        for (name, file) in files {
            func refuse(_ reason: String) -> ShellExit {
                ShellExit(1, "failed to extract \(name): \(reason)", component: "files")
            }
            guard !name.isEmpty, !name.hasPrefix("/"), !name.split(separator: "/").contains("..") else {
                throw refuse("the name leads out of the job's folder")
            }
            let mode = file["mode"]?.intValue ?? 0o100600
            guard let data = file["data"] else { throw refuse("it has no data") }
            let bytes = try Self.bytes(data, file["encoding"]?.stringValue, refuse)
            try write(bytes, to: "\(folder)/\(name)", mode: mode_t(mode & 0o7777), refuse)
        }
    }

    private static func bytes(
        _ data: JSON, _ encoding: String?, _ refuse: (String) -> ShellExit
    ) throws(ShellExit) -> [UInt8] {
        guard let text = data.stringValue else { return data.bytes }
        guard encoding == "base64" else { return Array(text.utf8) }
        guard let bytes = Base64.decode(text) else { throw refuse("its data is not base64") }
        return bytes
    }

    private static func write(
        _ bytes: [UInt8], to path: String, mode: mode_t, _ refuse: (String) -> ShellExit
    ) throws(ShellExit) {
        if let slash = path.lastIndex(of: "/") { _ = makeTemporary(String(path[..<slash])) }
        let descriptor = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw refuse(SystemError.text(of: errno)) }
        defer { close(descriptor) }
        fchmod(descriptor, mode)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            guard count > 0 else { throw refuse(SystemError.text(of: errno)) }
            written += count
        }
    }

    /// Removes a folder and what is in it. Links are not followed.
    static func remove(_ path: String) {
        if rmdir(path) == 0 || errno != ENOTEMPTY && errno != EEXIST { return }
        guard let folder = opendir(path) else { return }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        closedir(folder)
        for name in names where unlink("\(path)/\(name)") != 0 { remove("\(path)/\(name)") }
        rmdir(path)
    }
}
