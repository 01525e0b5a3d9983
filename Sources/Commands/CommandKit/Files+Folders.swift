internal import Glibc

extension Files {
    /// Makes a folder with a name of its own below `TMPDIR`, or below `parent` when that is not set.
    public static func makeTemporaryFolder(
        _ prefix: String, below parent: String = "/tmp"
    ) throws(CommandError) -> String {
        let path = "\(Environment["TMPDIR"] ?? parent)/\(prefix)XXXXXX"
        guard let area = strdup(path) else { throw CommandError("mkdtemp \(path): \(SystemText.of(ENOMEM))") }
        defer { free(area) }
        guard mkdtemp(area) != nil else { throw CommandError("mkdtemp \(path): \(SystemText.of(errno))") }
        return String(cString: area)
    }

    /// Removes a folder with all that is in it; what cannot be removed stays.
    public static func removeTree(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            unlink(path)
            return
        }
        for name in names(in: path) { removeTree("\(path)/\(name)") }
        rmdir(path)
    }

    /// The names in a folder, in no order.
    public static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var result: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { result.append(name) }
        }
        return result
    }
}
