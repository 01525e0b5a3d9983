internal import FluxJSON
public import RFC10Content

/// One node of the tree that the key value store keeps in the content store.
///
/// ```swift
/// var directory = TreeObject.Directory()
/// directory["a"] = .val(Array("42".utf8))
/// TreeObject.dir(directory).text
/// // {"data":{"a":{"data":"NDI=","type":"val","ver":1}},"type":"dir","ver":1}
/// ```
/// Source: RFC 11. `hdir`, which nobody has implemented, is refused.
public enum TreeObject: Hashable, Sendable {
    /// A small value, carried along.
    case val(Value)
    /// A value whose bytes are those of the blobs, one after the other. At least one.
    case valref([Blobref])
    /// A directory, carried along.
    case dir(Directory)
    /// A directory that is kept as a blob. At least one reference; today always exactly one.
    case dirref([Blobref])
    /// Another name for a key, perhaps of another namespace.
    case symlink(target: String, namespace: String?)

    /// A small value from its bytes.
    public static func val(_ bytes: [UInt8]) -> TreeObject { .val(Value(bytes)) }
    /// A directory that is kept as the blob `reference`.
    public static func dirref(_ reference: Blobref) -> TreeObject { .dirref([reference]) }
    /// The directory without entries.
    public static let emptyDirectory = TreeObject.dir(Directory())

    /// The word for the type on the wire.
    public var typeName: String {
        switch self {
        case .val: "val"
        case .valref: "valref"
        case .dir: "dir"
        case .dirref: "dirref"
        case .symlink: "symlink"
        }
    }

    /// Number of blobs or entries; 1 for a value or link.
    public var count: Int {
        switch self {
        case .val, .symlink: 1
        case .valref(let references), .dirref(let references): references.count
        case .dir(let directory): directory.count
        }
    }
}

extension TreeObject {
    /// The bytes of a small value in the form in which they travel and are stored.
    ///
    /// Kept as base64 text, because nearly always it only passes through.
    public struct Value: Hashable, Sendable {
        /// The text; not checked when it came from outside.
        public let base64: String

        /// Creates a value from its bytes.
        public init(_ bytes: some Collection<UInt8>) { base64 = Base64.encode(bytes) }

        /// Creates a value from base64 text, which is checked only when the bytes are asked for.
        public init(base64: String) { self.base64 = base64 }

        /// The bytes; nil when the text is not base64, which means EINVAL.
        public var bytes: [UInt8]? { Base64.decode(base64) }
    }
}
