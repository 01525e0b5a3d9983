internal import Glibc
internal import RFC37FileArchive
internal import Reactor

/// A folder into which archives are unpacked.
///
/// Nothing is written outside of it: paths that lead out are refused, and links on the way are not followed.
///
/// Identity: it owns a descriptor.
final class ArchiveFolder {
    /// Why an entry could not be written.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let descriptor: Int32

    init(_ path: String) throws(Failure) {
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(description: "chdir \(path): \(SystemError.text(of: errno))") }
    }

    deinit { close(descriptor) }

    /// Writes an entry.
    ///
    /// - Parameter load: gets a blob by its name.
    func write(_ entry: FileEntry, load: (String) async throws -> [UInt8]) async throws {
        let node = try entry.extracted()
        guard let components = entry.components else { throw failure(entry, "the path leads out of the folder") }
        guard let name = components.last else { return }
        let parent = try self.parent(of: components, entry)
        defer { close(parent) }
        switch node {
        case .directory(let permissions):
            guard mkdirat(parent, name, permissions) == 0 || errno == EEXIST else { throw failure(entry) }
        case .symlink(let target):
            unlinkat(parent, name, 0)
            guard symlinkat(target, parent, name) == 0 else { throw failure(entry) }
        case .regular(let permissions, let size, let extents):
            unlinkat(parent, name, 0)
            let file = openat(parent, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, permissions)
            guard file >= 0 else { throw failure(entry) }
            defer { close(file) }
            guard ftruncate(file, off_t(size)) == 0 else { throw failure(entry) }
            for extent in extents { try await write(extent, to: file, entry, load) }
        }
    }

    private func write(
        _ extent: FileEntry.Extent, to file: Int32, _ entry: FileEntry, _ load: (String) async throws -> [UInt8]
    ) async throws {
        let bytes: [UInt8]
        switch extent.source {
        case .bytes(let own): bytes = own
        case .blob(let reference): bytes = try await load(reference)
        }
        guard Int64(bytes.count) == extent.size else { throw failure(entry, "a blob has the wrong size") }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(file, $0.baseAddress?.advanced(by: written), $0.count - written, off_t(extent.offset) + off_t(written))
            }
            guard count > 0 else { throw failure(entry) }
            written += count
        }
    }

    /// The folder of an entry, made if it is not there.
    private func parent(of components: [String], _ entry: FileEntry) throws(Failure) -> Int32 {
        var folder = dup(descriptor)
        for name in components.dropLast() {
            mkdirat(folder, name, 0o777)
            let next = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            let code = errno
            close(folder)
            guard next >= 0 else { throw failure(entry, SystemError.text(of: code)) }
            folder = next
        }
        return folder
    }

    private func failure(_ entry: FileEntry, _ text: String = SystemError.text(of: errno)) -> Failure {
        Failure(description: "\(entry.path ?? ""): \(text)")
    }
}
