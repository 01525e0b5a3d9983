internal import CCrypto

/// A digest of bytes that arrive in pieces.
///
/// ```swift
/// var stream = DigestStream(.sha256)
/// stream.update([0x61, 0x62])
/// let digest = stream.finish()
/// ```
public struct DigestStream: ~Copyable {
    private enum Context {
        case sha1(SHA_CTX)
        case sha256(SHA256_CTX)
    }

    private let algorithm: DigestAlgorithm
    private var context: Context

    /// Starts the digest of no bytes.
    public init(_ algorithm: DigestAlgorithm) {
        self.algorithm = algorithm
        context = Self.start(algorithm)
    }

    /// Adds bytes at the end.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        switch context {
        case .sha1(var state):
            SHA1_Update(&state, bytes.baseAddress, bytes.count)
            context = .sha1(state)
        case .sha256(var state):
            SHA256_Update(&state, bytes.baseAddress, bytes.count)
            context = .sha256(state)
        }
    }

    /// Adds bytes at the end.
    public mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// The digest of everything added since the start or the last call; the stream starts again.
    ///
    /// - Returns: ``DigestAlgorithm/byteCount`` bytes, big endian.
    public mutating func finish() -> [UInt8] {
        let finished = context
        context = Self.start(algorithm)
        return [UInt8](unsafeUninitializedCapacity: algorithm.byteCount) { buffer, count in
            switch finished {
            case .sha1(var state): SHA1_Final(buffer.baseAddress, &state)
            case .sha256(var state): SHA256_Final(buffer.baseAddress, &state)
            }
            count = algorithm.byteCount
        }
    }

    /// A context at the start of a digest. The functions of libcrypto used here cannot fail.
    private static func start(_ algorithm: DigestAlgorithm) -> Context {
        switch algorithm {
        case .sha1:
            var state = SHA_CTX()
            SHA1_Init(&state)
            return .sha1(state)
        case .sha256:
            var state = SHA256_CTX()
            SHA256_Init(&state)
            return .sha256(state)
        }
    }
}
