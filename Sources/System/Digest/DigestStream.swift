internal import CCrypto

/// A digest of bytes that arrive in pieces. It belongs to one owner and frees its context itself.
///
/// ```swift
/// var stream = DigestStream(.sha256)
/// stream.update([0x61, 0x62])
/// let digest = stream.finish()
/// ```
public struct DigestStream: ~Copyable {
    private let context: OpaquePointer
    private let algorithm: DigestAlgorithm

    /// Starts the digest of no bytes.
    public init(_ algorithm: DigestAlgorithm) {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("libcrypto: out of memory") }
        self.context = context
        self.algorithm = algorithm
        start(context, algorithm)
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds bytes at the end.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        let done = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        precondition(done == 1, "libcrypto: EVP_DigestUpdate failed")
    }

    /// Adds bytes at the end.
    public mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// The digest of everything added since the start or the last call; the stream starts again.
    ///
    /// - Returns: ``DigestAlgorithm/byteCount`` bytes, big endian.
    public mutating func finish() -> [UInt8] {
        let digest = result(context, algorithm)
        start(context, algorithm)
        return digest
    }
}

/// Puts a context at the start of a digest.
func start(_ context: OpaquePointer, _ algorithm: DigestAlgorithm) {
    let done = EVP_DigestInit_ex2(context, algorithm.raw, nil)
    precondition(done == 1, "libcrypto: EVP_DigestInit_ex2 failed")
}

/// Takes the digest out of a context.
func result(_ context: OpaquePointer, _ algorithm: DigestAlgorithm) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: algorithm.byteCount) { buffer, count in
        let done = EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
        precondition(done == 1, "libcrypto: EVP_DigestFinal_ex failed")
        count = algorithm.byteCount
    }
}
