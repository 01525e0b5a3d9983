internal import Blob
internal import RFC10Content
internal import FluxJSON
internal import Glibc

/// Files whose parts can be loaded by digest without being copied into the store.
///
/// A class because mapped memory has one owner. Belongs to the content service of the leader.
final class MappedFiles: @unchecked Sendable {
    private var byTag: [String: [MappedFile]] = [:]
    private var places: [Blobref: (file: MappedFile, range: Range<Int>)] = [:]

    /// Maps a file and offers each chunk of its data.
    ///
    /// - Parameter chunkSize: largest chunk in bytes; 0 for one chunk per run of data.
    /// - Throws: ``MappedFile/Failure``.
    func add(path: String, chunkSize: Int, tag: String, _ algorithm: Blobref.Algorithm) throws(MappedFile.Failure) {
        let file = try MappedFile(path: path, chunkSize: chunkSize, algorithm)
        byTag[tag, default: []].append(file)
        offer(file)
    }

    /// Takes back all files of a tag; a tag that is not known is no error.
    func remove(tag: String) {
        guard byTag.removeValue(forKey: tag) != nil else { return }
        // Another file may hold a chunk that went with the removed ones.
        places = [:]
        for (_, files) in byTag.sorted(by: { $0.key < $1.key }) { files.forEach(offer) }
    }

    private func offer(_ file: MappedFile) {
        for (hash, range) in file.chunks where places[hash] == nil { places[hash] = (file, range) }
    }

    /// A copy of a chunk, when the file still has it.
    func blob(_ hash: Blobref) -> [UInt8]? { places[hash].map { $0.file.bytes($0.range) } }

    /// Whether the file behind a chunk still has that content.
    func validates(_ hash: Blobref, _ algorithm: Blobref.Algorithm, now: Double) -> Bool {
        guard let (file, range) = places[hash] else { return true }
        guard file.isStillAsLong(now: now) else { return false }
        return file.withBytes(range) { algorithm.reference(to: $0) } == hash
    }

    /// `{"tags": {TAG: [PATH, …]}, "blobs": N}`.
    var statistics: JSON {
        var tags = JSON.Object()
        for (tag, files) in byTag.sorted(by: { $0.key < $1.key }) {
            tags[tag] = .array(files.map { .string($0.path) })
        }
        return ["tags": .object(tags), "blobs": .int(Int64(places.count))]
    }
}

/// One mapped file and the digests of its chunks.
final class MappedFile {
    struct Failure: Error, Hashable, CustomStringConvertible {
        let errnum: Int32
        let description: String
    }

    let path: String
    private let base: UnsafeMutableRawPointer
    private let size: Int
    private var lastCheck = -1e9
    private(set) var chunks: [(Blobref, Range<Int>)] = []

    init(path: String, chunkSize: Int, _ algorithm: Blobref.Algorithm) throws(Failure) {
        self.path = path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            let code = errno
            throw Failure(errnum: code, description: "\(path): \(String(cString: strerror(code)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else {
            throw Failure(errnum: EINVAL, description: "\(path): not suitable for mapping")
        }
        size = Int(status.st_size)
        let area = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let area, area != MAP_FAILED else {
            throw Failure(errnum: errno, description: "\(path): not suitable for mapping")
        }
        base = area
        for run in Self.dataRuns(descriptor, size) {
            var start = run.lowerBound
            while start < run.upperBound {
                let end = chunkSize > 0 ? min(run.upperBound, start + chunkSize) : run.upperBound
                chunks.append((withBytes(start..<end) { algorithm.reference(to: $0) }, start..<end))
                start = end
            }
        }
    }

    deinit { munmap(base, size) }

    /// The parts of a sparse file that hold data.
    private static func dataRuns(_ descriptor: Int32, _ size: Int) -> [Range<Int>] {
        let seekData: Int32 = 3, seekHole: Int32 = 4
        var runs: [Range<Int>] = []
        var offset = 0
        while offset < size {
            let start = lseek(descriptor, offset, seekData)
            guard start >= 0 else {
                return errno == ENXIO ? runs : [0..<size]
            }
            let end = lseek(descriptor, start, seekHole)
            guard end > start else { return [0..<size] }
            runs.append(Int(start)..<min(size, Int(end)))
            offset = Int(end)
        }
        return runs
    }

    /// Whether the mapped pages are all there; looked at every five seconds at most.
    func isStillAsLong(now: Double) -> Bool {
        guard now - lastCheck >= 5 else { return true }
        var status = stat()
        guard stat(path, &status) == 0, status.st_size >= size else { return false }
        lastCheck = now
        return true
    }

    func bytes(_ range: Range<Int>) -> [UInt8] { withBytes(range) { Array($0) } }

    func withBytes<Value>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Value) -> Value {
        body(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
    }
}
