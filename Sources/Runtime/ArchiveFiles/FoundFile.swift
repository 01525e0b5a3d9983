internal import Glibc
public import RFC37FileArchive

/// A file system object that goes into an archive. A regular file stays open until this value is gone.
public struct FoundFile: ~Copyable {
    private let path: String
    private let descriptor: Int32
    private let small: FileEntry
    /// The parts of a large file, to be stored as blobs; empty when the entry holds all.
    public let pieces: [Range<Int64>]

    /// Opens a path; a link itself is taken, not what it leads to.
    ///
    /// - Parameters:
    ///   - largeFrom: regular files of more bytes are divided into pieces.
    ///   - chunkSize: longest piece in bytes; 0 for no limit.
    /// - Throws: ``FileFailure``, also for what an archive cannot hold, such as devices.
    public init(path: String, largeFrom: Int64, chunkSize: Int64) throws(FileFailure) {
        var status = stat()
        // Not blocking: a FIFO without a writer is to be refused, not waited for.
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 ? fstat(descriptor, &status) == 0 : errno == ELOOP && lstat(path, &status) == 0 else {
            let failure = FileFailure(path)
            if descriptor >= 0 { close(descriptor) }
            throw failure
        }
        do throws(FileFailure) {
            (small, pieces) = try Self.read(path, descriptor, status, largeFrom, chunkSize)
        } catch {
            if descriptor >= 0 { close(descriptor) }
            throw error
        }
        self.path = path
        self.descriptor = descriptor
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The entry; with the blobs that the pieces have become.
    public func entry(blobs: [FileEntry.Blob] = []) -> FileEntry {
        var entry = small
        if !blobs.isEmpty { entry.content = .blobs(blobs) }
        return entry
    }

    /// Whether the bytes of the file are in no entry: they are the ``pieces``.
    public var isLarge: Bool { !pieces.isEmpty }

    /// The bytes of a piece.
    public func bytes(_ range: Range<Int64>) throws(FileFailure) -> [UInt8] {
        try Self.bytes(path, descriptor, range)
    }

    private static func read(
        _ path: String, _ descriptor: Int32, _ status: stat, _ largeFrom: Int64, _ chunkSize: Int64
    ) throws(FileFailure) -> (FileEntry, [Range<Int64>]) {
        let permissions = status.st_mode & 0o7777
        let (mtime, ctime) = (Int64(status.st_mtim.tv_sec), Int64(status.st_ctim.tv_sec))
        let size = Int64(status.st_size)
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return (FileEntry(directory: path, permissions: permissions, mtime: mtime, ctime: ctime), [])
        case S_IFLNK:
            let target = try linkTarget(path)
            return (FileEntry(symlink: path, target: target, mtime: mtime, ctime: ctime), [])
        case S_IFREG:
            let runs = dataRuns(descriptor, size)
            let empty = FileEntry(
                path: path, permissions: permissions, size: size, blobs: [], mtime: mtime, ctime: ctime)
            if runs.isEmpty { return (empty, []) }
            if size > largeFrom { return (empty, FileEntry.chunks(of: runs, chunkSize: chunkSize)) }
            let content = try bytes(path, descriptor, 0..<size)
            return (
                FileEntry(path: path, permissions: permissions, content: content, mtime: mtime, ctime: ctime), []
            )
        default: throw FileFailure(path, "unsupported file type")
        }
    }

    private static func linkTarget(_ path: String) throws(FileFailure) -> String {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink(path, &target, Int(PATH_MAX))
        guard count >= 0 else { throw FileFailure(path) }
        return String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The parts of a sparse file that hold data.
    private static func dataRuns(_ descriptor: Int32, _ size: Int64) -> [Range<Int64>] {
        let seekData: Int32 = 3, seekHole: Int32 = 4
        var runs: [Range<Int64>] = []
        var offset: Int64 = 0
        while offset < size {
            let start = Int64(lseek(descriptor, Int(offset), seekData))
            guard start >= 0 else { return errno == ENXIO ? runs : [0..<size] }
            let end = Int64(lseek(descriptor, Int(start), seekHole))
            guard end > start else { return [0..<size] }
            guard start < size else { return runs }
            runs.append(start..<min(size, end))
            offset = end
        }
        return runs
    }

    private static func bytes(
        _ path: String, _ descriptor: Int32, _ range: Range<Int64>
    ) throws(FileFailure) -> [UInt8] {
        var failure: FileFailure?
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { area, count in
            while count < range.count, failure == nil {
                let part = pread(
                    descriptor, area.baseAddress?.advanced(by: count), range.count - count, Int(range.lowerBound) + count)
                if part > 0 {
                    count += part
                } else if part == 0 {
                    failure = FileFailure(path, "short read")
                } else if errno != EINTR {
                    failure = FileFailure(path)
                }
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
