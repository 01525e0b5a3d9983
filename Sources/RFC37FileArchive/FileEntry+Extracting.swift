import FluxJSON

extension FileEntry {
    /// What an entry stands for, ready to be written.
    public enum Node: Hashable, Sendable {
        case directory(permissions: UInt32)
        case symlink(target: String)
        /// `size` bytes: the extents, and zeros where there is none.
        case regular(permissions: UInt32, size: Int64, extents: [Extent])
    }

    /// Part of a regular file.
    public struct Extent: Hashable, Sendable {
        /// Where the bytes come from.
        public enum Source: Hashable, Sendable {
            case bytes([UInt8])
            /// To be loaded; its length is to be compared with `size`.
            case blob(String)
        }

        /// Bytes from the start of the file.
        public var offset: Int64
        /// Bytes.
        public var size: Int64
        /// Where the bytes come from.
        public var source: Source
    }

    /// More content than the size says; the description is flux-core's.
    public struct TooMuchData: Error, Hashable, Sendable, CustomStringConvertible {
        /// Path of the entry.
        public let path: String
        /// Bytes the entry says it has.
        public let size: Int64
        public var description: String { "\(path): write: Too much data: Truncating file at \(size) bytes" }
    }

    /// What to write for this entry.
    ///
    /// Permissions are the nine bits of read, write and execute; the caller's umask applies to them.
    ///
    /// - Throws: ``TooMuchData`` when content lies beyond `size`.
    public func extracted() throws(TooMuchData) -> Node {
        let bits = permissions & 0o777
        switch (kind, content) {
        case (.directory, _): return .directory(permissions: bits)
        case (.symlink, .target(let target)): return .symlink(target: target)
        case (.symlink, _): return .symlink(target: "")
        case (.regular, _): break
        }
        let extents = extents
        var end: Int64 = 0
        for extent in extents {
            let (sum, overflow) = extent.offset.addingReportingOverflow(extent.size)
            guard !overflow, sum <= size ?? .max else { throw TooMuchData(path: path ?? "", size: size ?? 0) }
            end = max(end, sum)
        }
        return .regular(permissions: bits, size: max(0, size ?? end), extents: extents)
    }

    private var extents: [Extent] {
        func whole(_ bytes: [UInt8]) -> [Extent] {
            bytes.isEmpty ? [] : [Extent(offset: 0, size: Int64(bytes.count), source: .bytes(bytes))]
        }
        switch content {
        case .none, .target: return []
        case .json(let value): return whole(value.bytes)
        case .text(let text): return whole(Array(text.utf8))
        case .bytes(let bytes): return whole(bytes)
        case .blobs(let blobs):
            return blobs.map { Extent(offset: $0.offset, size: $0.size, source: .blob($0.blobref)) }
        }
    }
}
