/// A digest algorithm of RFC 10.
public enum DigestAlgorithm: Hashable, Sendable {
    case sha1
    case sha256

    /// Length of a digest in bytes.
    public var byteCount: Int {
        switch self {
        case .sha1: 20
        case .sha256: 32
        }
    }
}
