extension FileEntry {
    /// A path as an archive keeps it: without leading slashes, `.` for nothing.
    public static func relative(_ path: String) -> String {
        let rest = path.drop { $0 == "/" }
        return rest.isEmpty ? "." : String(rest)
    }

    /// An entry for a regular file whose content is at hand: text when it is valid UTF-8, else base64.
    public init(path: String, permissions: UInt32, content: [UInt8], mtime: Int64? = nil, ctime: Int64? = nil) {
        self.init(
            path: Self.relative(path), kind: .regular, permissions: permissions & 0o7777, size: Int64(content.count),
            mtime: mtime, ctime: ctime)
        guard !content.isEmpty else { return }
        self.content = String(validating: content, as: UTF8.self).map(Content.text) ?? .bytes(content)
    }

    /// An entry for a regular file whose content is stored as blobs.
    ///
    /// - Parameters:
    ///   - path: slashes in front are dropped.
    ///   - permissions: the low twelve bits of the mode.
    ///   - size: bytes, holes included.
    ///   - blobs: made of ``chunks(of:chunkSize:)``; empty for a file that is one hole.
    ///   - mtime: seconds since 1970-01-01 UTC.
    ///   - ctime: seconds since 1970-01-01 UTC.
    public init(
        path: String, permissions: UInt32, size: Int64, blobs: [Blob], mtime: Int64? = nil, ctime: Int64? = nil
    ) {
        self.init(
            path: Self.relative(path), kind: .regular, permissions: permissions & 0o7777, size: size, mtime: mtime,
            ctime: ctime, content: blobs.isEmpty ? .none : .blobs(blobs))
    }

    /// An entry for a folder.
    public init(directory path: String, permissions: UInt32, mtime: Int64? = nil, ctime: Int64? = nil) {
        self.init(
            path: Self.relative(path), kind: .directory, permissions: permissions & 0o7777, mtime: mtime, ctime: ctime)
    }

    /// An entry for a symbolic link.
    public init(symlink path: String, target: String, mtime: Int64? = nil, ctime: Int64? = nil) {
        self.init(
            path: Self.relative(path), kind: .symlink, permissions: 0o777, mtime: mtime, ctime: ctime,
            content: .target(target))
    }

    /// Cuts the parts of a file that hold data into pieces for blobs.
    ///
    /// - Parameters:
    ///   - extents: byte ranges with data, ascending (`SEEK_DATA`, `SEEK_HOLE`); holes are not stored.
    ///   - chunkSize: longest piece; 0 for no limit.
    public static func chunks(of extents: [Range<Int64>], chunkSize: Int64) -> [Range<Int64>] {
        var chunks: [Range<Int64>] = []
        for extent in extents {
            var start = extent.lowerBound
            while start < extent.upperBound {
                let end = chunkSize > 0 ? start + min(chunkSize, extent.upperBound - start) : extent.upperBound
                chunks.append(start..<end)
                start = end
            }
        }
        return chunks
    }
}
