/// Message digests, computed by libcrypto.
///
/// ```swift
/// Digest.sha1("abc".utf8).count   // 20
/// ```
public enum Digest {
    /// The SHA-1 digest of some bytes.
    ///
    /// - Returns: 20 bytes, big endian.
    public static func sha1(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        digest(of: bytes, .sha1)
    }

    /// The SHA-256 digest of some bytes.
    ///
    /// - Returns: 32 bytes, big endian.
    public static func sha256(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        digest(of: bytes, .sha256)
    }

    /// The SHA-1 digest of some bytes; they are not copied when they are stored in one piece.
    ///
    /// - Returns: 20 bytes, big endian.
    public static func sha1(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        withContiguousBytes(bytes) { digest(of: $0, .sha1) }
    }

    /// The SHA-256 digest of some bytes; they are not copied when they are stored in one piece.
    ///
    /// - Returns: 32 bytes, big endian.
    public static func sha256(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        withContiguousBytes(bytes) { digest(of: $0, .sha256) }
    }

    private static func digest(of bytes: UnsafeRawBufferPointer, _ algorithm: DigestAlgorithm) -> [UInt8] {
        var stream = DigestStream(algorithm)
        stream.update(bytes)
        return stream.finish()
    }

    private static func withContiguousBytes(
        _ bytes: some Sequence<UInt8>, _ body: (UnsafeRawBufferPointer) -> [UInt8]
    ) -> [UInt8] {
        if let digest = bytes.withContiguousStorageIfAvailable({ body(UnsafeRawBufferPointer($0)) }) { return digest }
        return Array(bytes).withUnsafeBytes(body)
    }
}
