internal import Digest
public import RFC10Content

extension Blobref.Algorithm {
    /// The reference to a blob.
    public func reference(to blob: [UInt8]) -> Blobref {
        blob.withUnsafeBytes { reference(to: $0) }
    }

    /// The reference to a blob.
    public func reference(to blob: UnsafeRawBufferPointer) -> Blobref {
        let digest = self == .sha1 ? Digest.sha1(blob) : Digest.sha256(blob)
        return reference(digest)
    }

    /// The reference to a blob that comes in pieces.
    public func reference(toPieces body: ((UnsafeRawBufferPointer) -> Void) -> Void) -> Blobref {
        var stream = DigestStream(self == .sha1 ? .sha1 : .sha256)
        // A noncopyable value cannot be captured; the pointer does not leave this call.
        withUnsafeMutablePointer(to: &stream) { stream in body { stream.pointee.update($0) } }
        return reference(stream.finish())
    }

    private func reference(_ digest: [UInt8]) -> Blobref {
        do throws(Blobref.ParseError) { return try Blobref(self, digest: digest) } catch {
            preconditionFailure("\(rawValue): \(error)")
        }
    }
}
