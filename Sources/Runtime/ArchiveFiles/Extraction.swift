internal import Glibc
public import RFC37FileArchive

/// Writes entries of an archive below a folder.
///
/// What is written, and the words for what is not, are those of flux-core 0.88, which uses libarchive: missing folders are
/// made, a folder that is there stays as it is, times are not set, and the umask applies. One thing differs: a path that
/// leads out of the folder is refused.
public struct Extraction: Sendable {
    private let folder: String
    private let overwrites: Bool
    /// Permissions that folders get at the end, so that what is in them can be written before.
    private var pending: [(path: String, mode: mode_t)] = []

    /// - Parameters:
    ///   - folder: where paths begin.
    ///   - overwrites: what is in the way is replaced; otherwise the content of a file that exists is an error.
    public init(folder: String, overwrites: Bool) {
        self.folder = folder
        self.overwrites = overwrites
    }

    /// Makes the file system object of an entry.
    ///
    /// - Returns: the open file that the content goes to; nil when there is nothing more to write.
    public mutating func begin(_ entry: FileEntry) throws(FileFailure) -> OutputFile? {
        let path = entry.path ?? ""
        guard let components = entry.components else { throw FileFailure(path, "path leads out of the folder") }
        guard !components.isEmpty else { return nil }
        let place = folder + "/" + components.joined(separator: "/")
        let node: FileEntry.Node
        do throws(FileEntry.TooMuchData) {
            node = try entry.extracted()
        } catch {
            throw FileFailure(path, String("\(error)".dropFirst(path.utf8.count + 2)))
        }
        switch node {
        case .directory(let permissions):
            try make(path, place, isFolder: true) { mkdir($0, permissions | 0o700) == 0 ? 0 : errno }
            pending.append((place, permissions))
            return nil
        case .symlink(let target):
            try make(path, place) { symlink(target, $0) == 0 ? 0 : errno }
            return nil
        case .regular(let permissions, let size, let extents):
            var descriptor: Int32 = -1
            let isNew = try make(path, place) { place in
                descriptor = open(place, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions)
                return descriptor >= 0 ? 0 : errno
            }
            guard isNew else {
                if extents.isEmpty { return nil }
                throw FileFailure(path, "write: Attempt to overwrite existing file")
            }
            return OutputFile(path: path, descriptor: descriptor, size: size, extents: extents)
        }
    }

    /// Gives folders the permissions of their entries.
    public mutating func finish() {
        let mask = umask(0)
        umask(mask)
        for (path, mode) in pending.reversed() where mode & ~mask != (mode | 0o700) & ~mask { chmod(path, mode & ~mask) }
        pending = []
    }

    /// Makes an object, and what has to be there before it.
    ///
    /// - Parameter body: tries to make it; gives an errno.
    /// - Returns: false when something is there and is to stay.
    @discardableResult
    private mutating func make(
        _ path: String, _ place: String, isFolder: Bool = false, _ body: (String) -> Int32
    ) throws(FileFailure) -> Bool {
        var errnum = body(place)
        if errnum == ENOENT || errnum == ENOTDIR {
            try makeParents(path, place)
            errnum = body(place)
        }
        if errnum == EEXIST || errnum == EISDIR {
            guard overwrites else { return false }
            var status = stat()
            let isThere = (isFolder ? stat(place, &status) : lstat(place, &status)) == 0
            let isOldFolder = isThere && status.st_mode & S_IFMT == S_IFDIR
            if isOldFolder, isFolder { return false }
            if isOldFolder, rmdir(place) != 0 {
                throw FileFailure(path, "Can't replace existing directory with non-directory")
            }
            if !isOldFolder, unlink(place) != 0 { throw FileFailure(path, "Can't unlink already-existing object") }
            errnum = body(place)
        }
        guard errnum == 0 else {
            throw FileFailure(path, "Can't create '\(path)': \(String(cString: strerror(errnum)))")
        }
        return true
    }

    private func makeParents(_ path: String, _ place: String) throws(FileFailure) {
        for index in place.indices where place[index] == "/" && index != place.startIndex {
            let parent = String(place[..<index])
            guard mkdir(parent, 0o777) != 0, errno != EEXIST else { continue }
            throw FileFailure(path, "Can't create '\(parent)': \(String(cString: strerror(errno)))")
        }
    }
}
