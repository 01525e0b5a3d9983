public import FluxJSON

/// One file system object of an archive.
///
/// Source: RFC 37.
public struct FileEntry: Hashable, Sendable {
    /// Part of a file that is stored as a blob. JSON: `[offset, size, blobref]`.
    public struct Blob: Hashable, Sendable {
        /// Bytes from the start of the file.
        public var offset: Int64
        /// Bytes of the blob.
        public var size: Int64
        /// Name of the blob, `sha1-…`.
        public var blobref: String

        public init(offset: Int64, size: Int64, blobref: String) {
            self.offset = offset
            self.size = size
            self.blobref = blobref
        }
    }

    /// What is in a regular file.
    public enum Content: Hashable, Sendable {
        /// Nothing; `size` zero bytes.
        case none
        /// A JSON document; the file holds its compact text.
        case json(JSON)
        /// Encoding `utf-8`.
        case text(String)
        /// Encoding `base64`.
        case bytes([UInt8])
        /// Encoding `blobvec`; what no blob covers is zero.
        case blobs([Blob])
        /// Target of a symbolic link.
        case target(String)
    }

    /// The three kinds of objects an archive can hold.
    public enum Kind: UInt32, Hashable, Sendable {
        case directory = 0o040000
        case regular = 0o100000
        case symlink = 0o120000
    }

    /// Where it goes, relative to the folder of extraction; nil in the dictionary form without a path of its own.
    public var path: String?
    /// What it is.
    public var kind: Kind
    /// Permission, set-id and sticky bits: `mode` without its type.
    public var permissions: UInt32
    /// Bytes; nil when unknown.
    public var size: Int64?
    /// Seconds since 1970-01-01 UTC.
    public var mtime: Int64?
    /// Seconds since 1970-01-01 UTC.
    public var ctime: Int64?
    /// What is in it.
    public var content: Content

    public init(
        path: String?, kind: Kind, permissions: UInt32, size: Int64? = nil, mtime: Int64? = nil, ctime: Int64? = nil,
        content: Content = .none
    ) {
        self.path = path
        self.kind = kind
        self.permissions = permissions
        self.size = size
        self.mtime = mtime
        self.ctime = ctime
        self.content = content
    }

    /// File type and permissions, as `stat(2)` has them.
    public var mode: UInt32 { kind.rawValue | permissions }

    /// Path components below the folder of extraction; empty for the folder itself, nil when the path leaves it.
    ///
    /// Extraction of an entry without components is for those who trust the archive.
    public var components: [String]? {
        guard let path, !path.hasPrefix("/") else { return nil }
        var components: [String] = []
        for part in path.split(separator: "/") where part != "." {
            if part != ".." {
                components.append(String(part))
            } else if components.popLast() == nil {
                return nil
            }
        }
        return components
    }

    /// `f 0644        6 path`, the long form of a listing.
    public var listing: String {
        let type =
            switch kind {
            case .regular: "f"
            case .symlink: "l"
            case .directory: "d"
            }
        let octal = String(permissions & 0o777, radix: 8)
        let size = String(size ?? 0)
        let padding = String(repeating: " ", count: max(0, 8 - size.utf8.count))
        return "\(type) 0\(octal) \(padding)\(size) \(path ?? "")"
    }
}
