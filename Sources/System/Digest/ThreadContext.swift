internal import CCrypto
import Glibc

/// A digest context for each thread, made at its first digest and freed when it ends.
///
/// A context costs two allocations; blobs of a content store are often shorter than that is long.
enum ThreadContext {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let failure = pthread_key_create(&key) { context in EVP_MD_CTX_free(context.map(OpaquePointer.init)) }
        precondition(failure == 0, "no thread-specific data left: error \(failure)")
        return key
    }()

    /// The digest of bytes, in this thread's context.
    static func digest(of bytes: UnsafeRawBufferPointer, _ algorithm: DigestAlgorithm) -> [UInt8] {
        let context = current()
        start(context, algorithm)
        let done = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        precondition(done == 1, "libcrypto: EVP_DigestUpdate failed")
        return result(context, algorithm)
    }

    private static func current() -> OpaquePointer {
        if let known = pthread_getspecific(key) { return OpaquePointer(known) }
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("libcrypto: out of memory") }
        pthread_setspecific(key, UnsafeRawPointer(context))
        return context
    }
}
