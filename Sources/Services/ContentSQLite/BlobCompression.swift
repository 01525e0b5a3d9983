internal import CLZ4

/// How a blob is kept in the `object` column: from 256 bytes on as one LZ4 block, below that as it is.
///
/// Source: job-protocol §1.3 (observed: flux-core 0.88 compresses also what grows by it).
enum BlobCompression {
    static let threshold = 256

    static func compressed(_ blob: UnsafeRawBufferPointer) -> [UInt8]? {
        guard blob.count <= Int(LZ4_MAX_INPUT_SIZE) else { return nil }
        let bound = LZ4_compressBound(Int32(blob.count))
        return [UInt8](unsafeUninitializedCapacity: Int(bound)) { area, count in
            let source = blob.baseAddress?.assumingMemoryBound(to: CChar.self)
            let length = area.withMemoryRebound(to: CChar.self) {
                LZ4_compress_default(source, $0.baseAddress, Int32(blob.count), bound)
            }
            count = Int(max(0, length))
        }
    }

    /// - Returns: nil when the block is damaged or of another size than was written down.
    static func expanded(_ block: UnsafeRawBufferPointer, size: Int) -> [UInt8]? {
        guard size >= 0, size <= Int(LZ4_MAX_INPUT_SIZE) else { return nil }
        var isWhole = false
        let blob = [UInt8](unsafeUninitializedCapacity: size) { area, count in
            let source = block.baseAddress?.assumingMemoryBound(to: CChar.self)
            let length = area.withMemoryRebound(to: CChar.self) {
                LZ4_decompress_safe(source, $0.baseAddress, Int32(block.count), Int32(size))
            }
            isWhole = Int(length) == size
            count = Int(max(0, length))
        }
        return isWhole ? blob : nil
    }
}
