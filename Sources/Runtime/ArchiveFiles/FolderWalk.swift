internal import Glibc

/// The files below a path.
public enum FolderWalk {
    /// All paths below a folder, and at last the folder itself: what is in a folder comes in front of it.
    ///
    /// A path that is no folder stands for itself. Links are not followed, except the path itself. Names of a folder come
    /// in the order of the file system. What cannot be looked into is passed over, as flux-core does.
    ///
    /// - Throws: ``FileFailure`` when the path itself cannot be looked at.
    public static func paths(below path: String) throws(FileFailure) -> [String] {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw FileFailure(path) }
        guard status.st_mode & S_IFMT == S_IFDIR else { return [path] }
        guard access(path, R_OK) == 0 else { throw FileFailure(path) }
        var found: [String] = []
        visit(path, &found)
        return found
    }

    private static func visit(_ path: String, _ found: inout [String]) {
        if let folder = opendir(path) {
            defer { closedir(folder) }
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                guard name != ".", name != ".." else { continue }
                let inner = "\(path)/\(name)"
                var status = stat()
                guard lstat(inner, &status) == 0 else { continue }
                if status.st_mode & S_IFMT == S_IFDIR { visit(inner, &found) } else { found.append(inner) }
            }
        }
        found.append(path)
    }
}
