internal import Blob
internal import Glibc
internal import RFC10Content

/// Blobs as files of one folder, each named by its reference; beside them one file with the newest checkpoint.
///
/// Source: job-protocol §1.4 (observed: flux-core 0.88).
struct BlobFolder {
    struct Failure: Error, Hashable, CustomStringConvertible {
        let errnum: Int32
        let text: String

        init(_ path: String, errnum: Int32 = errno) {
            self.errnum = errnum
            text = "\(path): \(String(cString: strerror(errnum)))"
        }

        var description: String { text }
    }

    let path: String
    let algorithm: Blobref.Algorithm
    static let checkpointName = "kvs-primary"

    init(path: String, algorithm: Blobref.Algorithm, mustTruncate: Bool) throws(Failure) {
        self.path = path
        self.algorithm = algorithm
        if mustTruncate {
            for name in (try? Self.names(path)) ?? [] { unlink("\(path)/\(name)") }
        }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Failure(path) }
    }

    private static func names(_ path: String) throws(Failure) -> [String] {
        guard let folder = opendir(path) else { throw Failure(path) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    func count() throws(Failure) -> Int { try Self.names(path).count }

    func exists(_ reference: Blobref) -> Bool { access("\(path)/\(reference)", F_OK) == 0 }

    func read(_ name: String) throws(Failure) -> [UInt8] {
        let file = "\(path)/\(name)"
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(file) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Failure(file) }
        let size = Int(status.st_size)
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { area, count in
            while count < size {
                let part = Glibc.read(descriptor, area.baseAddress?.advanced(by: count), size - count)
                if part > 0 {
                    count += part
                } else if part == 0 || errno != EINTR {
                    failure = part == 0 ? EIO : errno
                    return
                }
            }
        }
        guard failure == 0 else { throw Failure(file, errnum: failure) }
        return bytes
    }

    /// Writes a file whole or not at all: a crash leaves the old one or the new one.
    func write(_ name: String, _ bytes: [UInt8], mustSync: Bool = false) throws(Failure) {
        let file = "\(path)/\(name)"
        let draft = "\(path)/\(name).new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(draft) }
        var failure: Int32 = 0
        bytes.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count {
                let part = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
                if part > 0 {
                    written += part
                } else if errno != EINTR {
                    failure = errno
                    return
                }
            }
        }
        if failure == 0, mustSync, fdatasync(descriptor) != 0 { failure = errno }
        close(descriptor)
        if failure == 0, rename(draft, file) != 0 { failure = errno }
        guard failure == 0 else {
            unlink(draft)
            throw Failure(file, errnum: failure)
        }
    }

    func store(_ blob: [UInt8]) throws(Failure) -> Blobref {
        let reference = algorithm.reference(to: blob)
        // The name says what is in it: a file that is there is right.
        if !exists(reference) { try write("\(reference)", blob) }
        return reference
    }

    /// Sees to it that files, and their names in the folder, are on the disk.
    func sync(_ names: [String]) throws(Failure) {
        for file in names.map({ "\(path)/\($0)" }) + [path] {
            let descriptor = open(file, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw Failure(file) }
            defer { close(descriptor) }
            guard fsync(descriptor) == 0 else { throw Failure(file) }
        }
    }
}
