/// Bytes that are being written: memory of the caller at first, memory of its own when that is too small.
///
/// Costs neither a look at a reference count nor an allocation for a byte, which appending to an array does.
struct ByteWriter: ~Copyable {
    private var memory: UnsafeMutableBufferPointer<UInt8>
    private var ownsMemory = false
    /// Number of bytes written.
    private(set) var count = 0

    private init(_ scratch: UnsafeMutableBufferPointer<UInt8>) { memory = scratch }

    deinit {
        if ownsMemory { memory.deallocate() }
    }

    /// Gives `read` what `write` has written.
    static func collect<Result>(
        _ write: (inout ByteWriter) -> Void, _ read: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1000) { scratch in
            var writer = ByteWriter(scratch)
            write(&writer)
            return read(UnsafeBufferPointer(rebasing: writer.memory[..<writer.count]))
        }
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        if count == memory.count { grow(1) }
        memory[count] = byte
        count &+= 1
    }

    @inline(__always)
    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        reserve(bytes.count)
        UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: memory[count...]))
            .copyMemory(from: UnsafeRawBufferPointer(bytes))
        count &+= bytes.count
    }

    mutating func append(_ text: StaticString) {
        append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Makes room for `more` bytes.
    @inline(__always)
    mutating func reserve(_ more: Int) {
        if memory.count &- count < more { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(2 * memory.count, count + more))
        _ = larger.initialize(fromContentsOf: memory[..<count])
        if ownsMemory { memory.deallocate() }
        memory = larger
        ownsMemory = true
    }
}
