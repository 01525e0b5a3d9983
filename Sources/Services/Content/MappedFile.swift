internal import Blob
internal import Glibc
internal import RFC10Content

/// A file of `content.mmap-add` and the digests of its chunks.
struct MappedFile: Sendable {
    struct Failure: Error, Hashable, CustomStringConvertible {
        let errnum: Int32
        let description: String
    }

    let path: String
    /// The chunks, ascending; holes of the file are in none.
    let chunks: [(hash: Blobref, range: Range<Int>)]

    /// Reads a file and computes the digests.
    ///
    /// - Parameter chunkSize: largest chunk in bytes; 0 for one chunk per run of data.
    init(path: String, chunkSize: Int, _ algorithm: Blobref.Algorithm) throws(Failure) {
        self.path = path
        let reader = try FileReader(path: path)
        var chunks: [(Blobref, Range<Int>)] = []
        for run in reader.dataRuns {
            var start = run.lowerBound
            while start < run.upperBound {
                let end = chunkSize > 0 && chunkSize < run.upperBound - start ? start + chunkSize : run.upperBound
                chunks.append((try reader.reference(start..<end, algorithm), start..<end))
                start = end
            }
        }
        self.chunks = chunks
    }
}

/// An open regular file that is read at offsets; it closes itself.
struct FileReader: ~Copyable {
    private let path: String
    private let descriptor: Int32
    private let size: Int

    init(path: String) throws(MappedFile.Failure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            let errnum = errno
            throw MappedFile.Failure(errnum: errnum, description: "\(path): \(String(cString: strerror(errnum)))")
        }
        var status = stat()
        let isRegular = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        guard isRegular, status.st_size > 0 else {
            close(descriptor)
            throw MappedFile.Failure(errnum: EINVAL, description: "\(path): not suitable for mapping")
        }
        self.path = path
        self.descriptor = descriptor
        size = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// The parts of a sparse file that hold data.
    var dataRuns: [Range<Int>] {
        let seekData: Int32 = 3, seekHole: Int32 = 4
        var runs: [Range<Int>] = []
        var offset = 0
        while offset < size {
            let start = lseek(descriptor, offset, seekData)
            guard start >= 0 else { return errno == ENXIO ? runs : [0..<size] }
            let end = lseek(descriptor, start, seekHole)
            guard end > start else { return [0..<size] }
            guard start < size else { return runs }
            runs.append(Int(start)..<min(size, Int(end)))
            offset = Int(end)
        }
        return runs
    }

    func bytes(_ range: Range<Int>) throws(MappedFile.Failure) -> [UInt8] {
        var errnum: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { area, count in
            let part = UnsafeMutableRawBufferPointer(area)
            count = read(part, at: range.lowerBound)
            if count < part.count { errnum = errno }
        }
        guard bytes.count == range.count else { throw tooShort(errnum) }
        return bytes
    }

    /// The reference of a part, which is read piece by piece.
    fileprivate func reference(
        _ range: Range<Int>, _ algorithm: Blobref.Algorithm
    ) throws(MappedFile.Failure) -> Blobref {
        var errnum: Int32 = 0, offset = range.lowerBound
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: min(1 << 20, range.count), alignment: 16)
        defer { piece.deallocate() }
        let reference = algorithm.reference { add in
            while offset < range.upperBound {
                let wanted = UnsafeMutableRawBufferPointer(rebasing: piece[..<min(piece.count, range.upperBound - offset)])
                guard read(wanted, at: offset) == wanted.count else {
                    errnum = errno
                    return
                }
                add(UnsafeRawBufferPointer(wanted))
                offset += wanted.count
            }
        }
        guard offset == range.upperBound else { throw tooShort(errnum) }
        return reference
    }

    /// Fills an area from the file.
    ///
    /// - Returns: the bytes read; fewer than wanted at the end of the file, with errno 0, and on errors.
    private func read(_ area: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        var count = 0
        while count < area.count {
            let part = pread(descriptor, area.baseAddress?.advanced(by: count), area.count - count, offset + count)
            if part > 0 {
                count += part
            } else if part == 0 {
                errno = 0
                return count
            } else if errno != EINTR {
                return count
            }
        }
        return count
    }

    private func tooShort(_ errnum: Int32) -> MappedFile.Failure {
        errnum == 0
            ? MappedFile.Failure(errnum: EINVAL, description: "\(path): shorter than it was")
            : MappedFile.Failure(errnum: errnum, description: "\(path): \(String(cString: strerror(errnum)))")
    }
}
