internal import CCrypto

/// A digest algorithm that libcrypto was asked for once and keeps.
///
/// `@unchecked Sendable`: `EVP_MD` is immutable after it was fetched, and reference counted inside libcrypto.
public struct DigestAlgorithm: @unchecked Sendable {
    /// SHA-1, 20 bytes.
    public static let sha1 = DigestAlgorithm(name: "SHA1", byteCount: 20)
    /// SHA-256, 32 bytes.
    public static let sha256 = DigestAlgorithm(name: "SHA256", byteCount: 32)

    /// Length of a digest in bytes.
    public let byteCount: Int
    let raw: OpaquePointer

    private init(name: String, byteCount: Int) {
        guard let raw = EVP_MD_fetch(nil, name, nil) else { preconditionFailure("libcrypto does not offer \(name)") }
        self.raw = raw
        self.byteCount = byteCount
    }
}
