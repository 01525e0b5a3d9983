internal import Glibc
public import RFC37FileArchive

/// A file that is being extracted; it closes itself.
public struct OutputFile: ~Copyable {
    private let path: String
    private let descriptor: Int32
    private let size: Int64
    /// What it is to hold; the rest is holes.
    public let extents: [FileEntry.Extent]

    init(path: String, descriptor: Int32, size: Int64, extents: [FileEntry.Extent]) {
        self.path = path
        self.descriptor = descriptor
        self.size = size
        self.extents = extents
    }

    deinit { close(descriptor) }

    /// Writes bytes at an offset.
    public func write(_ bytes: [UInt8], at offset: Int64) throws(FileFailure) {
        let errnum: Int32 = bytes.withUnsafeBytes { area in
            var start = 0
            while start < area.count {
                let part = pwrite(descriptor, area.baseAddress?.advanced(by: start), area.count - start, Int(offset) + start)
                if part > 0 { start += part } else if errno != EINTR { return errno }
            }
            return 0
        }
        guard errnum == 0 else { throw FileFailure(path, "write: \(String(cString: strerror(errnum)))") }
    }

    /// Gives the file its length.
    public func finish() throws(FileFailure) {
        guard ftruncate(descriptor, Int(size)) == 0 else { throw FileFailure(path) }
    }
}
